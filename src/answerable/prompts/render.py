"""A prompt with its values: the two texts that a model is sent."""

from __future__ import annotations

from collections.abc import Mapping

from answerable.core.errors import ConfigError
from answerable.prompts.prompt import Prompt
from answerable.prompts.template import fill


def render(prompt: Prompt, values: Mapping[str, str]) -> tuple[str, str]:
    """The system part and the user part, filled. Raises ConfigError for a missing and for an extra value."""
    given, needed = frozenset(values), frozenset(prompt.inputs)
    if missing := sorted(needed - given):
        raise ConfigError(f"prompt {prompt.id}@{prompt.version}: no value for {', '.join(missing)}")
    if extra := sorted(given - needed):
        raise ConfigError(f"prompt {prompt.id}@{prompt.version} takes no {', '.join(extra)}")
    return fill(prompt.system, values), fill(prompt.user, values)
