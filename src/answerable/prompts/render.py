"""A prompt with its values: what a model is sent, and how much of its beginning never changes."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from answerable.core.errors import ConfigError
from answerable.core.prompt import Rendered
from answerable.prompts.prompt import Prompt
from answerable.prompts.template import fill

_MARKUP = re.compile(
    r"\{\{\s*(\w+)\s*\}\}|\{[{%#]"
)  # a plain value, or anything else that the template engine reads


def render(prompt: Prompt, values: Mapping[str, str]) -> tuple[str, str]:
    """The system part and the user part, filled. Raises ConfigError for a missing and for an extra value."""
    given, needed = frozenset(values), prompt.names
    if missing := sorted(needed - given):
        raise ConfigError(f"prompt {prompt.id}@{prompt.version}: no value for {', '.join(missing)}")
    if extra := sorted(given - needed):
        raise ConfigError(f"prompt {prompt.id}@{prompt.version} takes no {', '.join(extra)}")
    return fill(prompt.system, values), fill(prompt.user, values)


def rendered(prompt: Prompt, values: Mapping[str, str], *, fixed: Collection[str] = ()) -> Rendered:
    """What a model is sent, with the prompt's identity; who asks, and how, is put to it with `replace`.

    `fixed` names the values that are the same in every request. Raises ConfigError as `render` does.
    """
    system, user = render(prompt, values)
    filled = Rendered(
        prompt_id=prompt.id,
        version=prompt.version,
        sha256=prompt.sha256,
        system=system,
        user=user,
        fixed_chars=fixed_chars(prompt, values, fixed=fixed),
    )
    return replace(
        filled,
        temperature=filled.temperature if prompt.temperature is None else prompt.temperature,
        max_output_tokens=prompt.max_output_tokens or filled.max_output_tokens,
    )


def fixed_chars(prompt: Prompt, values: Mapping[str, str], *, fixed: Collection[str] = ()) -> int:
    """How many characters of the filled system part are the same in every request: what a provider can cache.

    These are the lines before the first value that may change; `fixed` names the values that do not.
    """
    changing = (match for match in _MARKUP.finditer(prompt.system) if match[1] not in fixed)
    first = next(changing, None)
    head = prompt.system if first is None else prompt.system[: first.start()].rpartition("\n")[0]
    return len(fill(head, values))
