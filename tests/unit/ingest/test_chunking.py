from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.core.document import Block, Chunk, Document
from answerable.core.errors import ConfigError
from answerable.core.passage import Passage
from answerable.ingest.chunk_fixed import FixedChunker
from answerable.ingest.chunk_structure import StructureChunker
from answerable.testing.chunker import WordTokenizer, uncovered

KINDS = ("heading", "paragraph", "list", "table", "code", "quote", "message")
WORDS = st.sampled_from(
    ["a", "Mr.", "end.", "so?", "3.", "- item", "| cell |", "wörd", "日本語。", "\n", "\n\n", "\t", "x" * 90]
)


def document(text: str, *blocks: Block) -> Document:
    return Document(source="s", uri="u", title="T", text=text, tenant="t", blocks=blocks)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Blocks with gaps and blanks between them, some overlapping, some past the end, as a parser may err."""
    text, blocks, path = "", [], ()
    for _ in range(draw(st.integers(0, 12))):
        kind = draw(st.sampled_from(KINDS))
        piece = draw(st.sampled_from(["", " "])) + " ".join(draw(st.lists(WORDS, max_size=30)))
        level = draw(st.integers(1, 6)) if kind == "heading" else 0
        if kind == "heading":
            piece = piece.replace("\n", " ")[:40]
            path = (*path[: level - 1], piece.strip())
        start = max(0, len(text) - draw(st.sampled_from([0, 0, 0, 3])))
        end = start + len(piece) + draw(st.sampled_from([0, 0, 0, 5]))
        text += piece
        if draw(st.sampled_from([True, True, True, False])):
            meta = draw(st.sampled_from([{}, {"speaker": "Ann"}]))
            blocks.append(Block(kind=kind, start=start, end=end, level=level, headings=path, meta=meta))
        text += draw(st.sampled_from(["\n\n", "\n", " ", ""]))
    return document(text, *blocks)


def words(text: str) -> int:
    return len(text.split())


def check(source: Document, chunks: list[Chunk], limit: int) -> None:
    for chunk in chunks:
        assert source.text[chunk.start : chunk.end] == chunk.text == chunk.text.strip() != ""
        assert chunk.tokens <= limit
        assert len(chunk.text) <= 64 * (limit + 1) + 64
    assert uncovered(source.text, chunks) == ""
    assert len({chunk.id for chunk in chunks}) == len(chunks)


@given(documents(), st.integers(1, 40), st.integers(0, 20))
@settings(deadline=None)
def test_structure_chunks_hold_the_whole_text_in_bounds_and_in_order(
    source: Document, limit: int, small: int
) -> None:
    chunks = StructureChunker(tokenizer=WordTokenizer(), max_tokens=limit, small_tokens=small).chunk(source)
    check(source, chunks, limit)
    for before, after in itertools.pairwise(chunks):
        assert before.end <= after.start


@given(documents(), st.integers(1, 40), st.data())
@settings(deadline=None)
def test_fixed_chunks_hold_the_whole_text_in_bounds(source: Document, size: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, size - 1))
    respect = data.draw(st.sampled_from(["token", "sentence"]))
    chunker = FixedChunker(tokenizer=WordTokenizer(), size=size, overlap=overlap, respect=respect)
    chunks = chunker.chunk(source)
    check(source, chunks, size)
    for before, after in itertools.pairwise(chunks):
        assert words(source.text[after.start : before.end]) <= overlap + 1


@given(documents(), st.integers(20, 60))  # no heading is longer than 20 tokens
@settings(deadline=None)
def test_no_chunk_crosses_a_heading_of_its_sections_level_or_above(source: Document, limit: int) -> None:
    source = replace(source, blocks=_disjoint(source))
    chunks = StructureChunker(tokenizer=WordTokenizer(), max_tokens=limit).chunk(source)
    headings = [block for block in source.blocks if block.kind == "heading"]
    for chunk in chunks:
        inside = [one for one in headings if chunk.start <= one.start < chunk.end]
        lead = _leading(source, chunk, inside)
        above = [one for one in headings if one.start < chunk.start]
        level = (lead or above)[-1].level if lead or above else 0
        assert all(one.level > level for one in inside[len(lead) :])


def _disjoint(source: Document) -> tuple[Block, ...]:
    """The blocks as the chunkers see them: cut where they overlap, without blanks at their edges."""
    kept: list[Block] = []
    for block in sorted(source.blocks, key=lambda one: one.start):
        start = max(block.start, kept[-1].end if kept else 0)
        shown = source.text[start : block.end]
        start += len(shown) - len(shown.lstrip())
        if shown.strip():
            kept.append(replace(block, start=start, end=start + len(shown.strip())))
    return tuple(kept)


def _leading(source: Document, chunk: Chunk, inside: list[Block]) -> list[Block]:
    """The headings that the chunk begins with, before any text."""
    at, lead = chunk.start, []
    for heading in inside:
        if source.text[at : heading.start].strip():
            break
        lead.append(heading)
        at = heading.end
    return lead


def built(*pieces: tuple[str, str, int]) -> Document:
    """A document of (kind, text, level) blocks, with heading paths by level."""
    text, blocks, path = "", [], ()
    for kind, piece, level in pieces:
        if kind == "heading":
            path = (*path[: level - 1], piece)
        blocks.append(Block(kind=kind, start=len(text), end=len(text) + len(piece), level=level, headings=path))
        text += piece + "\n\n"
    return document(text, *blocks)


def cut(source: Document, limit: int, small: int = 0) -> list[str]:
    chunker = StructureChunker(tokenizer=WordTokenizer(), max_tokens=limit, small_tokens=small)
    return [chunk.text for chunk in chunker.chunk(source)]


def run_of(word: str, count: int) -> str:
    return " ".join(f"{word}{n}" for n in range(count))


def test_small_neighbors_of_a_section_merge() -> None:
    source = built(("heading", "H", 1), ("paragraph", "one", 0), ("list", "- two", 0), ("paragraph", "three", 0))
    assert cut(source, 10) == ["H\n\none\n\n- two\n\nthree"]


def test_sections_of_the_same_level_stay_apart_however_small() -> None:
    source = built(("heading", "A", 2), ("paragraph", "one", 0), ("heading", "B", 2), ("paragraph", "two", 0))
    assert cut(source, 100, small=50) == ["A\n\none", "B\n\ntwo"]


def test_a_small_subsection_joins_the_section_it_stands_under() -> None:
    source = built(
        ("heading", "A", 1), ("paragraph", run_of("a", 6), 0), ("heading", "B", 2), ("paragraph", "two", 0)
    )
    assert len(cut(source, 20, small=5)) == 1
    assert len(cut(source, 20, small=2)) == 2
    assert len(cut(source, 8, small=5)) == 2


def test_headings_without_text_lead_to_the_text_that_follows() -> None:
    source = built(("heading", "A", 1), ("heading", "B", 2), ("heading", "C", 2), ("paragraph", "text", 0))
    chunks = StructureChunker(tokenizer=WordTokenizer()).chunk(source)
    assert [chunk.text for chunk in chunks] == ["A\n\nB\n\nC\n\ntext"]
    assert chunks[0].headings == ("A", "C")


def test_a_heading_is_not_left_alone_when_its_paragraph_is_long() -> None:
    source = built(("heading", "A", 1), ("paragraph", f"{run_of('x', 9)}. {run_of('y', 9)}.", 0))
    assert cut(source, 10) == [f"A\n\n{run_of('x', 9)}.", f"{run_of('y', 9)}."]


@pytest.mark.parametrize("kind", ["table", "code"])
def test_tables_and_code_stay_whole_where_they_fit(kind: str) -> None:
    rows = "\n".join(f"r{n} a b c" for n in range(5))
    source = built(("heading", "A", 1), ("paragraph", run_of("x", 15), 0), (kind, rows, 0))
    assert cut(source, 20)[-1] == rows
    exact = built(("heading", "A", 1), (kind, rows, 0))
    assert cut(exact, 20) == ["A", rows]


def test_a_long_table_is_cut_between_rows() -> None:
    source = built(("table", "\n".join(f"r{n} a. b c" for n in range(10)), 0))
    for text in cut(source, 13):
        assert text.startswith("r")
        assert words(text) % 4 == 0


def test_a_long_list_is_cut_between_items() -> None:
    items = [f"- item {n}. It has a second sentence." for n in range(6)]
    assert cut(built(("list", "\n".join(items), 0)), 9) == items


def test_a_long_paragraph_is_cut_between_sentences_and_evenly() -> None:
    text = " ".join(f"Sentence {n} has six words." for n in range(12))
    sizes = [words(one) for one in cut(built(("paragraph", text, 0)), 25)]
    assert sum(sizes) == 60
    assert sizes == [20, 20, 20]


def test_lines_that_end_like_paragraphs_are_cut_at_before_sentences() -> None:
    lines = [f"First of {n}. Second of {n}." for n in range(4)]
    assert cut(document("\n".join(lines)), 9) == lines


def test_a_plain_text_is_cut_at_blank_lines() -> None:
    assert cut(document(f"{run_of('a', 8)}\n \n{run_of('b', 8)}\n\n\n{run_of('c', 8)}"), 10) == [
        run_of("a", 8),
        run_of("b", 8),
        run_of("c", 8),
    ]


def test_a_quote_is_a_chunk_of_its_own_and_says_so() -> None:
    source = built(("paragraph", "I agree.", 0), ("quote", "> shall we?", 0), ("paragraph", "Yes.", 0))
    chunks = StructureChunker(tokenizer=WordTokenizer(), max_tokens=50).chunk(source)
    assert [chunk.text for chunk in chunks] == ["I agree.", "> shall we?", "Yes."]
    assert [dict(chunk.meta) for chunk in chunks] == [{}, {"kind": "quote"}, {}]


def test_a_quote_in_a_small_subsection_stays_alone() -> None:
    source = built(
        ("heading", "A", 1), ("paragraph", "I agree.", 0), ("heading", "B", 2), ("quote", "> shall we?", 0)
    )
    assert cut(source, 50, small=40) == ["A\n\nI agree.", "B\n\n> shall we?"]


def test_a_chunk_knows_its_first_page_and_what_all_its_blocks_say() -> None:
    text = "Ann: one\n\nAnn: two\n\nBob: three"
    blocks = (
        Block(kind="message", start=0, end=8, page=3, meta={"speaker": "Ann", "time": "1"}),
        Block(kind="message", start=10, end=18, page=4, meta={"speaker": "Ann", "time": "2"}),
        Block(kind="message", start=20, end=30, page=4, meta={"speaker": "Bob", "time": "3"}),
    )
    both, last = StructureChunker(tokenizer=WordTokenizer(), max_tokens=4).chunk(document(text, *blocks))
    assert both.text == "Ann: one\n\nAnn: two"
    assert both.meta == {"speaker": "Ann", "page": "3", "kind": "message"}
    assert last.meta == {"speaker": "Bob", "time": "3", "page": "4", "kind": "message"}


def test_a_long_run_without_a_token_counts_as_several() -> None:
    (whole,) = StructureChunker(tokenizer=WordTokenizer(), max_tokens=10).chunk(document("x" * 640))
    assert whole.tokens == 10
    assert len(StructureChunker(tokenizer=WordTokenizer(), max_tokens=10).chunk(document("x" * 641))) == 2


def test_a_monster_is_cut_at_a_blank_where_one_is_near() -> None:
    chunks = cut(document("word " * 100), 30)
    assert all(set(chunk.split()) == {"word"} for chunk in chunks)


def test_fixed_windows_overlap_by_the_asked_number_of_tokens() -> None:
    chunks = FixedChunker(tokenizer=WordTokenizer(), size=10, overlap=3).chunk(document(run_of("w", 24)))
    assert [chunk.text.split()[0] for chunk in chunks] == ["w0", "w7", "w14"]
    assert [chunk.tokens for chunk in chunks] == [10, 10, 10]


def test_fixed_windows_that_respect_sentences_begin_and_end_with_one() -> None:
    source = document(" ".join(f"Sentence {n} has six words." for n in range(12)))
    chunks = FixedChunker(tokenizer=WordTokenizer(), size=22, overlap=5, respect="sentence").chunk(source)
    for chunk in chunks:
        assert chunk.text.startswith("Sentence")
        assert chunk.text.endswith("words.")
    assert [chunk.tokens for chunk in chunks] == [20, 20, 20, 15]


def test_a_fixed_chunk_has_the_headings_of_its_first_word() -> None:
    source = built(
        ("heading", "A", 1), ("paragraph", run_of("a", 6), 0), ("heading", "B", 1), ("paragraph", "last", 0)
    )
    chunks = FixedChunker(tokenizer=WordTokenizer(), size=7, overlap=0).chunk(source)
    assert [chunk.headings for chunk in chunks] == [("A",), ("B",)]


@pytest.mark.parametrize(("size", "overlap"), [(10, 10), (10, -1), (0, 0)])
def test_an_overlap_that_does_not_fit_is_refused(size: int, overlap: int) -> None:
    with pytest.raises(ConfigError, match="overlap"):
        FixedChunker(tokenizer=WordTokenizer(), size=size, overlap=overlap)


def test_the_key_changes_with_every_parameter() -> None:
    structure = StructureChunker(tokenizer=WordTokenizer())
    fixed = FixedChunker(tokenizer=WordTokenizer())
    keys = [
        structure.key,
        replace(structure, max_tokens=100).key,
        replace(structure, small_tokens=10).key,
        fixed.key,
        replace(fixed, size=400).key,
        replace(fixed, overlap=40).key,
        replace(fixed, respect="sentence").key,
    ]
    assert len(set(keys)) == len(keys)


def test_a_chunk_of_several_sections_knows_what_stands_under_which() -> None:
    text = "Guide\n\nIntro.\n\nReset\n\nPress the button."
    spans = [(0, 5, "heading", 1, ("Guide",)), (7, 13, "paragraph", 0, ("Guide",))]
    spans += [(15, 20, "heading", 2, ("Guide", "Reset")), (22, 39, "paragraph", 0, ("Guide", "Reset"))]
    blocks = tuple(Block(kind=k, start=a, end=b, level=n, headings=h) for a, b, k, n, h in spans)
    (whole,) = StructureChunker(tokenizer=WordTokenizer()).chunk(document(text, *blocks))
    passage = Passage(chunk=whole, score=1.0, title="Guide")
    assert (passage.section, passage.section_at(text.index("Intro"))) == ("", "")
    assert passage.section_at(text.index("Press")) == "Reset"
