"""Lint of one prompt's text: every rule over it, and what somebody put aside taken out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from answerable.prompts.lint.cases import cases
from answerable.prompts.lint.contents import contents
from answerable.prompts.lint.document import document, loadable
from answerable.prompts.lint.draft import Draft
from answerable.prompts.lint.finding import Finding, Level, Suppressed
from answerable.prompts.lint.inputs import inputs
from answerable.prompts.lint.known import Known
from answerable.prompts.lint.protections import protections
from answerable.prompts.lint.rule import rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """What lint came to. `findings` in the order of files and lines."""

    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    files: tuple[str, ...] = ()  # all that were looked at


_NOTHING = Known()
_READABLE = (contents,)  # of what a front matter that is none leaves
_UNLOADABLE = {"no-owner", "no-purpose", "unknown-input", "unused-input", "undeclared-trust"}
_RULES: tuple[Callable[[Draft, Known], Iterator[Finding]], ...] = (document, protections, inputs, contents, cases)


def lint_text(
    text: str, *, where: str, known: Known = _NOTHING, ignore: Mapping[str, str] | None = None
) -> Linted:
    """Of one prompt. `ignore` puts rules aside, each with its reason. Never fails."""
    draft = Draft.read(text, where=where, read=known.read)
    found = [one for rule in (_READABLE if draft.broken else _RULES) for one in rule(draft, known)]
    if not any(one.level is Level.ERROR and one.rule in _UNLOADABLE for one in found):
        found += loadable(draft, known) if draft.front is not None else ()
    own = {rule: str(reason).strip() for rule, reason in draft.table("allow").items()}
    reasons = {**own, **(ignore or {})}
    kept = [one for one in found if not reasons.get(one.rule)]
    aside = [Suppressed(finding=one, reason=reasons[one.rule]) for one in found if reasons.get(one.rule)]
    kept += _needless(draft, own, {one.rule for one in found})
    return Linted(findings=tuple(sorted(kept, key=_order)), suppressed=tuple(aside), files=(where,))


def _needless(draft: Draft, allowed: Mapping[str, str], found: Collection[str]) -> Iterator[Finding]:
    for rule in allowed:
        if rule not in found:
            known = "finds nothing here" if rule in rules() else "is the name of no rule"
            yield draft.finding(
                "allow-without-finding", f"`allow` puts {rule} aside, which {known}", key=f"allow.{rule}"
            )


def _order(one: Finding) -> tuple[int, int, int]:
    return one.line, one.column, list(rules()).index(one.rule)
