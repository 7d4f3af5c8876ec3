"""Evaluation: what answers, what scores, and what is kept of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from answerable.core.answer import Answer
from answerable.core.evaluation import EvalCase, Row, Run, Score
from answerable.core.passage import Passage


class Target(Protocol):
    """Whatever answers: this system, an endpoint, a function."""

    @property
    def name(self) -> str: ...

    async def ask(self, case: EvalCase) -> Answer:
        """Raises AnswerableError where it cannot be asked at all; a refusal is an Answer."""
        ...

    async def search(self, case: EvalCase, *, limit: int) -> list[Passage] | None:
        """Retrieval alone, best first; None where the target does not show it."""
        ...


class Metric(Protocol):
    """Scores an answer, with or without something expected; a judge is a Metric made of an LLM and a criterion.

    What cannot be scored is a Score with status not_applicable; what went wrong, one with status error. Raises
    nothing but cancellation.
    """

    @property
    def name(self) -> str: ...

    async def score(self, case: EvalCase, answer: Answer) -> Score: ...


class Runs(Protocol):
    """Evaluation runs and their rows. Rows are written one by one, so that a kill loses none that was finished."""

    async def start(self, run: Run) -> Run:
        """Begin, or take up again: a run that has this id is returned as it stands."""
        ...

    async def add(self, *, tenant: str, run: str, row: Row) -> None:
        """Durable when it returns. The same case and repeat again replaces the row. Raises NotFound."""
        ...

    async def finish(self, *, tenant: str, run: str) -> Run:
        """Raises NotFound."""
        ...

    async def run(self, *, tenant: str, reference: str) -> Run:
        """By id, unique prefix, label, `latest`, commit or branch (the newest finished one). Raises NotFound."""
        ...

    async def runs(self, *, tenant: str, limit: int = 20) -> list[Run]:
        """Newest first."""
        ...

    async def rows(self, *, tenant: str, run: str) -> list[Row]:
        """By case id, then repeat."""
        ...

    async def cached(self, *, tenant: str, keys: Sequence[str]) -> Mapping[str, Row]:
        """Rows of earlier runs without an error, by key. Missing keys are left out."""
        ...


class Judgments(Protocol):
    """What judges said, kept by what they were asked: equal keys are never paid for twice."""

    async def get(self, *, tenant: str, keys: Sequence[str]) -> Mapping[str, Mapping[str, Any]]: ...

    async def put(self, *, tenant: str, key: str, judgment: Mapping[str, Any]) -> None: ...
