"""Which judge it was: everything that decides a verdict, besides what is judged."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from answerable.core.identity import sha256_hex
from answerable.evals.judges.criterion import Criterion
from answerable.prompts.prompt import Prompt

_FORM = 1  # of keys and digests: raised when marking or parsing changes what a judgment means


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeIdentity:
    """Another criterion, prompt, model or rule is another judge, with a fitness of its own to show."""

    criterion: str
    criterion_version: str
    criterion_sha256: str
    prompt: str  # id@version
    prompt_sha256: str
    models: tuple[str, ...]  # as configured: protocol, endpoint, name
    temperature: float | None = None  # of the call, as the prompt has it
    max_output_tokens: int | None = None
    rule: str = "one"  # one | majority | unanimous

    @property
    def digest(self) -> str:
        """A short name that is equal exactly when the judge is the same."""
        return sha256_hex(json.dumps([*self._parts(), self.rule], sort_keys=True))[:16]

    @property
    def label(self) -> str:
        """For people, e.g. `grounded@1.0.0 by judge-model-2026-05-01`."""
        names = ", ".join(model.rpartition(" ")[2] for model in self.models)
        panel = f" ({self.rule})" if len(self.models) > 1 else ""
        return f"{self.criterion}@{self.criterion_version} by {names}{panel}"

    def key(self, material: list[list[str]], *, repeat: int) -> str:
        """What a judgment is kept by. `repeat`: asking again on purpose is another key."""
        return sha256_hex(json.dumps([*self._parts(), material, repeat], sort_keys=True, ensure_ascii=True))

    def _parts(self) -> list[Any]:
        parameters = {"temperature": self.temperature, "max_output_tokens": self.max_output_tokens}
        return [_FORM, self.criterion, self.criterion_sha256, self.prompt_sha256, list(self.models), parameters]


def identity_of(criterion: Criterion, prompt: Prompt, *models: str, rule: str = "one") -> JudgeIdentity:
    """Of one model, or of a panel of several under a rule."""
    return JudgeIdentity(
        criterion=criterion.id,
        criterion_version=criterion.version,
        criterion_sha256=criterion.sha256,
        prompt=f"{prompt.id}@{prompt.version}",
        prompt_sha256=prompt.sha256,
        models=models,
        temperature=prompt.temperature,
        max_output_tokens=prompt.max_output_tokens,
        rule=rule,
    )
