"""The answer prompt for one request: its values, its fence and its canary."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from answerable.answer.context import defuse, render_context
from answerable.core.identity import content_id
from answerable.core.prompt import ContextBlock, Rendered
from answerable.core.query import Query, Turn
from answerable.prompts.prompt import Prompt
from answerable.prompts.render import render, rendered

_FIXED = frozenset({"scope"})  # a project's own; all else is of the request

_PER_REQUEST = frozenset({"question", "context", "boundary", "canary"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Renderer:
    """Fills the answer prompt. `scope` says in plain words what the assistant is for.

    What changes with a request (boundary, canary, day, language) stands behind what does not: a provider's prompt
    cache serves the beginning, byte for byte.
    """

    prompt: Prompt
    scope: str = ""
    temperature: float = 0.1
    max_output_tokens: int = 400

    def render(
        self, query: Query, blocks: Sequence[ContextBlock], *, weights: Mapping[str, float], today: date
    ) -> Rendered:
        """A fresh boundary and canary each time. Raises ConfigError when the prompt's inputs do not fit."""
        boundary, canary = secrets.token_hex(6), f"cn-{secrets.token_hex(8)}"
        values = {
            "question": defuse(query.text),
            "context": render_context(blocks, boundary=boundary),
            "language": query.language,
            "today": today.isoformat(),
            "scope": self.scope,
            "boundary": boundary,
            "canary": canary,
        }
        return replace(
            rendered(self.prompt, values, fixed=_FIXED),
            question=query.text,
            language=query.language,
            blocks=tuple(blocks),
            weights=weights,
            canary=canary,
            boundary=boundary,
            basis=self._basis(values, query.history),
            temperature=self.temperature,
            max_output_tokens=self.max_output_tokens,
            scope=query.scope,
            principal=query.principal.id,
            key=query.key,
        )

    def _basis(self, values: Mapping[str, str], history: Sequence[Turn]) -> str:
        """What stays without question, context and chance: template, scope, language, and a day that is shown; and
        what a follow-up leans on, for `And for laptops?` is another question in another conversation."""
        system, user = render(
            self.prompt, {name: "" if name in _PER_REQUEST else one for name, one in values.items()}
        )
        return content_id("pb", system, user, *(part for turn in history for part in (turn.role, turn.text)))
