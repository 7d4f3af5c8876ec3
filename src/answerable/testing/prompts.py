"""Prompts for tests and measurements: one with any text, sealed as a real one; and one without its fences."""

from __future__ import annotations

from collections.abc import Mapping

from answerable.core.prompt import Rendered
from answerable.prompts.fence import Value
from answerable.prompts.file import parse
from answerable.prompts.prompt import Prompt
from answerable.prompts.render import rendered
from answerable.prompts.template import fill

_FILE = """---
id: p
version: 1.0.0
owner: tests
purpose: Say anything.
inputs: {said: operator, asked: operator}
---
{{ said }}

--- user ---
{{ asked }}
"""


def sealed(user: str = "What is the return window?", *, system: str = "Answer from the sources.") -> Rendered:
    """A prompt that a route lets through, with these two parts."""
    return rendered(parse(_FILE, where="a test"), {"said": system, "asked": user})


def unfenced(prompt: Prompt, values: Mapping[str, Value]) -> Rendered:
    """What would be sent if nobody fenced anything: to measure what fences are worth. No route lets it through."""
    token = "0" * 8
    texts = {name: value if isinstance(value, str) else _plain(value) for name, value in values.items()}
    texts |= {name: token for name in ("boundary", "token") if name in prompt.names}
    return Rendered(
        prompt_id=prompt.id,
        version=prompt.version,
        sha256=prompt.sha256,
        system=fill(prompt.system, texts),
        user=fill(prompt.user, texts),
        boundary=token,
    )


def _plain(value: Value) -> str:
    return "\n\n".join(one if isinstance(one, str) else f"{one.name}\n{one.text}" for one in value)
