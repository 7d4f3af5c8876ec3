"""A prompt with its values: the two texts that a model is sent, and how much of the first never changes."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from answerable.core.errors import ConfigError
from answerable.prompts.prompt import Prompt
from answerable.prompts.template import fill

_MARKUP = re.compile(
    r"\{\{\s*(\w+)\s*\}\}|\{[{%#]"
)  # a plain value, or anything else that the template engine reads


def render(prompt: Prompt, values: Mapping[str, str]) -> tuple[str, str]:
    """The system part and the user part, filled. Raises ConfigError for a missing and for an extra value."""
    given, needed = frozenset(values), frozenset(prompt.inputs)
    if missing := sorted(needed - given):
        raise ConfigError(f"prompt {prompt.id}@{prompt.version}: no value for {', '.join(missing)}")
    if extra := sorted(given - needed):
        raise ConfigError(f"prompt {prompt.id}@{prompt.version} takes no {', '.join(extra)}")
    return fill(prompt.system, values), fill(prompt.user, values)


def fixed_chars(prompt: Prompt, values: Mapping[str, str], *, fixed: Collection[str] = ()) -> int:
    """How many characters of the filled system part are the same in every request: what a provider can cache.

    These are the lines before the first value that may change; `fixed` names the values that do not.
    """
    changing = (match for match in _MARKUP.finditer(prompt.system) if match[1] not in fixed)
    first = next(changing, None)
    head = prompt.system if first is None else prompt.system[: first.start()].rpartition("\n")[0]
    return len(fill(head, values))
