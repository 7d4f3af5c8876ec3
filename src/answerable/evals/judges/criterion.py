"""A criterion: one question about an answer, what its words mean, and examples; for people and models alike."""

from __future__ import annotations

from dataclasses import dataclass

from answerable.core.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """As its file has it. `sha256` is of the whole file, with line ends as \\n."""

    id: str
    version: str
    question: str  # answered with YES, NO or UNSURE; YES is good
    unsure_when: str
    body: str  # definitions, examples of YES, examples of NO
    sha256: str
    applies_to: tuple[Outcome, ...]  # to an answer with another outcome it is not applicable
    shows: tuple[str, ...]  # what is laid before whoever judges: question, answer, context, reference
    languages: tuple[str, ...]
    where: str = ""  # the file

    @property
    def identity(self) -> str:
        """E.g. `grounded@1.0.0 3f9a12bc`."""
        return f"{self.id}@{self.version} {self.sha256[:8]}"

    @property
    def text(self) -> str:
        """What is shown to whoever judges, person or model: the same words for both."""
        return f"Question: {self.question}\n\nSay UNSURE when: {self.unsure_when}\n\n{self.body}"
