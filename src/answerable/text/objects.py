"""JSON objects inside a text, as models reply with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

_DECODER = json.JSONDecoder()


def json_objects(text: str, decoder: json.JSONDecoder = _DECODER) -> Iterator[Any]:
    """The JSON objects at the text's top level; one inside another one's strings was quoted."""
    at = text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
            yield value
        except (ValueError, RecursionError):
            end = at + 1
        at = text.find("{", end)
