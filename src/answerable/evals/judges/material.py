"""Material: what lies before whoever judges an answer, and nothing that a criterion does not ask to see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from answerable.core.answer import Answer
from answerable.core.evaluation import EvalCase
from answerable.core.outcome import Outcome
from answerable.evals.items import LabeledItem, ShownPassage, ShownTurn
from answerable.evals.judges.criterion import Criterion
from answerable.evals.judges.defusing import readable

_LANGUAGE = re.compile(r"^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """One question with one answer, as it was shown."""

    question: str
    answer: str
    history: tuple[ShownTurn, ...] = ()
    context: tuple[ShownPassage, ...] = ()
    reference: str = ""
    language: str = "en"
    outcome: Outcome = Outcome.ANSWERED

    def without(self, criterion: Criterion) -> str:
        """Why this criterion cannot be asked here; empty: it can."""
        if self.outcome not in criterion.applies_to:
            return f"{criterion.id} is not asked of an answer that is {self.outcome.value}"
        if "context" in criterion.shows and not self.context:
            return "the target shows no passages"
        if "reference" in criterion.shows and not self.reference:
            return "the case has no reference"
        return ""

    def parts(self, shows: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Heading and text of each part that is shown, in reading order. Headings hold nothing of strangers."""
        if "question" in shows:
            for turn in self.history:
                yield f"EARLIER, {'THE PERSON' if turn.role == 'user' else 'THE ASSISTANT'}", turn.text
            yield "THE QUESTION", self.question
        if "context" in shows:
            for passage in self.context:
                yield f"PASSAGE {passage.n}, TITLE", passage.title
                yield f"PASSAGE {passage.n}, TEXT", passage.text
        if "reference" in shows:
            yield "A RIGHT ANSWER, FOR COMPARISON", self.reference
        if "answer" in shows:
            language = self.language if _LANGUAGE.match(self.language) else "unknown"
            yield f"THE ANSWER TO JUDGE (asked for in: {language})", self.answer

    def normal(self, shows: Sequence[str]) -> list[list[str]]:
        """The parts without what cannot be seen: what a judgment is kept by."""
        return [[heading, readable(text)] for heading, text in self.parts(shows)]


def material_of(case: EvalCase, answer: Answer) -> Material:
    """Of an answer in a run. Passages that it cites come first, under the numbers that it cites them by."""
    return Material(
        question=case.question,
        answer=answer.text,
        history=tuple(ShownTurn(role=turn.role, text=turn.text) for turn in case.history),
        context=shown_passages(answer),
        reference=case.expect.reference,
        language=case.language,
        outcome=answer.outcome,
    )


def material_of_item(item: LabeledItem) -> Material:
    """Of an answer that people labeled."""
    return Material(
        question=item.question,
        answer=item.answer,
        history=item.history,
        context=item.context,
        reference=item.reference,
        language=item.language,
        outcome=item.outcome,
    )


def shown_passages(answer: Answer) -> tuple[ShownPassage, ...]:
    """The passages of an answer under the numbers that it cites them by; the uncited ones follow."""
    by_id = {passage.chunk.id: passage for passage in answer.passages}
    shown = []
    for citation in answer.citations:
        passage = by_id.get(citation.chunk_id)
        text = passage.chunk.text if passage else citation.quote
        shown.append(ShownPassage(n=citation.n, title=citation.title, text=text))
    cited = {citation.chunk_id for citation in answer.citations}
    number = max((one.n for one in shown), default=0)
    for passage in answer.passages:
        if passage.chunk.id not in cited:
            number += 1
            shown.append(ShownPassage(n=number, title=passage.title, text=passage.chunk.text))
    return tuple(shown)


def as_item(name: str, material: Material) -> LabeledItem:
    """The material as a line of the file of labeled items: what `review export` writes."""
    values: dict[str, Any] = {key: getattr(material, key) for key in asdict(material)}
    return LabeledItem(item=name, **values)
