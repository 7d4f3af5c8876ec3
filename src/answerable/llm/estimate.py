"""What a call may use, before it is made, and what it has used, where it was left or cut."""

from __future__ import annotations

from answerable.core.completion import Usage
from answerable.core.prompt import Rendered
from answerable.text.tokens import estimated_usage, prompt_tokens, token_count

__all__ = ["estimated", "estimated_usage", "largest_usage", "prompt_tokens", "token_count"]

_CHARS_PER_TOKEN = 3  # of prose; a scarce estimate, where the text itself is at hand `estimated_usage` is better


def largest_usage(rendered: Rendered) -> Usage:
    """The most that this call is expected to use: all of the prompt uncached, and a reply as long as it may be."""
    return Usage(input=prompt_tokens(rendered), output=rendered.max_output_tokens, estimated=True)


def estimated(rendered: Rendered, given_chars: int) -> Usage:
    """The usage of a call that was left or cut after so many characters; rounded up, never 0 for the input."""
    return Usage(input=prompt_tokens(rendered), output=-(-given_chars // _CHARS_PER_TOKEN), estimated=True)
