from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.adapters.fakes.ledger import MemoryLedger
from answerable.core.document import Block, Chunk, Document
from answerable.core.ports import Chunker, Embedder, Kind, Vectors
from answerable.ingest.chunk_auto import AutoChunker, choose
from answerable.ingest.chunk_chat import ChatChunker
from answerable.ingest.chunk_email import EmailChunker
from answerable.ingest.chunk_hierarchical import HierarchicalChunker
from answerable.ingest.chunk_semantic import SemanticChunker
from answerable.ingest.chunk_structure import StructureChunker
from answerable.ingest.marks import curve_of
from answerable.ingest.sentence_vectors import LoopVectors
from answerable.ingest.topics import Bounds, cut_topics, similarity_curve
from answerable.ingest.wiki_headings import with_headings
from answerable.testing.chunker import CHAT, MAIL, WordTokenizer, WordVectors, levels, uncovered

WORDS = WordTokenizer()
LINES = st.lists(
    st.sampled_from(
        [
            "> quoted", ">> deeper", "On Mon, 3 Aug 2026 Bob wrote:", "From: Ann", "Date: today", "Subject: x",
            "[10:00] Ann: How do I reset it?", "Bob (10:05): hold the button", "12:30 Ann: Thanks a lot, Bob!",
            "== Part ==", "= Title =", "A sentence. Another, longer one? Yes.", "", "  ", "- item", "x" * 90,
            "日本語。", "-- ",
        ]
    ),
    max_size=25,
)  # fmt: skip
KINDS = st.sampled_from(["paragraph", "quote", "signature", "message", "table", "list", "code"])


