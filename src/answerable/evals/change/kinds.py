"""What kind of thing a changed file is: what decides an answer, what decides a verdict on it, or neither."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath


class Kind(StrEnum):
    """In the order in which they are shown."""

    PROMPT = "prompt"
    MODELS = "models"
    INDEX = "index"
    SETTINGS = "settings"
    SCOPE = "scope"
    ROLLOUT = "rollout"
    THRESHOLD = "threshold"
    DOCUMENTS = "documents"
    TARGET = "target"
    CASES = "cases"
    BEHAVIOR = "behavior cases"
    CRITERIA = "criteria"
    PATTERNS = "patterns"
    PRICES = "prices"
    BASELINE = "baseline"
    RULES = "rules"
    OTHER = "other"

    @property
    def counts(self) -> bool:
        """Whether it decides an answer, or a verdict on one."""
        return self is not Kind.OTHER

    @property
    def answers(self) -> bool:
        """Whether it decides an answer."""
        return self in _ANSWERS

    @property
    def holds(self) -> bool:
        """Whether it is what a change is held to: a branch that changes it judges itself by other rules."""
        return self in (Kind.BASELINE, Kind.RULES, Kind.CRITERIA, Kind.PATTERNS)


_ANSWERS = frozenset(
    (
        Kind.PROMPT,
        Kind.MODELS,
        Kind.INDEX,
        Kind.SETTINGS,
        Kind.SCOPE,
        Kind.ROLLOUT,
        Kind.THRESHOLD,
        Kind.DOCUMENTS,
        Kind.TARGET,
    )
)

# The configuration's sections; what stands here nowhere decides neither an answer nor a verdict.
SECTIONS: Mapping[str, Kind] = {
    **dict.fromkeys(("provider", "route", "balance"), Kind.MODELS),
    **dict.fromkeys(("source", "chunking", "embedding", "store", "retrieval", "reranker"), Kind.INDEX),
    **dict.fromkeys(("project", "answer", "abstain", "guard", "limits", "cache"), Kind.SETTINGS),
    **dict.fromkeys(("price", "budget"), Kind.PRICES),
    "eval": Kind.RULES,
}
BUILT = ("source", "chunking", "embedding", "store")  # the sections that another index follows from


class State(StrEnum):
    """What became of a file."""

    ADDED = "added"
    CHANGED = "changed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A changed file. `details` says what in it, one phrase each; a configuration has one entry a kind."""

    path: str  # within the project, with /
    kind: Kind
    state: State
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where a project keeps what: files and folders within it, with /. A folder stands for all that is in it."""

    config: str = "answerable.toml"
    known: Mapping[str, Kind]

    def kind(self, path: str) -> Kind:
        """The innermost place that holds the path decides; the configuration counts as its settings do."""
        if path == self.config:
            return Kind.SETTINGS
        whole = PurePosixPath(path)
        found = [one for one in self.known if whole == PurePosixPath(one) or PurePosixPath(one) in whole.parents]
        return self.known[max(found, key=len)] if found else Kind.OTHER


def state_of(*, before: bool, after: bool) -> State:
    """`before` and `after`: whether the file is there on that side."""
    if before and after:
        return State.CHANGED
    return State.ADDED if after else State.DELETED


def of_kind(changed: Sequence[Changed], *kinds: Kind) -> tuple[Changed, ...]:
    """Those of them."""
    return tuple(one for one in changed if one.kind in kinds)
