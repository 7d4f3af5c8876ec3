"""A prompt with its values: what a model is sent, and how much of its beginning never changes.

Here alone a text becomes a `Rendered`. A caller gives plain values; the prompt file says whose words they are,
and so what is fenced. There is no way to hand in a user's or a document's words unfenced.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from answerable.core.errors import ConfigError
from answerable.core.prompt import Piece, Rendered, Seal
from answerable.prompts.fence import Fence, Style, Value, draw_fence, pieces_of
from answerable.prompts.prompt import Prompt, Trust
from answerable.prompts.template import fill

_MARKUP = re.compile(
    r"\{\{\s*(\w+)\s*\}\}|\{[{%#]"
)  # a plain value, or anything else that the template engine reads
_FENCE_WORDS = frozenset(style.value for style in Style)
# A fence that a prompt file writes out itself, as files did before the renderer made it.
_WRITTEN_OUT = re.compile(r"<(\w+) \{\{ ?(boundary|token) ?\}\}>\n\{\{ ?(\w+) ?\}\}\n</\1 \{\{ ?\2 ?\}\}>")

Draw = Callable[[int], str]  # so many random bytes, in hex


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filled:
    values: Mapping[str, str]
    system: str
    user: str
    fence: Fence


def render(prompt: Prompt, values: Mapping[str, Value], *, draw: Draw = secrets.token_hex) -> tuple[str, str]:
    """The system part and the user part, filled. Raises ConfigError as `rendered` does."""
    filled = _fill(prompt, values, draw)
    return filled.system, filled.user


def rendered(
    prompt: Prompt,
    values: Mapping[str, Value],
    *,
    fixed: Collection[str] = (),
    draw: Draw = secrets.token_hex,
) -> Rendered:
    """What a model is sent, with the prompt's identity; who asks, and how, is put to it with `replace`.

    Boundary and token are drawn here, and told in `Rendered.boundary`. `fixed` names the values that are the same
    in every request. Raises ConfigError for a missing and for an extra value, and for one that cannot be.
    """
    filled = _fill(prompt, values, draw)
    made = Rendered(
        prompt_id=prompt.id,
        version=prompt.version,
        sha256=prompt.sha256,
        system=filled.system,
        user=filled.user,
        boundary=filled.fence.boundary,
        fixed_chars=fixed_chars(prompt, filled.values, fixed=fixed),
        seal=Seal(filled.system, filled.user),
    )
    return replace(
        made,
        temperature=made.temperature if prompt.temperature is None else prompt.temperature,
        max_output_tokens=prompt.max_output_tokens or made.max_output_tokens,
    )


def skeleton(prompt: Prompt, values: Mapping[str, str]) -> tuple[str, str]:
    """Both parts with these values, and nothing in the place of all others: what many requests have in common."""
    shown = {name: values.get(name, "") for name in prompt.names}
    return fill(template(prompt.system), shown), fill(template(prompt.user), shown)


def fixed_chars(prompt: Prompt, values: Mapping[str, str], *, fixed: Collection[str] = ()) -> int:
    """How many characters of the filled system part are the same in every request: what a provider can cache.

    These are the lines before the first value that may change; `fixed` names the values that do not.
    """
    system = template(prompt.system)
    changing = (match for match in _MARKUP.finditer(system) if match[1] not in fixed)
    first = next(changing, None)
    head = system if first is None else system[: first.start()].rpartition("\n")[0]
    return len(fill(head, values))


@lru_cache(maxsize=64)
def template(part: str) -> str:
    """A part as it is filled: a fence that the file writes out itself is the renderer's."""
    return _WRITTEN_OUT.sub(r"{{ \3 }}", part)


def _fill(prompt: Prompt, values: Mapping[str, Value], draw: Draw) -> _Filled:
    _check_names(prompt, values)
    pieces = {
        one.name: pieces_of(values[one.name], one.name, taken=prompt.names) for one in prompt.inputs if one.fenced
    }
    plain = {one.name: _plain(prompt, one.name, one.trust, values) for one in prompt.inputs if not one.fenced}
    fence = draw_fence(prompt.style, [*_texts(pieces), *plain.values()], draw)
    shown = {name: fence.around(held, name) for name, held in pieces.items()}
    shown |= {name: fence.boundary if name in _FENCE_WORDS else text for name, text in plain.items()}
    return _Filled(
        values=shown,
        system=fill(template(prompt.system), shown),
        user=fill(template(prompt.user), shown),
        fence=fence,
    )


def _check_names(prompt: Prompt, values: Mapping[str, Value]) -> None:
    given, needed = frozenset(values), prompt.names - _FENCE_WORDS
    if missing := sorted(needed - given):
        raise ConfigError(
            f"prompt {prompt.ref} got no value for {', '.join(missing)} ({prompt.where})",
            hint=f"whoever renders it gives: {', '.join(sorted(given)) or 'nothing'}",
        )
    if extra := sorted(given - needed):
        raise ConfigError(
            f"prompt {prompt.ref} takes no {', '.join(extra)} ({prompt.where})",
            hint="name it in `inputs`, and use it" if not _FENCE_WORDS & set(extra) else "the renderer draws it",
        )


def _plain(prompt: Prompt, name: str, trust: Trust, values: Mapping[str, Value]) -> str:
    value = values.get(name, "")
    if not isinstance(value, str):
        raise ConfigError(f"prompt {prompt.ref}: {name} is one text, not several pieces ({prompt.where})")
    if trust is Trust.SYSTEM and value.splitlines() not in ([], [value]):
        raise ConfigError(
            f"prompt {prompt.ref}: {name} has several lines ({prompt.where})",
            hint="words that a person wrote are of trust operator, user or document",
        )
    return value


def _texts(pieces: Mapping[str, tuple[Piece, ...]]) -> list[str]:
    return [
        text
        for held in pieces.values()
        for one in held
        for text in (one.text, one.name, *(told for _, told in one.about))
    ]
