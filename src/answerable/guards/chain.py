"""Which guards run, in which order, and what it takes to switch one off: a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import get_args

from answerable.core.errors import ConfigError
from answerable.core.ports import Guard
from answerable.guards import injection, leaks, pii, safety, scope, size
from answerable.guards.canonical import CanonicalGuard
from answerable.guards.fused import Fused
from answerable.guards.links import LinkGuard


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSettings:
    """Modes of the guards. `off` maps a guard's name to the reason why it is switched off."""

    size: int = size.DEFAULT_CHARS  # characters of a question
    injection: injection.Mode = "block"
    pii_question: pii.Mode = "mask"
    pii_answer: pii.Mode = "mask"
    pii_keep: tuple[str, ...] = ()  # values that are never masked, e.g. the company's own addresses
    safety: safety.Mode = "block"
    scope: tuple[scope.Family, ...] = scope.FAMILIES
    links_allow: tuple[str, ...] = ()  # exact host names
    leak: leaks.Mode = "mask"  # of credentials
    off: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ConfigError, naming the key, for an unknown value, and for a guard switched off without a reason."""
        _check_modes(self)
        for name, reason in self.off.items():
            if name not in NAMES:
                raise ConfigError(f"guards.off.{name}: there is no such guard", hint=f"one of {', '.join(NAMES)}")
            if not reason.strip():
                raise ConfigError(
                    f"guards.off.{name}: a guard is only switched off with a reason",
                    hint=f'write why, e.g. guards.off.{name} = "checked by our gateway"',
                )


NAMES = ("size", "canonical", "injection", "safety", "scope", "pii", "links", "leaks")


def default_guards(settings: GuardSettings | None = None) -> tuple[Guard, ...]:
    """The guards in the order in which they run, each with its fuse; those in `settings.off` are left out.

    Cheap and certain ones first. The canonical form comes before whatever reads words. In an answer links go before
    personal data, so that an address inside of a link is gone with it, and leaks come last: they see what would go.
    """
    chosen = settings or GuardSettings()
    return tuple(Fused(guard=guard) for guard in _all(chosen) if guard.name not in chosen.off)


def _all(settings: GuardSettings) -> Iterator[Guard]:
    yield size.SizeGuard(limit=settings.size)
    yield CanonicalGuard()
    yield injection.InjectionGuard(mode=settings.injection)
    yield safety.SafetyGuard(mode=settings.safety)
    yield scope.ScopeGuard(families=settings.scope)
    yield LinkGuard(allowed_hosts=settings.links_allow)
    yield pii.PiiGuard(question=settings.pii_question, answer=settings.pii_answer, keep=settings.pii_keep)
    yield leaks.LeakGuard(mode=settings.leak)


def _check_modes(settings: GuardSettings) -> None:
    if settings.size < 1:
        raise ConfigError(f"guards.size: {settings.size} is not a number of characters", hint="the default is 4000")
    modes = (
        ("injection", settings.injection, get_args(injection.Mode)),
        ("pii_question", settings.pii_question, get_args(pii.Mode)),
        ("pii_answer", settings.pii_answer, get_args(pii.Mode)),
        ("safety", settings.safety, get_args(safety.Mode)),
        ("leak", settings.leak, get_args(leaks.Mode)),
        *(("scope", family, get_args(scope.Family)) for family in settings.scope),
    )
    for key, value, known in modes:
        if value not in known:
            raise ConfigError(f"guards.{key}: unknown value {value!r}", hint=f"one of {', '.join(known)}")
