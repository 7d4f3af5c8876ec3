"""What a model says of a question, as the prompt `guard` asks it to: fine, redirecting, or outside the scope."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, ValidationError

from answerable.text.objects import json_objects

MOST_CHARS = 4000  # of a reply


class Asked(StrEnum):
    """The three verdicts."""

    FINE = "FINE"
    REDIRECTS = "REDIRECTS"
    OUTSIDE = "OUTSIDE"


class _Reply(BaseModel):
    """Keys of the model's own are ignored; ours are strict."""

    model_config = ConfigDict(extra="ignore", strict=True)

    token: str
    why: str
    verdict: str


def read_asked(text: str, *, token: str) -> tuple[Asked, str] | None:
    """The last object's verdict and reason; None where no object has the call's token and one of the verdicts."""
    for value in reversed(list(json_objects(text[-MOST_CHARS:]))):
        try:
            reply = _Reply.model_validate(value)
        except ValidationError:
            continue
        if reply.token == token and reply.verdict in Asked.__members__ and reply.why.strip():
            return Asked(reply.verdict), reply.why.strip()
    return None
