"""promptfoo's assertions in the words of a case, and back. Names and forms as of promptfoo 0.121.

https://www.promptfoo.dev/docs/configuration/expected-outputs/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from answerable.core.evaluation import EvalCase

_ONE = ("contains", "icontains", "equals")
_ALL = ("contains-all", "icontains-all")
_ANY = ("contains-any", "icontains-any")
_COMPARED = ("similar", "factuality", "model-graded-factuality", "answer-relevance", "bleu", "rouge-n", "meteor")
_PLAIN = {"type", "value", "metric"}


@dataclass(slots=True, kw_only=True)
class Expected:
    """What a test's assertions come to; `kept` are those that have no like here, whole."""

    must: list[str] = field(default_factory=list)
    must_not: list[str] = field(default_factory=list)
    accept_also: list[str] = field(default_factory=list)
    criteria: list[str] = field(default_factory=list)
    reference: str = ""
    outcome: str = ""
    kept: list[Any] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_asserts(given: Sequence[Any]) -> Expected:
    """The assertions that can be said in a case; each other one is kept and noted."""
    found = Expected()
    for one in given:
        if not isinstance(one, Mapping) or not _read(one, found):
            kind = one.get("type", "of no type") if isinstance(one, Mapping) else "of no type"
            found.kept.append(one)
            found.notes.append(f"assertion {kind}: not checked here, kept in origin.promptfoo")
    return found


def write_asserts(case: EvalCase, criteria: Mapping[str, str]) -> list[dict[str, Any]]:
    """What promptfoo can check of the case. `criteria`: the rubric's text of each criterion that has one."""
    also = list(case.expect.accept_also)
    made: list[dict[str, Any]] = [
        {"type": "icontains-any", "value": [one, *also]} if also else {"type": "icontains", "value": one}
        for one in case.expect.must
    ]
    made += [{"type": "not-icontains", "value": one} for one in case.expect.must_not]
    made += [
        {"type": "llm-rubric", "metric": one, "value": criteria[one]}
        for one in case.expect.criteria
        if one in criteria
    ]
    return made


def _read(one: Mapping[str, Any], found: Expected) -> bool:
    """Whether the assertion is now wholly in `found`."""
    kind, value = str(one.get("type", "")), one.get("value")
    if kind == "is-refusal":
        found.outcome = found.outcome or "abstained"
        return False  # kept besides: it goes back as it came
    if kind in _COMPARED:
        found.reference = found.reference or (value if isinstance(value, str) else "")
        return False
    if set(one) - _PLAIN:
        return False  # a weight or a threshold changes what it means
    if kind == "llm-rubric":
        return _criterion(one, found)
    if kind.startswith("not-"):
        return _banned(kind.removeprefix("not-"), value, found)
    return _required(kind, value, found)


def _criterion(one: Mapping[str, Any], found: Expected) -> bool:
    name = one.get("metric")
    if not isinstance(name, str) or not name:
        return False
    found.criteria.append(name)
    return True


def _banned(kind: str, value: Any, found: Expected) -> bool:
    if kind in ("contains", "icontains") and _is_text(value):
        found.must_not.append(value)
    elif kind in _ANY and _are_texts(value):
        found.must_not.extend(value)
    else:
        return False
    _say_case(kind, found)
    return True


def _required(kind: str, value: Any, found: Expected) -> bool:
    if kind in _ONE and _is_text(value):
        found.must.append(value)
    elif kind in _ALL and _are_texts(value):
        found.must.extend(value)
    elif kind in _ANY and _are_texts(value):
        found.must.append(value[0])
        found.accept_also.extend(one for one in value[1:] if one not in found.accept_also)
    else:
        return False
    if kind == "equals":
        found.reference = value
        found.notes.append("assertion equals: checked as “is in the answer”, and kept as the reference")
    _say_case(kind, found)
    return True


def _say_case(kind: str, found: Expected) -> None:
    if kind.startswith("contains"):
        found.notes.append(f"assertion {kind}: upper and lower case are not told apart here")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_text(one) for one in value)
