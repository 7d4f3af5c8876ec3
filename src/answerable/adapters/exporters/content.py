"""How much of what people and documents say goes along: nothing, what is left without personal data, or all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Literal

from answerable.adapters.exporters import conventions as otel
from answerable.adapters.exporters.signals import Value
from answerable.core.answer import Answer
from answerable.core.prompt import Rendered
from answerable.core.query import Query

Content = Literal["none", "redacted", "full"]
Mask = Callable[[str], str]
MAX_CHARS = 20_000  # of one text


def _unmasked(text: str) -> str:
    return text


def masked(content: Content, mask: Mask) -> Mask | None:
    """What every text passes; None where none goes along."""
    return {"none": None, "redacted": mask, "full": _unmasked}[content]


def asked(query: Query, answer: Answer, mask: Mask | None) -> dict[str, Value]:
    """The question and what was shown, by the conventions' form of messages; empty where no text goes along."""
    if mask is None:
        return {}
    return {
        otel.INPUT_MESSAGES: _message("user", query.text, mask),
        otel.OUTPUT_MESSAGES: _message("assistant", answer.text, mask),
    }


def sent(rendered: Rendered | None, mask: Mask | None) -> dict[str, Value]:
    """The prompt as it was sent to a model, without its canary; what came of it is on the whole span."""
    if mask is None or rendered is None:
        return {}
    bare = rendered.system.replace(rendered.canary, "[canary]") if rendered.canary else rendered.system
    system = [{"type": "text", "content": mask(bare[:MAX_CHARS])}]
    return {
        otel.SYSTEM_INSTRUCTIONS: json.dumps(system, ensure_ascii=False),
        otel.INPUT_MESSAGES: _message("user", rendered.user, mask),
    }


def searched(query: Query, mask: Mask | None) -> dict[str, Value]:
    """What was searched for."""
    return {} if mask is None else {otel.RETRIEVAL_QUERY: mask(query.text[:MAX_CHARS])}


def _message(role: str, text: str, mask: Mask) -> str:
    parts = [{"type": "text", "content": mask(text[:MAX_CHARS])}]
    return json.dumps([{"role": role, "parts": parts}], ensure_ascii=False)
