from __future__ import annotations

from answerable.core.document import Chunk
from answerable.ingest.boundaries import boundaries
from answerable.ingest.chunk_page import write_page
from answerable.ingest.describe import describe, sparkline

TEXT = "Intro\nline two\n\nLost words\n\nThe end"


def chunk(start: int, end: int, **more: object) -> Chunk:
    return Chunk(document_id="doc_1", start=start, end=end, text=TEXT[start:end], **more)


def test_boundaries_are_drawn_over_the_text() -> None:
    first = chunk(0, 14, tokens=3, headings=("Guide", "Start"), meta={"page": "2"})
    last = chunk(28, 35, tokens=2)
    lines = describe(TEXT, [last, first])
    assert lines[0] == "2 chunks of 35 characters, 2 to 3 tokens, 2 on average"
    assert lines[1].startswith(f"── 1 · {first.id} · 0-14 · 3 tokens · start · Guide > Start · page=2 ──")
    assert lines[2:4] == ["Intro", "line two"]
    assert lines[4].startswith("── in no chunk: 10 characters ──")
    assert lines[5] == "Lost words"
    assert lines[6].startswith(f"── 2 · {last.id} · 28-35 · 2 tokens · size, between paragraphs ──")
    assert lines[7:] == ["The end"]


def test_an_overlap_is_said() -> None:
    lines = describe(TEXT, [chunk(0, 14), chunk(6, 26)])
    assert "   the first 8 characters repeat the end of the chunk before" in lines


def test_a_parent_is_a_rule_over_its_first_child() -> None:
    parent = chunk(0, 35, level=1, tokens=6)
    children = [chunk(0, 14, parent=parent.id), chunk(16, 35, parent=parent.id)]
    lines = describe(TEXT, [*children, parent])
    rules = [line for line in lines if parent.id in line]
    assert len(rules) == 1
    assert rules[0].startswith("══ paragraph")
    assert lines.index(rules[0]) < next(n for n, line in enumerate(lines) if children[0].id in line)
    assert "above them: 1 paragraphs in 0 sections" in lines


def test_a_document_without_chunks_says_so() -> None:
    assert describe("", []) == ["0 chunks of 0 characters"]


def test_what_auto_chose_stands_at_the_top_and_not_in_every_rule() -> None:
    chosen = {"auto": "email 1.00: a mail by its media type"}
    lines = describe(TEXT, [chunk(0, 14, meta=chosen), chunk(16, 35, meta=chosen)])
    assert "chosen for this document: email 1.00: a mail by its media type" in lines
    assert "auto=" not in "\n".join(lines)


def test_a_cut_inside_a_sentence_is_called_so_and_counted() -> None:
    text = "One sentence here. Another one there. The third is cut in two."
    spans = [(0, 18), (19, 47), (48, len(text))]
    chunks = [Chunk(document_id="d", start=a, end=b, text=text[a:b]) for a, b in spans]
    assert [one.why for one in boundaries(text, chunks)] == [
        "start",
        "size, between sentences",
        "inside a sentence",
    ]
    assert "1 of 2 boundaries are inside a sentence" in describe(text, chunks)


def test_the_reason_that_a_chunker_gave_goes_before_what_is_seen() -> None:
    (_, second) = boundaries(TEXT, [chunk(0, 14), chunk(16, 26, meta={"boundary": "pause of 40 minutes"})])
    assert second.why == "pause of 40 minutes"


def test_a_heading_and_a_change_of_kind_are_seen() -> None:
    found = boundaries(
        TEXT,
        [
            chunk(0, 14),
            chunk(16, 26, headings=("Lost",)),
            chunk(28, 35, meta={"kind": "quote"}, headings=("Lost",)),
        ],
    )
    assert [one.why for one in found] == ["start", "heading", "quote"]


def test_the_curve_is_drawn_as_bars() -> None:
    assert sparkline([-0.5, 0.0, 0.5, 1.0]) == "▁▁▅█"
    lines = describe(TEXT, [chunk(0, 26, meta={"curve": "[[0,0.25],[15,0.5]]"})])
    assert "   similarity ▃▅  0.25 to 0.50" in lines


def test_the_page_shows_the_text_and_runs_nothing_of_it() -> None:
    text = "<script>alert(1)</script> & more. The end."
    whole = Chunk(
        document_id="d", start=0, end=len(text), text=text, meta={"curve": "[[34,0.5]]", "speaker": "<b>"}
    )
    page = write_page("<i>title</i>", text, [whole])
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more." in page
    assert "speaker=&lt;b&gt;" in page
    assert "<title>Chunks of &lt;i&gt;title&lt;/i&gt;</title>" in page
    assert f'points="{1000 * 34 / len(text):.1f},50.0"' in page


def test_the_page_marks_what_is_repeated_and_what_is_in_no_chunk() -> None:
    page = write_page("t", TEXT, [chunk(0, 10), chunk(6, 14)])
    assert '<span class="again">line</span>' in page
    assert "Lost words\n\nThe end" in page
