"""Embeddings that are the same everywhere and put texts with common words near each other: feature hashing."""

from __future__ import annotations

import base64
import hashlib
import math
import struct
from collections.abc import Mapping
from typing import Any

from answerable.testing.model_server.tokens import count_tokens
from answerable.text.words import terms

DIM = 384


def hashed_vector(text: str, dim: int = DIM) -> list[float]:
    """A unit-length vector of `dim` numbers from the text's terms (Weinberger et al. 2009, section 2)."""
    vector = [0.0] * dim
    for term in terms(text) or [text]:
        digest = int.from_bytes(hashlib.sha256(term.encode()).digest()[:8], "big")
        vector[(digest >> 1) % dim] += 1.0 if digest & 1 else -1.0
    length = math.sqrt(sum(value * value for value in vector))
    if length == 0.0:  # the terms cancelled out
        return [1.0] + [0.0] * (dim - 1)
    return [value / length for value in vector]


def embeddings_reply(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a reply to `POST /v1/embeddings`: floats, or base64 of little-endian float32 when asked so."""
    given = body.get("input", [])
    texts = [given] if isinstance(given, str) else [str(one) for one in given]
    dim = int(body.get("dimensions") or DIM)
    encode = _base64 if body.get("encoding_format") == "base64" else list
    data = [
        {"object": "embedding", "index": i, "embedding": encode(hashed_vector(text, dim))}
        for i, text in enumerate(texts)
    ]
    used = sum(count_tokens(text) for text in texts)
    usage = {"prompt_tokens": used, "total_tokens": used}
    return {"object": "list", "data": data, "model": str(body.get("model", "")), "usage": usage}


def _base64(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
