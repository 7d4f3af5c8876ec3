"""Rules about the five classic failures: the body handles each, and the contract of the front matter says how."""

from __future__ import annotations

from collections.abc import Iterator

from answerable.prompts.lint.draft import Draft
from answerable.prompts.lint.finding import Finding
from answerable.prompts.lint.known import Known
from answerable.prompts.lint.meaning import handled, resembled
from answerable.prompts.prompt import FAILURES

MISSING = {
    "empty_context": "no-empty-context",
    "language": "no-language-policy",
    "adversarial": "no-adversarial",
    "contradiction": "no-contradiction",
    "multi_step": "no-multi-step",
}


def protections(draft: Draft, known: Known) -> Iterator[Finding]:
    """Of all five; a prompt that shows a model no words of strangers, in no part, has nothing to protect."""
    if not draft.untrusted:
        return
    body, contract = draft.read_by_model, draft.table("handles")
    for failure in FAILURES:
        told = str(contract.get(failure) or "").strip()
        done = handled(body, failure, route=draft.route) or (bool(told) and resembled(body, told, failure))
        if told and not done:
            what = f"the contract says of {failure}: {told!r}; no text of the prompt does it"
            yield draft.finding("contract-without-text", what, key=f"handles.{failure}")
        elif not done:
            yield draft.finding(MISSING[failure], at=draft.body)
        elif not told and draft.front is not None:
            what = f"`handles` does not say how {failure} is handled"
            yield draft.finding("no-contract", what, key="handles")
