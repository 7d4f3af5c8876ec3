"""How much of one document an answer may copy word for word: whoever wants the whole of it opens the document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from answerable.core.answer import Answer
from answerable.core.outcome import Outcome
from answerable.core.query import Query
from answerable.core.verdict import Verdict
from answerable.text.words import fold, words

RUN_WORDS = 8  # a shorter run is no copy: names and terms are as the document has them
DEFAULT_WORDS = 200  # docs/decisions/0213-verbatim-cap.md


_MARK = re.compile(r"\[\d{1,3}\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What an answer has from one document: words in runs of RUN_WORDS or more, and the longest of these runs."""

    document_id: str
    words: int
    longest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VerbatimGuard:
    """Stops what goes beyond `most` words of one document; to mask is to leave the sentence out."""

    most: int = DEFAULT_WORDS  # words
    mode: Literal["mask", "block", "flag"] = "mask"
    name: str = "verbatim"
    stage: Literal["question", "answer", "both"] = "answer"
    fails: Literal["open", "closed"] = "closed"

    async def check(self, query: Query, answer: Answer | None) -> Verdict:
        """Over what has been said so far with the sentence that would come next; the score is the share copied."""
        if answer is None:
            return Verdict(name=self.name, passed=True)
        said = folded_words(_MARK.sub(" ", answer.text))
        worst = max(copied(said, answer), key=lambda one: one.words, default=None)
        if worst is None:
            return Verdict(name=self.name, score=0.0, passed=True)
        share = worst.words / len(said)
        if worst.words <= self.most:
            return Verdict(name=self.name, score=share, passed=True)
        return Verdict(
            name=self.name,
            score=share,
            passed=False,
            action=self.mode,
            outcome=Outcome.BLOCKED if self.mode == "block" else None,
            replacement="" if self.mode == "mask" else None,
            rule="words",
            reason=f"{worst.words} words of one document, the limit is {self.most}",
        )


def copied(said: Sequence[str], answer: Answer) -> list[Copied]:
    """For each document of the answer's passages that it copies a run of."""
    texts: dict[str, list[str]] = {}
    for passage in answer.passages:
        texts.setdefault(passage.chunk.document_id, []).append(passage.chunk.text)
    if len(said) < RUN_WORDS:
        return []
    counted = (_counted(document, said, _shingles(parts)) for document, parts in texts.items())
    return [one for one in counted if one.words]


def folded_words(text: str) -> list[str]:
    """What is counted: words, whatever their case and accents."""
    return [fold(word) for word, _, _ in words(text)]


def _shingles(texts: Iterable[str]) -> frozenset[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for text in texts:
        read = folded_words(text)
        found.update(tuple(read[i : i + RUN_WORDS]) for i in range(len(read) - RUN_WORDS + 1))
    return frozenset(found)


def _counted(document: str, said: Sequence[str], shingles: frozenset[tuple[str, ...]]) -> Copied:
    count = longest = 0
    run_end = run_start = 0  # of the run that is being read: said[run_start:run_end]
    for place in range(len(said) - RUN_WORDS + 1):
        if tuple(said[place : place + RUN_WORDS]) not in shingles:
            continue
        if place > run_end or run_end == 0:
            run_start, run_end = place, place
        count += place + RUN_WORDS - max(run_end, place)
        run_end = place + RUN_WORDS
        longest = max(longest, run_end - run_start)
    return Copied(document_id=document, words=count, longest=longest)
