"""Rules about the five classic failures: the body handles each, and the contract of the front matter says how."""

from __future__ import annotations

import re
from collections.abc import Iterator

from answerable.prompts.lint.draft import Draft
from answerable.prompts.lint.finding import Finding
from answerable.prompts.lint.known import Known
from answerable.prompts.lint.meaning import handled, kept_sentences
from answerable.prompts.prompt import FAILURES
from answerable.text.language import detect
from answerable.text.stems import stems

MISSING = {
    "empty_context": "no-empty-context",
    "language": "no-language-policy",
    "adversarial": "no-adversarial",
    "contradiction": "no-contradiction",
    "multi_step": "no-multi-step",
}
_SHARED, _SHARE = 3, 0.6  # stems of a contract's line that one sentence of the body has, at the least
