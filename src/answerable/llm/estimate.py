"""How many tokens a call used, where its provider did not say."""

from __future__ import annotations

from answerable.core.completion import Usage
from answerable.core.prompt import Rendered

_CHARS_PER_TOKEN = 4  # of prose in the languages of the usual tokenizers


def estimated(rendered: Rendered, given_chars: int) -> Usage:
    """The usage of a call that was left or cut after so many characters; rounded up, never 0 for the input."""
    asked = len(rendered.system) + len(rendered.user)
    return Usage(
        input=-(-asked // _CHARS_PER_TOKEN) or 1, output=-(-given_chars // _CHARS_PER_TOKEN), estimated=True
    )
