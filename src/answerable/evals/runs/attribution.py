"""Where the words that answer a failing case were lost, on the way from the documents to the answer.

A refinement of its cause (causes.py) for cases that name gold spans: the earliest step at which a span was lost,
since mending a later one would change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from answerable.core.evaluation import Row
from answerable.evals.runs.causes import Cause, cause_of

REFINED = (Cause.RETRIEVER, Cause.ABSTAINED, Cause.LEFT_OUT, Cause.SOURCE, Cause.PARTIAL)


class Lost(StrEnum):
    """In the order of the way."""

    CORPUS = "not-in-corpus"
    CUT = "cut-by-chunking"
    SEARCH = "not-retrieved"
    RERANKING = "lost-in-reranking"
    USE = "in-context-not-used"

    @property
    def what(self) -> str:
        """What happened."""
        return _WORDS[self][0]

    @property
    def advice(self) -> str:
        """Where to look first."""
        return _WORDS[self][1]


_WORDS: Mapping[Lost, tuple[str, str]] = {
    Lost.CORPUS: ("not in the corpus", "the page, its source, the last sync; or the case's span"),
    Lost.CUT: ("cut by chunking", "answerable lab chunking SOURCE"),
    Lost.SEARCH: ("not retrieved", "answerable lab retrieval SOURCE; filters and access"),
    Lost.RERANKING: ("lost in reranking", "answerable lab rerank SOURCE; retrieval.keep"),
    Lost.USE: ("in context but not used", "the prompt, the model, the abstention threshold"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How far the words of one gold span came."""

    in_corpus: bool  # a document of the index says them
    whole: bool  # one chunk holds them from end to end
    found: bool  # at least half of them are among the candidates of the search
    kept: bool  # … and in the context that the answer was made from

    @property
    def lost(self) -> Lost:
        """The step that they did not pass. Words that were cut and found all the same are not lost by cutting."""
        if not self.in_corpus:
            return Lost.CORPUS
        if self.kept:
            return Lost.USE
        if self.found:
            return Lost.RERANKING
        return Lost.SEARCH if self.whole else Lost.CUT


def lost_at(ways: Sequence[Way]) -> Lost:
    """Of a case with several spans the earliest step; there is at least one."""
    order = list(Lost)
    return min((one.lost for one in ways), key=order.index)


def wants_attribution(row: Row) -> bool:
    """Whether it failed in a way that lost words explain."""
    return cause_of(row) in REFINED and bool(row.answer.get("case", {}).get("expect", {}).get("spans"))
