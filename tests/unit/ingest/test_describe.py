from __future__ import annotations

from answerable.core.document import Chunk
from answerable.ingest.describe import describe

TEXT = "Intro\nline two\n\nLost words\n\nThe end"


def chunk(start: int, end: int, **more: object) -> Chunk:
    return Chunk(document_id="doc_1", start=start, end=end, text=TEXT[start:end], **more)


def test_boundaries_are_drawn_over_the_text() -> None:
    first = chunk(0, 14, tokens=3, headings=("Guide", "Start"), meta={"page": "2"})
    last = chunk(28, 35, tokens=2)
    lines = describe(TEXT, [last, first])
    assert lines[0] == "2 chunks of 35 characters, 2 to 3 tokens, 2 on average"
    assert lines[1].startswith(f"── 1 · {first.id} · 0-14 · 3 tokens · Guide > Start · page=2 ──")
    assert lines[2:4] == ["Intro", "line two"]
    assert lines[4].startswith("── in no chunk: 10 characters ──")
    assert lines[5] == "Lost words"
    assert lines[6].startswith(f"── 2 · {last.id} · 28-35 · 2 tokens ──")
    assert lines[7:] == ["The end"]


def test_an_overlap_is_said() -> None:
    lines = describe(TEXT, [chunk(0, 14), chunk(6, 26)])
    assert "   the first 8 characters repeat the end of the chunk before" in lines


def test_only_the_searched_level_is_drawn() -> None:
    assert len(describe(TEXT, [chunk(0, 35, level=1)])) == len(TEXT.splitlines()) + 2


def test_a_document_without_chunks_says_so() -> None:
    assert describe("", []) == ["0 chunks of 0 characters"]
