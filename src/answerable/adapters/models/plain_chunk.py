"""The chunk that nearly every piece of a stream is: some text and nothing else, read at a third of the cost."""

from __future__ import annotations

from typing import NamedTuple

from pydantic_core import from_json


class PlainChunk(NamedTuple):
    """What it brings; empty where it does not say."""

    text: str
    model: str
    fingerprint: str


def read_plain(data: str) -> PlainChunk | None:
    """None for a chunk that brings anything else, or is in any way unusual: the strict model is to read it."""
    try:
        chunk = from_json(data)
        choice, *more = chunk["choices"]
        delta = choice["delta"]
        text, kind = delta["content"], chunk.get("object")
    except (ValueError, TypeError, KeyError):
        return None
    if more or (kind is not None and kind != "chat.completion.chunk") or _brings_more(chunk, choice, delta):
        return None
    model, fingerprint = chunk.get("model") or "", chunk.get("system_fingerprint") or ""
    if type(text) is not str or type(model) is not str or type(fingerprint) is not str:
        return None
    return PlainChunk(text, model, fingerprint)


def _brings_more(chunk: dict[str, object], choice: dict[str, object], delta: dict[str, object]) -> bool:
    return not (
        choice.get("finish_reason") is None
        and choice.get("message") is None
        and chunk.get("usage") is None
        and chunk.get("error") is None
        and chunk.get("x_groq") is None
        and delta.get("refusal") is None
        and delta.get("reasoning_content") is None
        and delta.get("reasoning") is None
    )
