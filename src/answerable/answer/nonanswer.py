"""Honest non-answers: each says what happened and offers at least two ways on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from answerable.answer.texts import Texts
from answerable.core.answer import Answer, NextStep
from answerable.core.identity import random_id
from answerable.core.outcome import Outcome
from answerable.core.passage import Passage
from answerable.core.query import Query
from answerable.core.verdict import Verdict

_WAYS: dict[Outcome, tuple[str, ...]] = {
    Outcome.CLARIFY: ("rephrase", "human"),
    Outcome.ABSTAINED: ("rephrase", "human", "form"),
    Outcome.OUT_OF_SCOPE: ("rephrase", "human"),
    Outcome.TOO_LONG: ("shorten", "human"),
    Outcome.BLOCKED: ("rephrase", "human"),
    Outcome.ESCALATED: ("human", "rephrase"),
    Outcome.FAILED: ("retry", "human"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NonAnswers:
    """Makes them. `contact` is where a person can be reached: an address or a link; may be empty."""

    texts: Texts
    contact: str = ""
    about: tuple[str, ...] = ()  # what the assistant is for, in a few words each; empty: nobody said

    def make(
        self,
        query: Query,
        outcome: Outcome,
        *,
        key: str = "",
        values: Mapping[str, str] | None = None,
        closest: Sequence[Passage] = (),
        verdicts: Sequence[Verdict] = (),
    ) -> Answer:
        """The answer object of a non-answer. `closest` are the pages to read instead, best first."""
        return Answer(
            id=random_id("an"),
            trace_id="",
            text=_own_words(verdicts) or self._text(key or outcome.value, query.language, values),
            outcome=outcome,
            language=query.language,
            passages=tuple(closest),
            verdicts=tuple(verdicts),
            next_steps=(*self._sources(query, closest), *self.ways(outcome, query.language)),
            conversation=query.conversation,
        )

    def _text(self, key: str, language: str, values: Mapping[str, str] | None) -> str:
        if key == Outcome.OUT_OF_SCOPE and self.about:
            return self.texts.say("out_of_scope.about", language, {"about": "; ".join(self.about)})
        return self.texts.say(key, language, values)

    def ways(self, outcome: Outcome, language: str) -> tuple[NextStep, ...]:
        """The ways on that the outcome always has. Nobody is promised a person where none can be reached."""
        kinds = [kind if kind != "human" or self.contact else "form" for kind in _WAYS.get(outcome, ())]
        return tuple(
            NextStep(
                kind=kind,
                label=self.texts.say(f"step.{kind}", language),
                target=self.contact if kind == "human" else "",
            )
            for kind in dict.fromkeys(kinds)
        )

    def _sources(self, query: Query, closest: Sequence[Passage]) -> list[NextStep]:
        pages: dict[str, Passage] = {}
        for passage in closest:
            pages.setdefault(passage.chunk.document_id, passage)
        return [
            NextStep(
                kind="source",
                label=self.texts.say("step.source", query.language, {"title": passage.title}),
                target=passage.chunk.document_id,
            )
            for passage in list(pages.values())[:2]
        ]


def _own_words(verdicts: Sequence[Verdict]) -> str:
    """What the guard that stopped it says itself."""
    return next((one.message for one in verdicts if one.action == "block"), "")
