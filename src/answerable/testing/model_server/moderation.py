"""A moderation API in the shape of OpenAI's; flagged by the shipped list of phrases, or as a behavior says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from answerable.guards.safety import harms
from answerable.testing.model_server.prompt import Prompt
from answerable.testing.model_server.tokens import counted

MODERATIONS = "/v1/moderations"
_NAMES = {"self_harm": "self-harm/intent", "violence": "violence", "weapons": "illicit/violent", "hate": "hate"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModerationDialect:
    """A behavior that says a JSON object of categories and scores gives those; else phrases are looked for."""

    marks_cached: bool = False

    def parse(self, body: Mapping[str, Any]) -> Prompt:
        """The input is what the user says."""
        model, given = str(body.get("model", "")), str(body.get("input", ""))
        return counted(Prompt(model=model, system="", user=given, stream=False, include_usage=False))

    def whole(self, prompt: Prompt, text: str, finish: str) -> Any:
        """A reply."""
        scores = _said(text)
        found = _by_phrases(prompt.user) if scores is None else scores
        result = {
            "flagged": bool(found),
            "categories": {**dict.fromkeys(("hate", "violence"), False), **dict.fromkeys(found, True)},
            "category_scores": {**dict.fromkeys(("hate", "violence"), 0.0), **found},
        }
        return {"id": "modr-scripted", "model": prompt.model, "results": [result]}

    def opening(self, prompt: Prompt) -> bytes:
        """Nothing is streamed."""
        return b""

    def piece(self, prompt: Prompt, text: str) -> bytes:
        """Nothing is streamed."""
        return b""

    def thought(self, prompt: Prompt, text: str) -> bytes:
        """Nothing is streamed."""
        return b""

    def closing(self, prompt: Prompt, text: str, finish: str) -> bytes:
        """Nothing is streamed."""
        return b""

    def error(self, status: int, message: str, code: str = "") -> Any:
        """An error body."""
        return {"error": {"message": message, "type": "invalid_request_error", "code": code or None}}

    def error_event(self, status: int, message: str) -> bytes:
        """Nothing is streamed."""
        return b""


def _by_phrases(text: str) -> dict[str, float]:
    return {_NAMES.get(hit.rule.family, "illicit"): 0.9 for hit in harms(text)}


def _said(text: str) -> dict[str, float] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return {str(name): float(score) for name, score in value.items()} if isinstance(value, dict) else None
