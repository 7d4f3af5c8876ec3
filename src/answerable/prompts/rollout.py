"""A rollout: which of two versions of a prompt a person is served; the same person always has the same one."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from answerable.core.arm import CANDIDATE, STABLE, Arm
from answerable.core.errors import ConfigError
from answerable.core.identity import content_id
from answerable.core.query import Principal, Query

FILE = "rollouts.toml"
USES = ("answer", "rewrite", "decompose")
"""The prompts whose use has a person behind it, who can be given one version and kept with it."""

STEPS = (0.01, 0.1, 0.5, 1.0)
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,3})?)\s*%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A version by its number and its text."""

    version: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """The candidate for `share` of all units, the stable version for the others. A new salt is a new rollout."""

    prompt: str  # its id, one of USES
    stable: Pin
    candidate: Pin
    share: float  # in [0, 1]
    salt: str
    guards: tuple[str, ...] = ()  # metrics that are watched
    auto_rollback: bool = False
    steps: tuple[float, ...] = STEPS  # shares, growing: what `prompt rollout` proposes next
    started: datetime  # with an offset
    by: str = ""
    why: str = ""

    @property
    def id(self) -> str:
        """The same while the share grows; another one for another text and for a rollout that is begun anew."""
        return content_id("ro", self.prompt, self.stable.sha256, self.candidate.sha256, self.salt)

    @property
    def ref(self) -> str:
        """`answer@2.3.0`: the candidate."""
        return f"{self.prompt}@{self.candidate.version}"

    @property
    def stable_ref(self) -> str:
        """`answer@2.2.0`: what it is held against."""
        return f"{self.prompt}@{self.stable.version}"

    @property
    def next_step(self) -> float | None:
        """The next larger share of its steps; None at the last one."""
        return next((step for step in sorted(self.steps) if step > self.share), None)

    def arm(self, person: str) -> Arm:
        """Where that person is. A larger share keeps everybody who was in a smaller one."""
        chosen = place(self.salt, person) < self.share
        pin = self.candidate if chosen else self.stable
        return Arm(
            rollout=self.id,
            prompt=self.prompt,
            version=pin.version,
            sha256=pin.sha256,
            name=CANDIDATE if chosen else STABLE,
            share=self.share,
            unit=_digest(self.salt, person)[8:16].hex(),
        )


def place(salt: str, person: str) -> float:
    """A number in [0, 1), evenly spread over persons, and independent for another salt."""
    return int.from_bytes(_digest(salt, person)[:7]) / 2.0**56


def _digest(salt: str, person: str) -> bytes:
    return hmac.digest(salt.encode(), person.encode(), sha256)


def person_of(query: Query) -> str:
    """Who is kept with one version: the person; of one that nobody knows the conversation, else the credential.

    Empty where nothing ties two questions together: such a question is in no rollout.
    """
    for kind, name in (
        ("person", query.principal.id if query.principal.id != Principal().id else ""),
        ("conversation", query.conversation or ""),
        ("key", query.key),
    ):
        if name:
            return "\0".join((query.tenant, kind, name))
    return ""


def read_share(text: str) -> float:
    """`10%` → 0.1, from 0 % to 100 %. Raises ConfigError."""
    match = _PERCENT.fullmatch(text.strip())
    if match is None or float(match[1]) > 100.0:
        raise ConfigError(f"{text!r} is no share", hint="a percentage from 0% to 100%, e.g. 10%")
    return round(float(match[1]) / 100.0, 6)


def say_share(share: float) -> str:
    """0.1 → `10%`."""
    return f"{100.0 * share:.6g}%"
