"""A judge's prompt for one call: the criterion in the system part, the marked material in the user part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from answerable.core.prompt import Rendered
from answerable.evals.judges.criterion import Criterion
from answerable.evals.judges.marking import marked
from answerable.prompts.prompt import Prompt
from answerable.prompts.render import rendered
from answerable.text.marking import new_token

MAX_OUTPUT_TOKENS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a judge is sent, and the token that its reply must repeat."""

    rendered: Rendered
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeRenderer:
    """Fills a judge's prompt. `mark` is replaced only to measure what the marking is worth."""

    prompt: Prompt
    mark: Callable[[str, str], str] = marked

    def render(self, criterion: Criterion, parts: Sequence[tuple[str, str]]) -> Asked:
        """A fresh token each time. Raises ConfigError when the prompt's inputs do not fit."""
        token = new_token(*(text for _, text in parts))
        material = "\n\n".join(f"{heading}\n{self.mark(text, token)}" for heading, text in parts)
        values = {"criterion": criterion.text, "material": material, "token": token}
        filled = rendered(self.prompt, values, fixed=("criterion",))
        return Asked(rendered=replace(filled, temperature=0.0, max_output_tokens=MAX_OUTPUT_TOKENS), token=token)
