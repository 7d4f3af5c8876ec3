"""Which guards run, in which order, and what it takes to switch one off: a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from answerable.core.errors import ConfigError
from answerable.core.ports import Guard
from answerable.guards.brand import BrandGuard, BrandPattern
from answerable.guards.canonical import CanonicalGuard
from answerable.guards.fused import Fused
from answerable.guards.injection import InjectionGuard
from answerable.guards.leaks import LeakGuard
from answerable.guards.links import LinkGuard
from answerable.guards.pii import PiiGuard
from answerable.guards.safety import SafetyGuard
from answerable.guards.scope import FAMILIES, Family, ScopeGuard
from answerable.guards.scope_file import ScopeBook
from answerable.guards.size import DEFAULT_CHARS, SizeGuard
from answerable.guards.verbatim import DEFAULT_WORDS, VerbatimGuard
from answerable.guards.watched import Watched

Watch = Literal["block", "flag", "allow", "off"]
Privacy = Literal["mask", "block", "flag", "allow", "off"]
# The setting behind each mode, as a person writes it in the configuration file.
KEYS: Mapping[str, str] = {
    "injection": "input.injection",
    "pii_question": "input.pii",
    "scope": "input.scope",
    "safety": "input.safety",
    "safety_answer": "output.safety",
    "pii_answer": "output.pii",
    "leak": "output.leak",
    "verbatim": "output.verbatim",
}
_MASKING = ("pii_question", "pii_answer", "verbatim")
_CHOICES: Mapping[str, tuple[str, ...]] = {
    key: get_args(Privacy if key in _MASKING else Watch) for key in KEYS
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSettings:
    """Modes of the guards. `off` says, by configuration key, why a guard is off: without a reason none is.

    `allow` looks and does nothing. Size, canonical form and links have no mode: they cost nobody anything and hold
    the rest up. Nor has `brand`: each of its patterns says itself what it does.
    """

    size: int = DEFAULT_CHARS  # characters of a question
    injection: Watch = "block"
    safety: Watch = "block"
    safety_answer: Watch = "block"
    scope: Watch = "block"
    scope_families: tuple[Family, ...] = FAMILIES
    scope_book: ScopeBook = field(default_factory=ScopeBook)
    pii_question: Privacy = "mask"
    pii_answer: Privacy = "mask"
    pii_keep: tuple[str, ...] = ()  # values that are never masked, e.g. the company's own addresses
    links_allow: tuple[str, ...] = ()  # exact host names
    leak: Watch = "block"
    brand: tuple[BrandPattern, ...] = ()
    verbatim: Privacy = "mask"
    verbatim_words: int = DEFAULT_WORDS
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


def default_guards(settings: GuardSettings | None = None, outside: Sequence[Guard] = ()) -> tuple[Guard, ...]:
    """The guards in the order in which they run, each with its fuse.

    Cheap and certain ones first. The canonical form comes before whatever reads words. In an answer links go
    before personal data, so that an address inside of a link is gone with it, and leaks too: a mask over half of a
    canary would hide the whole from them, and show the half. Those
    `outside` ask somebody, so they come last, and see what the others left; they bring their own fuse.
    """
    return (*(Fused(guard=guard) for guard in _guards(settings or GuardSettings())), *outside)


def _guards(settings: GuardSettings) -> Iterator[Guard]:
    yield SizeGuard(limit=settings.size)
    yield CanonicalGuard()
    if settings.injection != "off":
        yield _watched(InjectionGuard(mode=_watch(settings.injection)), settings.injection)
    if (settings.safety, settings.safety_answer) != ("off", "off"):
        yield _watched(
            SafetyGuard(question=_side(settings.safety), answer=_side(settings.safety_answer)),
            settings.safety,
            settings.safety_answer,
        )
    if settings.scope != "off":
        yield _watched(_scope(settings), settings.scope)
    yield LinkGuard(allowed_hosts=settings.links_allow)
    if settings.leak != "off":
        yield _watched(LeakGuard(mode=_watch(settings.leak)), answer=settings.leak)
    if (settings.pii_question, settings.pii_answer) != ("off", "off"):
        yield _watched(_pii(settings), settings.pii_question, settings.pii_answer)
    if settings.brand:
        yield BrandGuard(patterns=settings.brand)
    if settings.verbatim != "off":
        mode = "flag" if settings.verbatim == "allow" else settings.verbatim
        yield _watched(VerbatimGuard(mode=mode, most=settings.verbatim_words), answer=settings.verbatim)


def _scope(settings: GuardSettings) -> ScopeGuard:
    return ScopeGuard(mode=_watch(settings.scope), families=settings.scope_families, book=settings.scope_book)


def _pii(settings: GuardSettings) -> PiiGuard:
    question = "flag" if settings.pii_question == "allow" else settings.pii_question
    answer = "flag" if settings.pii_answer == "allow" else settings.pii_answer
    return PiiGuard(question=question, answer=answer, keep=settings.pii_keep)


def _watched(guard: Guard, question: str = "off", answer: str = "off") -> Guard:
    """The guard; one that only looks in a stage whose mode is `allow`."""
    stages = tuple(stage for stage, mode in (("question", question), ("answer", answer)) if mode == "allow")
    return Watched(guard=guard, stages=stages) if stages else guard


def _watch(mode: Watch) -> Literal["block", "flag"]:
    return "block" if mode == "block" else "flag"


def _side(mode: Watch) -> Literal["block", "flag", "off"]:
    return "flag" if mode == "allow" else mode
