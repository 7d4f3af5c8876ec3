"""What ports must not get away with."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from answerable.answer.seam import own_passages, sound_order, sound_vectors
from answerable.core.document import document_id
from answerable.core.errors import Broken, DatabaseUnreachable
from answerable.core.query import Filter, Scope
from answerable.core.seam import seam
from tests.unit.answer.making import make_passage

SCOPE = Scope(tenant="t")


def owned(text="Items can be returned.", *, tenant="t", **changes):
    one = make_passage(text, **changes)
    own = document_id(tenant=tenant, source=one.source, uri=one.uri)
    return replace(one, chunk=replace(one.chunk, document_id=own))


def test_what_is_ours_passes_a_seam_and_what_is_not_becomes_ours():
    with pytest.raises(DatabaseUnreachable), seam("store"):
        raise DatabaseUnreachable("gone")
    with pytest.raises(TimeoutError), seam("store"):
        raise TimeoutError
    with pytest.raises(Broken, match="the store broke: KeyError") as caught, seam("store"):
        raise KeyError("x")
    assert isinstance(caught.value.__cause__, KeyError)


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        "no vectors",
        np.zeros((1, 3), np.float32),
        np.full((1, 4), math.nan, np.float32),
        np.full((1, 4), math.inf, np.float32),
        np.zeros((1, 4), np.float32),
        np.ones((1, 4), np.float32),
        np.ones((2, 4), np.float32) / 2,
        [["a", "b", "c", "d"]],
    ],
)
def test_only_the_right_number_of_unit_vectors_is_believed(given):
    with pytest.raises(Broken):
        sound_vectors(given, count=1, dim=4)


def test_unit_vectors_come_as_they_are():
    given = np.eye(4, dtype=np.float32)[:2]
    assert (sound_vectors(given, count=2, dim=4) == given).all()


@pytest.mark.parametrize(
    ("wrong", "scope"),
    [
        (owned(tenant="rival"), SCOPE),
        (owned(), Scope(tenant="t", filter=Filter(sources=("wiki",)))),
        (owned(), Scope(tenant="t", filter=Filter(languages=("de",)))),
        (owned(), Scope(tenant="t", filter=Filter(documents=("doc_other",)))),
        (owned(score=math.nan), SCOPE),
        (owned(dense=math.inf), SCOPE),
        (replace(owned(), score=None), SCOPE),
        ("no passage", SCOPE),
    ],
)
def test_one_wrong_passage_and_the_whole_search_is_not_believed(wrong, scope):
    good = owned("Sale items are final.", uri="policies/sale.md")
    assert own_passages([good], SCOPE) == [good]
    with pytest.raises(Broken):
        own_passages([good, wrong], scope)


def test_of_a_reranker_only_order_and_scores_are_taken():
    first, second = owned("One.", dense=0.4), owned("Two.")
    lies = replace(first, title="Another", meta={"a": "b"}, score=0.3, scores={"dense": 0.99, "own": 7.0})
    got = sound_order([replace(second, score=1.0), lies], [first, second], limit=5)
    assert got == [
        replace(second, score=1.0),
        replace(first, score=0.3, scores={"dense": 0.4, "own": 7.0}),
    ]


@pytest.mark.parametrize(
    "given",
    [
        [],
        None,
        ["no passage"],
        [owned("Invented.")],
        [owned("One."), owned("One.")],
        [owned("One.", score=math.nan)],
        [owned("One.", score=17.0)],
        [owned("One.", score=-0.1)],
    ],
)
def test_a_reranker_that_invents_repeats_or_scores_nonsense_is_not_believed(given):
    with pytest.raises(Broken):
        sound_order(given, [owned("One."), owned("Two.")], limit=5)


def test_nothing_to_order_is_no_fault():
    assert sound_order([], [], limit=5) == []
    assert sound_order([], [owned("One.")], limit=0) == []
