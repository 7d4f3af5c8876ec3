"""The rule about behavior cases: at least one for each failure."""

from __future__ import annotations

from collections.abc import Iterator

from answerable.prompts.lint.draft import Draft
from answerable.prompts.lint.finding import Finding
from answerable.prompts.lint.known import Known
from answerable.prompts.prompt import FAILURES


def cases(draft: Draft, known: Known) -> Iterator[Finding]:
    """One finding for all failures without a case; none where nobody knows the cases."""
    if known.covered is None or draft.front is None or not draft.untrusted:
        return
    if missing := [one for one in FAILURES if one not in known.covered]:
        yield draft.finding("no-cases", f"has no behavior case for {', '.join(missing)}", key="handles")
