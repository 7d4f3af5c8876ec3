"""A judge's reply: the last JSON object in it that repeats the call's token, and nothing that was quoted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from answerable.text.objects import json_objects

MAX_CHARS = 8_000  # of a reply, its end; a longer one did not do as it was told


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are given twice says two things, so it says nothing."""
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key is given twice")
    return dict(pairs)


_DECODER = json.JSONDecoder(object_pairs_hook=_once)


class Reply(BaseModel):
    """What was said. Keys of the model's own are ignored; ours are strict."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    token: str
    why: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
    verdict: Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True)]
    evidence: Annotated[list[str], Field(max_length=20)] = []


def parse_reply(text: str, *, token: str, verdicts: Sequence[str]) -> Reply | None:
    """The last valid object; None where there is none.

    An object counts only at the top level: one inside another one's strings or values was quoted. And only with
    the token, which no author of the material could know.
    """
    found = None
    for value in json_objects(text[-MAX_CHARS:], _DECODER):
        try:
            reply = Reply.model_validate(value)
        except ValidationError:
            continue
        if reply.token == token and reply.verdict in verdicts:
            found = reply
    return found
