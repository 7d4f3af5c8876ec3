"""Rules about the values that a prompt takes: declared, used, fenced, and behind what never changes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from answerable.prompts.lint.draft import Draft, Use
from answerable.prompts.lint.finding import Finding
from answerable.prompts.lint.known import Known
from answerable.prompts.lint.meaning import said
from answerable.prompts.prompt import Trust

_TRUSTED = (Trust.SYSTEM.value, Trust.OPERATOR.value)
_AFTER_CHARS, _AFTER_SHARE = 300, 1 / 3  # of the system part's fixed text, behind the first value that changes
_RULES = 3  # sentences with an order in the user part
_ORDER = re.compile(
    r"\b(?:must|never|always|do not|don.t|you are|only|answer|reply|respond|write|use|ignore|make sure|if|cite"
    r"|immer|nie|niemals|nicht|antworte\w*|schreibe?|du bist|nur|wenn|falls"
    r"|siempre|nunca|jamás|no|responde|escribe|eres|solo|sólo|si)\b",
    re.I,
)


def inputs(draft: Draft, known: Known) -> Iterator[Finding]:
    """All of them."""
    if draft.front is not None:
        yield from _declared(draft)
    yield from _unfenced(draft)
    yield from _rules_beside_values(draft)
    yield from _changing_first(draft)


def _declared(draft: Draft) -> Iterator[Finding]:
    told = draft.trusts
    seen: set[str] = set()
    for use in draft.uses:
        if use.name not in told and use.name not in seen:
            seen.add(use.name)
            what = f"uses {use.name}, which `inputs` does not declare"
            yield draft.finding("unknown-input", what, at=use.start, width=use.end - use.start)
    used = {use.name for use in draft.uses}
    for name, trust in told.items():
        key = f"inputs.{name}"
        if name not in used:
            yield draft.finding("unused-input", f"declares {name}, which no text uses", key=key)
        if trust not in {one.value for one in Trust}:
            yield draft.finding("undeclared-trust", f"does not say whose words {name} is", key=key)
        elif trust in _TRUSTED and (meant := draft.meant(name)):
            what = f"{name} is declared as {trust}; by its name it is words of a {meant}"
            yield draft.finding("wrong-trust", what, key=key)


def _unfenced(draft: Draft) -> Iterator[Finding]:
    untrusted = draft.untrusted  # read anew each time
    for use in draft.uses:
        if use.name in untrusted and (why := _why_unfenced(draft, use)):
            what = f"{use.name} {why}"
            yield draft.finding("unfenced-input", what, at=use.start, width=use.end - use.start)


def _why_unfenced(draft: Draft, use: Use) -> str:
    if draft.front is None:
        return "is put into plain text as it is: nothing fences it"
    if not use.plain:
        return "is used in an expression: what comes out of it is not fenced"
    if use.start < draft.split:
        return "stands in the system part, where a model takes everything for rules"
    if draft.line_at(use.start).strip() != draft.text[use.start : use.end]:
        return "does not stand alone on its line, so no fence can be around it"
    return ""


def _rules_beside_values(draft: Draft) -> Iterator[Finding]:
    user = draft.read_by_model[draft.split :]
    orders = [one for one in said(user) if _ORDER.search(one)]
    if len(orders) >= _RULES:
        what = f"gives {len(orders)} rules in the user part, beside what strangers wrote"
        yield draft.finding("instruction-in-user-part", what, at=min(draft.split, len(draft.text) - 1))


def _changing_first(draft: Draft) -> Iterator[Finding]:
    """A value of the operator is the same in every request."""
    told = draft.trusts
    changing = [one for one in draft.uses if one.start < draft.split and told.get(one.name) != "operator"]
    if draft.front is None or not changing:
        return
    first = changing[0]
    fixed = len("".join(draft.read_by_model[draft.body : draft.split].split()))
    after = len("".join(draft.read_by_model[first.end : draft.split].split()))
    if after >= _AFTER_CHARS and after >= _AFTER_SHARE * fixed:
        what = f"{first.name} changes with the request, and {after:,} characters of fixed text stand behind it"
        yield draft.finding("changing-before-fixed", what, at=first.start, width=first.end - first.start)
