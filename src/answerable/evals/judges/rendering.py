"""A judge's prompt for one call: the criterion in the system part, the marked material in the user part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from answerable.core.prompt import Piece, Rendered
from answerable.evals.judges.criterion import Criterion
from answerable.evals.judges.defusing import defused
from answerable.prompts.fence import Value
from answerable.prompts.prompt import Prompt
from answerable.prompts.render import rendered

Fill = Callable[[Prompt, Mapping[str, Value]], Rendered]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a judge is sent, and the token that its reply must repeat."""

    rendered: Rendered
    token: str


def filled(prompt: Prompt, values: Mapping[str, Value]) -> Rendered:
    """The prompt with its values; the criterion's is the same in every request."""
    return rendered(prompt, values, fixed=("criterion",))


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeRenderer:
    """Fills a judge's prompt. `fill` and `defuse` are replaced only to measure what marking is worth."""

    prompt: Prompt
    fill: Fill = filled
    defuse: Callable[[str], str] = defused

    def render(self, criterion: Criterion, parts: Sequence[tuple[str, str]]) -> Asked:
        """A fresh token each time. Raises ConfigError when the prompt's inputs do not fit."""
        material = [Piece(name=heading, text=self.defuse(text)) for heading, text in parts]
        made = self.fill(self.prompt, {"criterion": criterion.text, "material": material})
        return Asked(rendered=made, token=made.boundary)
