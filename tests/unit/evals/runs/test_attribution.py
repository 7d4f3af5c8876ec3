"""The step at which the words that answer a case were lost."""

from __future__ import annotations

import pytest

from answerable.evals.runs.attribution import Lost, Way, lost_at


def way(in_corpus=True, whole=True, found=True, kept=True):
    return Way(in_corpus=in_corpus, whole=whole, found=found, kept=kept)


@pytest.mark.parametrize(
    ("one", "lost"),
    [
        (way(in_corpus=False, whole=False, found=False, kept=False), Lost.CORPUS),
        (way(whole=False, found=False, kept=False), Lost.CUT),
        (way(found=False, kept=False), Lost.SEARCH),
        (way(kept=False), Lost.RERANKING),
        (way(), Lost.USE),
        (way(whole=False, kept=False), Lost.RERANKING),
        (way(whole=False), Lost.USE),
    ],
)
def test_the_earliest_step_that_the_words_did_not_pass(one, lost):
    assert lost_at([one]) is lost


def test_of_several_spans_the_one_that_was_lost_first_counts():
    assert lost_at([way(), way(kept=False), way(found=False, kept=False)]) is Lost.SEARCH
