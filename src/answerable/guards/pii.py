"""Personal data: found by pattern and check digit, replaced by numbered placeholders.

E-mail addresses, telephone numbers, IBANs, cards, public IP addresses, some national ids, dates of birth. Names
and postal addresses need a model that recognizes names and are not found here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from answerable.core.answer import Answer
from answerable.core.outcome import Outcome
from answerable.core.query import Query
from answerable.core.verdict import Verdict
from answerable.guards.patterns import PATTERNS, Found, find
from answerable.guards.phones import phones
from answerable.guards.secrets import without_secrets

Mode = Literal["block", "mask", "flag", "off"]
_RANK = {kind: rank for rank, kind in enumerate(dict.fromkeys(pattern.kind for pattern in PATTERNS))}


def personal_data(text: str) -> list[Found]:
    """What is found, in order, without overlaps: of two that overlap the surer kind stays, then the longer."""
    found = [*find(PATTERNS, text), *phones(text)]
    taken: list[Found] = []
    covered = bytearray(len(text))
    for one in sorted(found, key=lambda one: (_RANK.get(one.kind, len(_RANK)), one.start, -one.end)):
        if not any(covered[one.start : one.end]):
            taken.append(one)
            covered[one.start : one.end] = b"\x01" * (one.end - one.start)
    return sorted(taken, key=lambda one: one.start)


def redact(text: str, *, keep: str = "") -> tuple[str, tuple[Found, ...]]:
    """The text with [KIND_n] for each value, the same n for the same value, and what was replaced.

    A value that stands in `keep` stays. Idempotent.
    """
    found = tuple(one for one in personal_data(text) if text[one.start : one.end] not in keep)
    numbers: dict[tuple[str, str], int] = {}
    parts, start = [], 0
    for one in found:
        value = (one.kind, "".join(filter(str.isalnum, text[one.start : one.end].casefold())))
        number = numbers.setdefault(value, 1 + sum(kind == one.kind for kind, _ in numbers))
        parts += [text[start : one.start], f"[{one.kind}_{number}]"]
        start = one.end
    return "".join([*parts, text[start:]]), found


@dataclass(frozen=True, slots=True, kw_only=True)
class PiiGuard:
    """Masks, blocks or flags personal data in questions and answers.

    An answer may show what one of its citations quotes: a published contact address is no leak. A credential in a
    question goes the same way, before a model, a cache or the journal has it.
    """

    question: Mode = "mask"
    answer: Mode = "mask"
    keep: tuple[str, ...] = ()  # values that are nobody's secret, e.g. the company's own addresses
    name: str = "pii"
    stage: Literal["question", "answer", "both"] = "both"
    fails: Literal["open", "closed"] = "closed"

    async def check(self, query: Query, answer: Answer | None) -> Verdict:
        """`rule` names the kinds that were found."""
        kept = "\n".join([*self.keep, *(citation.quote for citation in answer.citations)] if answer else self.keep)
        text, mode = (query.text, self.question) if answer is None else (answer.text, self.answer)
        masked, found = redact(text, keep=kept)
        kinds = ", ".join(dict.fromkeys(_kinds(found)))
        if answer is None and (bare := without_secrets(masked)) != masked:  # in an answer: guards/leaks.py
            masked, kinds = bare, ", ".join(filter(None, (kinds, "CREDENTIAL")))
        if not kinds or mode == "off":
            return Verdict(name=self.name, passed=True)
        return Verdict(
            name=self.name,
            passed=False,
            action=mode,
            outcome=Outcome.BLOCKED if mode == "block" else None,
            replacement=masked if mode == "mask" else None,
            rule=kinds,
            reason=f"personal data: {kinds.lower().replace('_', ' ')}",
        )


def _kinds(found: tuple[Found, ...]) -> Iterator[str]:
    return (one.kind for one in found)
