"""Answering without a model: exact sentences, cited, or nothing."""

from dataclasses import replace

import pytest

from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.answer.candidates import candidates
from answerable.answer.draft import read_draft
from answerable.answer.extractive import NO_ANSWER, Extractive
from answerable.answer.question import AnswerKind, answer_kind, holds_kind
from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import ModelUnreachable
from answerable.core.prompt import Rendered
from answerable.text.stems import stems
from tests.unit.answer.making import make_blocks, make_passage

RETURNS = make_passage(
    "Our shop was founded in 1998. Items can be returned within 30 days of delivery. "
    "Do you have more questions about returning items? It does not apply to sale items."
)
COUPONS = make_passage(
    "Orders with SUMMER20 are refunded as store credit. Coupons cannot be combined.",
    uri="policies/coupons.md",
    title="Coupons",
    section="SUMMER20",
)


def rendered(question: str, *passages) -> Rendered:
    weights = dict.fromkeys(stems(question), 1.0)
    blocks = make_blocks(*passages)
    return Rendered(
        prompt_id="answer",
        version="1",
        sha256="",
        system="",
        user="",
        question=question,
        blocks=blocks,
        weights=weights,
    )


async def test_the_answering_sentence_is_quoted_exactly_and_cited():
    question = "Within how many days can items be returned?"
    completion = await Extractive().complete(rendered(question, COUPONS, RETURNS), deadline=Deadline.after(5))
    first = read_draft(completion.text)[0]
    assert (first.text, first.cited) == ("Items can be returned within 30 days of delivery.", (2,))


async def test_every_sentence_stands_in_the_block_it_cites():
    question = "Are returned items with SUMMER20 refunded as store credit or within 30 days?"
    blocks = make_blocks(RETURNS, COUPONS)
    completion = await Extractive(embedder=HashEmbedder()).complete(
        rendered(question, RETURNS, COUPONS), deadline=Deadline.after(5)
    )
    read = read_draft(completion.text)
    assert {number for one in read for number in one.cited} == {1, 2}
    for one in read:
        assert one.text in blocks[one.cited[0] - 1].passage.chunk.text


async def test_nothing_to_quote_is_no_answer():
    completion = await Extractive().complete(rendered("What?"), deadline=Deadline.after(5))
    assert completion.text == NO_ANSWER


async def test_where_the_best_sentence_is_of_a_suspicious_page_nothing_worse_is_said_instead():
    marked = replace(RETURNS, chunk=replace(RETURNS.chunk, meta={"suspicion": "classifier"}))
    question = "Within how many days can items be returned?"
    alone = await Extractive().complete(rendered(question, COUPONS, marked), deadline=Deadline.after(5))
    assert alone.text == NO_ANSWER
    same = await Extractive().complete(rendered(question, marked, RETURNS), deadline=Deadline.after(5))
    assert next(one.cited for one in read_draft(same.text)) == (2,)


async def test_a_stream_is_the_text_and_then_the_completion():
    asked = rendered("Within how many days can items be returned?", RETURNS)
    pieces = [piece async for piece in Extractive().stream(asked, deadline=Deadline.after(5))]
    assert isinstance(pieces[-1], Completion)
    assert pieces[:-1] == [pieces[-1].text]


class Dead(HashEmbedder):
    async def embed(self, texts, *, kind):
        raise ModelUnreachable("nobody there")


async def test_without_an_embedder_words_have_to_do():
    asked = rendered("Within how many days can items be returned?", RETURNS)
    with_dead = await Extractive(embedder=Dead()).complete(asked, deadline=Deadline.after(5))
    assert "30 days" in with_dead.text


def test_headings_and_fragments_are_no_candidates():
    passage = make_passage("Time limits\n\nItems can be returned within 30 days. Yes.", section="Time limits")
    (block,) = make_blocks(passage)
    assert [one.text for one in candidates(block)] == ["Items can be returned within 30 days."]


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How much does shipping cost?", AnswerKind.MONEY),
        ("How long do I have?", AnswerKind.NUMBER),
        ("Wie lange habe ich Zeit?", AnswerKind.NUMBER),
        ("¿Cuánto cuesta el envío?", AnswerKind.MONEY),
        ("When was it founded?", AnswerKind.DATE),
        ("Who repairs my phone?", AnswerKind.PERSON),
        ("Where is the store?", AnswerKind.PLACE),
        ("Can I return it?", AnswerKind.OTHER),
    ],
)
def test_a_question_says_what_kind_of_answer_it_wants(question, kind):
    assert answer_kind(question) is kind


def test_a_sentence_holds_a_kind():
    assert holds_kind("It costs 4.90 euros.", AnswerKind.MONEY)
    assert holds_kind("It opened on 3 May 2020.", AnswerKind.DATE)
    assert not holds_kind("It costs nothing special.", AnswerKind.NUMBER)
