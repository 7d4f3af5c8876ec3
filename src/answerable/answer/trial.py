"""Which version of a prompt a question is asked with: the configured one, or what a rollout gives its person."""

from __future__ import annotations

from collections.abc import Callable

from answerable.core.query import Query
from answerable.prompts.prompt import Prompt

Choose = Callable[[Prompt, Query], Prompt]
"""Gives the prompt to use in the place of the configured one, and enters its arm in the trace. Never raises, never
waits."""


def as_configured(prompt: Prompt, query: Query) -> Prompt:
    """No rollout: everybody has the configured one."""
    return prompt
