"""Which cases are meant: by id, with `*` for any letters, by tag, category, language or outcome."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from fnmatch import fnmatchcase

from answerable.core.errors import ConfigError
from answerable.core.evaluation import EvalCase

FIELDS = ("tag", "category", "language", "outcome")


def select(cases: Sequence[EvalCase], patterns: Sequence[str] = ()) -> list[EvalCase]:
    """The cases that any pattern means and no `!pattern` excludes, in their order; all where nothing is asked.

    Raises ConfigError for a pattern that means no case: most likely it is misspelled.
    """
    wanted = [one for one in patterns if not one.startswith("!")]
    excluded = [one.removeprefix("!") for one in patterns if one.startswith("!")]
    for pattern in (*wanted, *excluded):
        if not any(matches(case, pattern) for case in cases):
            raise ConfigError(f"no case matches {pattern!r}", hint=_hint(cases, pattern))
    return [
        case
        for case in cases
        if (not wanted or any(matches(case, one) for one in wanted))
        and not any(matches(case, one) for one in excluded)
    ]


def matches(case: EvalCase, pattern: str) -> bool:
    """Whether the pattern means this case. Raises ConfigError for a field that there is not."""
    field, colon, value = pattern.partition(":")
    if not colon:
        return fnmatchcase(case.id, pattern)
    if field not in FIELDS:
        known = ", ".join(f"{one}:…" for one in FIELDS)
        raise ConfigError(
            f"{pattern!r}: cases are not selected by {field!r}", hint=f"{known}, or an id, or typo-*"
        )
    return any(fnmatchcase(one, value) for one in _values(case, field))


def _values(case: EvalCase, field: str) -> tuple[str, ...]:
    if field == "tag":
        return case.tags
    if field == "category":
        return (case.category,)
    if field == "language":
        return (case.language,)
    return (str(case.expect.outcome),) if case.expect.outcome else ()


def _hint(cases: Sequence[EvalCase], pattern: str) -> str:
    field, colon, value = pattern.partition(":")
    known = sorted({one for case in cases for one in (_values(case, field) if colon else (case.id,))})
    close = difflib.get_close_matches(value if colon else pattern, known, n=3, cutoff=0.5) or known[:8]
    prefix = f"{field}:" if colon else ""
    return "there are: " + ", ".join(prefix + one for one in close) if close else "there are no cases"
