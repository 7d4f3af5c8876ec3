"""Lint of one prompt's text: every rule over it, and what somebody put aside taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from answerable.prompts.lint.document import document
from answerable.prompts.lint.draft import Draft
from answerable.prompts.lint.finding import Finding, Suppressed
from answerable.prompts.lint.known import Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """What lint came to. `findings` in the order of files and lines."""

    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    files: tuple[str, ...] = ()  # all that were looked at


_NOTHING = Known()
_RULES: tuple[Callable[[Draft, Known], Iterator[Finding]], ...] = (document,)


def lint_text(
    text: str, *, where: str, known: Known = _NOTHING, ignore: Mapping[str, str] | None = None
) -> Linted:
    """Of one prompt. `ignore` puts rules aside, each with its reason. Never fails: what is no prompt is a finding."""
    draft = Draft.read(text, where=where)
    found = sorted(
        (one for rule in _RULES for one in rule(draft, known)), key=lambda one: (one.line, one.column, one.rule)
    )
    return Linted(findings=tuple(found), files=(where,))