def document(text: str, *blocks: Block, media_type: str = "text/plain", **meta: str) -> Document:
    return Document(
        source="s", uri="u", title="T", text=text, tenant="t", blocks=blocks, media_type=media_type, meta=meta
    )


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Lines that look like mails and chats; sometimes with blocks that a parser would give, badly placed."""
    text = "\n".join(draw(LINES))
    edges = sorted(draw(st.lists(st.integers(0, len(text) + 3), max_size=6)))
    meta = st.sampled_from(
        [{}, {"speaker": "Ann"}, {"speaker": "Bob", "time": "2026-08-03T10:00:00", "depth": "1"}]
    )
    blocks = [
        Block(kind=draw(KINDS), start=start, end=end, meta=draw(meta))
        for start, end in zip(edges[::2], edges[1::2], strict=False)
    ]
    return document(text, *blocks)


def chunkers(limit: int) -> list[Chunker]:
    structure, email = (
        StructureChunker(tokenizer=WORDS, max_tokens=limit),
        EmailChunker(tokenizer=WORDS, max_tokens=limit),
    )
    chat = ChatChunker(tokenizer=WORDS, max_tokens=limit)
    return [
        SemanticChunker(tokenizer=WORDS, vectors=WordVectors(), max_tokens=limit, small_tokens=5),
        HierarchicalChunker(tokenizer=WORDS, max_tokens=limit, small_tokens=5),
        email,
        chat,
        AutoChunker(structure=structure, email=email, chat=chat),
    ]


@given(documents(), st.integers(4, 40))
@settings(deadline=None, max_examples=60)
def test_every_level_holds_the_whole_text_in_bounds_and_in_order(source: Document, limit: int) -> None:
    for chunker in chunkers(limit):
        chunks = chunker.chunk(source)
        assert chunks == chunker.chunk(source)
        assert len({chunk.id for chunk in chunks}) == len(chunks)
        for level in levels(chunks):
            assert uncovered(source.text, level) == ""
            assert all(before.end <= after.start for before, after in pairwise(level))
        for chunk in chunks:
            assert source.text[chunk.start : chunk.end] == chunk.text == chunk.text.strip() != ""
            assert chunk.tokens <= limit


def test_every_key_changes_with_every_parameter() -> None:
    keys = [chunker.key for limit in (100, 200) for chunker in chunkers(limit)]
    semantic = SemanticChunker(tokenizer=WORDS, vectors=WordVectors())
    keys += [semantic.key, replace(semantic, window=2).key, replace(semantic, spread=1.0).key]
    keys += [replace(semantic, small_tokens=9).key, ChatChunker(tokenizer=WORDS, pause_minutes=5).key]
    keys += [HierarchicalChunker(tokenizer=WORDS, sentence_tokens=9).key]
    assert len(set(keys)) == len(keys)


# semantic


SEA = "The sea is salty. The sea has waves. The sea has fish."
TAX = "Tax forms are due in May. Tax forms need a stamp. Tax forms are long."


def semantic(**more: object) -> SemanticChunker:
    return SemanticChunker(tokenizer=WORDS, vectors=WordVectors(), **{"small_tokens": 5, **more})


def test_a_boundary_lies_where_the_topic_changes_and_says_so() -> None:
    first, second = semantic().chunk(document(f"{SEA} {TAX}"))
    assert (first.text, second.text) == (SEA, TAX)
    assert first.meta["boundary"] == "start"
    assert second.meta["boundary"].startswith("topic: similarity 0.")
    assert min(cosine for _, cosine in curve_of(second)) == curve_of(second)[0][1]


def test_the_curve_stands_at_the_sentences() -> None:
    for chunk in semantic().chunk(document(f"{SEA} {TAX}")):
        for offset, cosine in curve_of(chunk):
            assert chunk.text[offset:].startswith(("The sea", "Tax forms"))
            assert -1 <= cosine <= 1


def test_what_would_be_too_long_is_cut_at_the_least_alike_place() -> None:
    chunks = semantic(max_tokens=9).chunk(document(SEA))
    assert len(chunks) == 2
    assert chunks[1].meta["boundary"].startswith(("size: similarity", "topic: similarity"))


def test_a_heading_is_never_parted_from_what_it_announces() -> None:
    text = f"Sea\n\n{SEA}\n\nTax\n\n{TAX}"
    second = text.index("Tax\n")
    blocks = [
        Block(kind="heading", start=0, end=3, level=1, headings=("Sea",)),
        Block(kind="paragraph", start=5, end=5 + len(SEA), headings=("Sea",)),
        Block(kind="heading", start=second, end=second + 3, level=1, headings=("Tax",)),
        Block(kind="paragraph", start=second + 5, end=len(text), headings=("Tax",)),
    ]
    chunks = semantic(spread=-3.0, small_tokens=0).chunk(document(text, *blocks))  # cut wherever one may
    assert [chunk.text for chunk in chunks if chunk.text.startswith(("Sea\n", "Tax\n"))] == [
        "Sea\n\nThe sea is salty.",
        "Tax\n\nTax forms are due in May.",
    ]
    assert {chunk.meta["boundary"] for chunk in chunks} >= {"heading"}


def test_the_curve_is_the_cosine_of_neighboring_windows() -> None:
    vectors = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    assert similarity_curve(vectors, 1) == pytest.approx([1.0, 0.0])
    assert similarity_curve(vectors, 2) == pytest.approx([2**-0.5, 0.0])
    assert similarity_curve(vectors[:1], 3).shape == (0,)


@given(st.lists(st.tuples(st.integers(1, 9), st.floats(-1, 1)), min_size=1, max_size=9), st.floats(-1, 1))
@settings(deadline=None, max_examples=60)
def test_no_other_cuts_lie_deeper(sentences: list[tuple[int, float]], threshold: float) -> None:
    ends = np.cumsum([size for size, _ in sentences]).tolist()
    edges = list(zip([0, *ends], ends, strict=False))
    curve = np.array([cosine for _, cosine in sentences[1:]])
    n = len(sentences)

    def worth(starts: Sequence[int]) -> float:
        sizes = [edges[b - 1][1] - edges[a][0] for a, b in zip(starts, [*starts[1:], n], strict=True)]
        if max(sizes) > 12:
            return -np.inf
        return float(sum(threshold - curve[at - 1] for at in starts[1:]) - sum(size < 3 for size in sizes))

    found = cut_topics(edges, curve, threshold=threshold, bounds=Bounds(most=12, least=3))
    every = [[0, *(at for at in range(1, n) if mask >> at & 1)] for mask in range(0, 2**n, 2)]
    assert worth(found) == pytest.approx(max(map(worth, every)))


class Counting(HashEmbedder):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    async def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        self.texts += texts
        return await super().embed(texts, kind=kind)


def test_who_replied_may_ask_back() -> None:
    chat = spoken(
        ("Ann", "", "How do I reset it?"),
        ("Bob", "", "Which of the two hubs do you have?"),
        ("Ann", "", "The new one."),
        ("Bob", "", "Hold the button."),
        ("Ann", "", "And how long does that take?"),
        ("Bob", "", "A minute."),
    )
    first, second = ChatChunker(tokenizer=WORDS).chunk(chat)
    assert first.text.endswith("Hold the button.")
    assert second.meta["boundary"] == "question after a reply"


async def test_vectors_come_through_the_loop_and_each_sentence_is_embedded_once() -> None:
    embedder: Embedder = Counting()
    loop = asyncio.get_running_loop()
    vectors = LoopVectors(embedder=embedder, loop=loop, ledger=MemoryLedger(), tenant="t")
    rows = await asyncio.to_thread(vectors.vectors, ["one", "two", "one"])
    again = await asyncio.to_thread(vectors.vectors, ["two"])
    assert rows.shape == (3, 64)
    assert np.array_equal(rows[0], rows[2])
    assert np.array_equal(again[0], rows[1])
    assert embedder.texts == ["one", "two"]
    assert (await asyncio.to_thread(vectors.vectors, [])).shape == (0, 64)
    assert vectors.key == embedder.model.key


# hierarchical


def test_a_sentence_leads_to_its_paragraph_and_that_to_its_section() -> None:
    text = "First is here. Second is here.\n\nThird is there."
    chunks = HierarchicalChunker(tokenizer=WORDS, max_tokens=40, sentence_tokens=1).chunk(document(text))
    sentences, paragraphs, sections = levels(chunks)
    assert [one.text for one in sentences] == ["First is here.", "Second is here.", "Third is there."]
    assert [one.text for one in paragraphs] == ["First is here. Second is here.", "Third is there."]
    assert [one.text for one in sections] == [text]
    assert [one.meta["siblings"] for one in sentences] == ["2", "2", "1"]
    assert {one.parent for one in paragraphs} == {sections[0].id}


# mails


def mail(**more: object) -> list[Chunk]:
    return EmailChunker(tokenizer=WORDS, max_tokens=50).chunk(document(MAIL, **more))


def test_a_mail_in_plain_text_is_cut_into_header_words_signature_and_quotation() -> None:
    header, new, signature, quoted = mail()
    assert header.meta["kind"] == "header"
    assert new.text.startswith("Hello Bob")
    assert new.text.endswith("goes back to us?")
    assert "kind" not in new.meta
    assert (signature.text, signature.meta["kind"]) == ("--\nAnn\nTechCorp", "signature")
    assert quoted.meta["kind"] == "quote"
    assert quoted.text.startswith("On Mon, 3 Aug 2026")
    assert [one.meta["boundary"] for one in (header, new, signature, quoted)] == [
        "header", "message", "signature", "quoted text",
    ]  # fmt: skip


def test_from_date_and_subject_are_kept_with_what_is_new() -> None:
    new = mail()[1]
    assert new.meta["from"] == "Ann <ann@example.com>"
    assert new.meta["date"] == "Tue, 4 Aug 2026 10:00:00 +0200"
    assert new.meta["subject"] == "Returns"


def test_the_blocks_of_a_parsed_mail_go_before_its_lines() -> None:
    text = "Yes, do.\n\n> Shall we?\n\nAnn"
    own = {"speaker": "Ann", "time": "2026-08-04"}
    blocks = [
        Block(kind="paragraph", start=0, end=8, meta=own),
        Block(kind="quote", start=10, end=21, meta={"speaker": "Bob", "depth": "1", "history": "1"}),
        Block(kind="signature", start=23, end=26, meta=own),
    ]
    new, quoted, signature = EmailChunker(tokenizer=WORDS).chunk(document(text, *blocks))
    assert (new.meta["from"], new.meta["date"], new.meta["subject"]) == ("Ann", "2026-08-04", "T")
    assert quoted.meta["from"] == "Bob"
    assert "date" not in quoted.meta
    assert signature.meta["kind"] == "signature"


def test_a_long_message_is_cut_and_stays_one_message() -> None:
    text = " ".join(f"Sentence {n} has six words." for n in range(20))
    pieces = EmailChunker(tokenizer=WORDS, max_tokens=30).chunk(document(text, **{"from": "Ann"}))
    assert [one.meta["boundary"] for one in pieces] == ["message", "size", "size", "size"]
    assert {one.meta["from"] for one in pieces} == {"Ann"}


# chats


def test_a_question_stays_with_its_replies_and_a_pause_ends_the_exchange() -> None:
    first, second = ChatChunker(tokenizer=WORDS).chunk(document(CHAT))
    assert first.text.endswith("Thanks!")
    assert first.meta["speaker"] == "Ann, Bob"
    assert (first.meta["time"], first.meta["until"]) == ("10:00", "10:02")
    assert second.text.startswith("[11:30] Ann")
    assert (first.meta["boundary"], second.meta["boundary"]) == ("start", "pause of 88 minutes")


def test_messages_with_a_clock_are_told_apart_where_a_parser_joined_their_lines() -> None:
    joined = CHAT.replace("\n", " ")
    chunks = ChatChunker(tokenizer=WORDS, max_tokens=12).chunk(document(joined))
    assert all(one.text.startswith("[1") for one in chunks)
    assert choose(document(joined)).strategy == "chat"


def spoken(*messages: tuple[str, str, str]) -> Document:
    text, blocks = "", []
    for who, time, said in messages:
        line = f"{who}: {said}"
        meta = {key: value for key, value in (("speaker", who), ("time", time)) if value}
        blocks.append(Block(kind="message", start=len(text), end=len(text) + len(line), meta=meta))
        text += line + "\n"
    return document(text, *blocks)


def test_a_pause_begins_an_exchange_and_its_length_is_told() -> None:
    chat = spoken(("Ann", "2026-08-04T10:00:00Z", "Hello."), ("Ann", "2026-08-04T10:45:00Z", "Nobody there."))
    assert [one.meta["boundary"] for one in ChatChunker(tokenizer=WORDS).chunk(chat)] == [
        "start",
        "pause of 45 minutes",
    ]


def test_where_one_side_is_an_assistant_each_turn_of_the_other_begins_an_exchange() -> None:
    chat = spoken(
        ("user", "", "Write a poem."),
        ("assistant", "", "Roses."),
        ("user", "", "Longer."),
        ("assistant", "", "Red roses."),
    )
    assert [one.text.count("\n") for one in ChatChunker(tokenizer=WORDS).chunk(chat)] == [1, 1]


def test_a_long_exchange_is_cut_between_messages() -> None:
    chat = spoken(
        ("Ann", "", "How does this long thing work?"), *(("Bob", "", f"Step {n} is this one.") for n in range(9))
    )
    pieces = ChatChunker(tokenizer=WORDS, max_tokens=20).chunk(chat)
    assert len(pieces) > 2
    assert all(one.text.startswith(("Ann:", "Bob:")) for one in pieces)
    assert {one.meta["boundary"] for one in pieces[1:]} == {"size"}


# auto


@pytest.mark.parametrize(
    ("source", "strategy", "least"),
    [
        (document("Hi", media_type="message/rfc822", **{"from": "Ann"}), "email", 1.0),
        (document(MAIL), "email", 0.9),
        (document(CHAT), "chat", 0.9),
        (spoken(("Ann", "", "Hi")), "chat", 1.0),
        (document("Note: call them.\nTax: none.\nPrice: 3.\nColor: red.\n"), "structure", 0.6),
        (document("A text about mails. It says: From: somebody."), "structure", 0.6),
        (document(MAIL, media_type="application/pdf"), "structure", 1.0),
    ],
)
def test_the_way_of_cutting_is_chosen_by_what_the_document_is(
    source: Document, strategy: str, least: float
) -> None:
    choice = choose(source)
    assert choice.strategy == strategy
    assert least <= choice.confidence <= 1.0
    assert choice.why


def test_what_was_chosen_stands_in_every_chunk() -> None:
    chunks = chunkers(50)[-1].chunk(document(CHAT))
    assert {one.meta["auto"] for one in chunks} == {str(choose(document(CHAT)))}
    assert chunks[0].meta["auto"].startswith("chat 0.95: 5 lines open a message")


# headings of wikis


def test_wiki_headings_give_a_plain_text_its_sections() -> None:
    text = " = Valkyria = \n A game . \n = = Music = = \n The music was composed . \n = Maskray = \n A fish . \n"
    chunks = StructureChunker(tokenizer=WORDS, small_tokens=0).chunk(document(text))
    assert [one.headings for one in chunks] == [("Valkyria",), ("Valkyria", "Music"), ("Maskray",)]
    assert chunks[1].text == "= = Music = = \n The music was composed ."


def test_blocks_of_a_parser_are_parted_at_wiki_headings() -> None:
    text = "Before.\n== Part ==\nAfter."
    whole = Block(kind="list", start=0, end=len(text), meta={"speaker": "Ann"})
    blocks = with_headings(document(text, whole)).blocks
    assert [(one.kind, one.headings) for one in blocks] == [
        ("list", ()),
        ("heading", ("Part",)),
        ("list", ("Part",)),
    ]
    assert [dict(one.meta) for one in blocks] == [{"speaker": "Ann"}, {}, {"speaker": "Ann"}]


@pytest.mark.parametrize("text", ["a = b\n", "= open\n", "== two =\n", "=====\n", "x = 1 = y\n"])
def test_what_only_has_equal_signs_is_no_heading(text: str) -> None:
    source = document(text)
    assert with_headings(source) is source


def test_headings_of_a_parser_stay_as_they_are() -> None:
    source = document("Top\n== Part ==\n", Block(kind="heading", start=0, end=3, level=1, headings=("Top",)))
    assert with_headings(source) is source
