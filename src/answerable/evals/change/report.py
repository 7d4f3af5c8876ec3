"""Everything that the report of a branch shows, whatever it is written as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from answerable.evals.change.kinds import Changed
from answerable.evals.change.stage import Stage, State, exit_code

if TYPE_CHECKING:  # nobody waits for what compares where nothing changed
    from answerable.evals.gate.report import Report
    from answerable.evals.gate.search_first import Stopped

MARK = "answerable ci"  # in the hidden first line, by which the comment is found again


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptChange:
    """A prompt whose text, with all that it includes, is another one now. An empty side is not there."""

    id: str
    before: str  # id@version
    after: str
    before_sha256: str = ""
    after_sha256: str = ""
    note: str = ""  # the change note of the new version; empty where it is the old one

    @property
    def silent(self) -> bool:
        """Another text under the same version."""
        return bool(self.before) and self.before == self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A lint finding."""

    place: str  # FILE:LINE
    level: str  # error | warning
    rule: str
    what: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchReport:
    """A branch, what it changes, and what each stage made of it."""

    project: str
    base: str  # the reference that it was held to
    base_commit: str  # where the branch began
    head_commit: str  # with "+" for what is not committed
    changed: tuple[Changed, ...] = ()
    prompts: tuple[PromptChange, ...] = ()
    notes: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    findings: tuple[Found, ...] = ()
    behavior: str = ""  # the matrix, as Markdown
    compared: Report | Stopped | None = None
    command: str = "answerable ci run"

    @property
    def relevant(self) -> tuple[Changed, ...]:
        """What decides an answer or a verdict on one."""
        return tuple(one for one in self.changed if one.kind.counts)

    @property
    def exit_code(self) -> int:
        """Of the whole."""
        return exit_code(self.stages)

    @property
    def held_by_other_rules(self) -> tuple[Changed, ...]:
        """Changed files that say what a change is held to."""
        return tuple(one for one in self.changed if one.kind.holds)

    @property
    def broken(self) -> tuple[Stage, ...]:
        """The stages that could not be done."""
        return tuple(one for one in self.stages if one.state is State.BROKE)

    def stage(self, name: str) -> Stage | None:
        """By its name; None where it was not come to."""
        return next((one for one in self.stages if one.name == name), None)
