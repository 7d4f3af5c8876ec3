"""The answer prompt for one request: its values, its fence and its canary."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from answerable.answer.context import pieces
from answerable.core.identity import content_id
from answerable.core.prompt import ContextBlock, Rendered
from answerable.core.query import Query, Turn
from answerable.prompts.fence import Value
from answerable.prompts.prompt import Prompt
from answerable.prompts.render import rendered, skeleton

_FIXED = frozenset({"scope"})  # a project's own; all else is of the request


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
        canary = f"cn-{secrets.token_hex(8)}"
        shared = {"language": query.language, "today": today.isoformat(), "scope": self.scope}
        values: dict[str, Value] = {"question": query.text, "context": pieces(blocks), "canary": canary, **shared}
        made = rendered(self.prompt, values, fixed=_FIXED)
        return replace(
            made,
            question=query.text,
            language=query.language,
            blocks=tuple(blocks),
            weights=weights,
            canary=canary,
            basis=self._basis(shared, query.history),
            temperature=self.temperature if self.prompt.temperature is None else made.temperature,
            max_output_tokens=self.prompt.max_output_tokens or self.max_output_tokens,
            scope=query.scope,
            principal=query.principal.id,
            key=query.key,
        )

    def _basis(self, shared: Mapping[str, str], history: Sequence[Turn]) -> str:
        """What stays without question, context and chance: template, scope, language, and a day that is shown; and
        what a follow-up leans on, for `And for laptops?` is another question in another conversation."""
        system, user = skeleton(self.prompt, shared)
        return content_id("pb", system, user, *(part for turn in history for part in (turn.role, turn.text)))
