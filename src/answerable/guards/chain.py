"""Which guards run, in which order, and what it takes to switch one off: a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from answerable.core.errors import ConfigError
from answerable.core.ports import Guard
from answerable.guards.canonical import CanonicalGuard
from answerable.guards.fused import Fused
from answerable.guards.injection import InjectionGuard
from answerable.guards.leaks import LeakGuard
from answerable.guards.links import LinkGuard
from answerable.guards.pii import PiiGuard
from answerable.guards.safety import SafetyGuard
from answerable.guards.scope import FAMILIES, Family, ScopeGuard
from answerable.guards.size import DEFAULT_CHARS, SizeGuard

Watch = Literal["block", "flag", "off"]
Privacy = Literal["mask", "block", "flag", "off"]
# The setting behind each mode, as a person writes it in the configuration file.
KEYS: Mapping[str, str] = {
    "injection": "input.injection",
    "pii_question": "input.pii",
    "scope": "input.scope",
    "safety": "input.safety",
    "pii_answer": "output.pii",
    "leak": "output.leak",
}
_CHOICES: Mapping[str, tuple[str, ...]] = {
    key: get_args(Privacy if key.startswith("pii") else Watch) for key in KEYS
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSettings:
    """Modes of the guards. `off` says, by configuration key, why a guard is off: without a reason none is.

    Size, canonical form and links have no mode: they cost nobody anything and hold the rest up.
    """

    size: int = DEFAULT_CHARS  # characters of a question
    injection: Watch = "block"
    safety: Watch = "block"
    scope: Watch = "block"
    scope_families: tuple[Family, ...] = FAMILIES
    pii_question: Privacy = "mask"
    pii_answer: Privacy = "mask"
    pii_keep: tuple[str, ...] = ()  # values that are never masked, e.g. the company's own addresses
    links_allow: tuple[str, ...] = ()  # exact host names
    leak: Watch = "block"
    off: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ConfigError, naming the key, for an unknown value and a guard that is off without a reason."""
        if self.size < 1:
            raise ConfigError(f"limits.input_chars: {self.size} is no length", hint="the default is 4000")
        unknown = set(self.scope_families) - set(get_args(Family))
        if unknown:
            raise ConfigError(f"guard.input.scope: unknown family {', '.join(sorted(unknown))}")
        for name, key in KEYS.items():
            self._check(key, getattr(self, name), _CHOICES[name])

    def _check(self, key: str, mode: str, choices: tuple[str, ...]) -> None:
        if mode not in choices:
            raise ConfigError(f"guard.{key}: unknown value {mode!r}", hint=f"one of {', '.join(choices)}")
        if mode == "off" and not self.off.get(key, "").strip():
            raise ConfigError(
                f"guard.{key} is off without a reason",
                hint=f"write why in [guard.reasons], e.g. '{key}' = \"checked by our gateway\"",
            )


def default_guards(settings: GuardSettings | None = None) -> tuple[Guard, ...]:
    """The guards in the order in which they run, each with its fuse.

    Cheap and certain ones first. The canonical form comes before whatever reads words. In an answer links go
    before personal data, so that an address inside of a link is gone with it; leaks see what would go out.
    """
    return tuple(Fused(guard=guard) for guard in _guards(settings or GuardSettings()))


def _guards(settings: GuardSettings) -> Iterator[Guard]:
    yield SizeGuard(limit=settings.size)
    yield CanonicalGuard()
    if settings.injection != "off":
        yield InjectionGuard(mode=settings.injection)
    if settings.safety != "off":
        yield SafetyGuard(mode=settings.safety)
    if settings.scope != "off":
        yield ScopeGuard(mode=settings.scope, families=settings.scope_families)
    yield LinkGuard(allowed_hosts=settings.links_allow)
    if (settings.pii_question, settings.pii_answer) != ("off", "off"):
        yield PiiGuard(question=settings.pii_question, answer=settings.pii_answer, keep=settings.pii_keep)
    if settings.leak != "off":
        yield LeakGuard(mode=settings.leak)
