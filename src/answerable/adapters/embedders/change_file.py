"""The file of a learned change of an embedding: safetensors, with where it comes from in its header."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from answerable.adapters.embedders.cache import replacing
from answerable.adapters.embedders.safetensors import read_tensors
from answerable.core.errors import ConfigError, IntegrityError
from answerable.core.identity import sha256_hex

Floats = NDArray[np.float32]
_AGAIN = "learn it again: `answerable lab embedding --adapt`"
_NAMES = ("left", "right")
_Share = Annotated[float, Field(ge=-1.0, le=1.0)]


class ChangeNote(BaseModel):
    """Where a change comes from. `model` is the key of the space that it changes; held-out figures are nDCG@10."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    kind: Literal["answerable-embedding-adapter"] = "answerable-embedding-adapter"
    format: Literal[1] = 1
    model: str
    at: Literal["query", "both"]
    pairs_sha256: str
    n: int
    clusters: int
    before: _Share
    after: _Share
    difference: _Share
    low: _Share
    high: _Share
    p: Annotated[float, Field(ge=0.0, le=1.0)]
    made: date


def write_change(path: Path, left: Floats, right: Floats, note: ChangeNote) -> str:
    """Replace the file, whole or not at all; returns the hash of its content."""
    tensors = dict(zip(_NAMES, (np.ascontiguousarray(one, dtype="<f4") for one in (left, right)), strict=True))
    digest = _digest(tensors["left"], tensors["right"], note)
    header: dict[str, Any] = {"__metadata__": {"note": note.model_dump_json(), "sha256": digest}}
    start = 0
    for name, one in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(one.shape), "data_offsets": [start, start + one.nbytes]}
        start += one.nbytes
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    body = b"".join(one.tobytes() for one in tensors.values())
    with replacing(path) as temporary:
        temporary.write_bytes(len(head).to_bytes(8, "little") + head + body)
    return digest


def read_change(path: Path) -> tuple[Floats, Floats, ChangeNote, str]:
    """U, V, the note, the hash. Raises ConfigError where it is not there, IntegrityError where it was changed."""
    if not path.is_file():
        raise ConfigError(f"there is no file {path}", hint=_AGAIN)
    tensors = read_tensors(path)
    try:
        with path.open("rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        note = ChangeNote.model_validate_json(header["__metadata__"]["note"])
        claimed = header["__metadata__"]["sha256"]
        left, right = (np.array(tensors[name]) for name in _NAMES)
    except (ValueError, KeyError, TypeError, ValidationError) as exc:
        raise IntegrityError(f"{path} is no learned adapter: {exc}", hint=_AGAIN) from exc
    if left.ndim != 2 or left.shape != right.shape or _digest(left, right, note) != claimed:
        raise IntegrityError(f"{path} was changed after it was written", hint=_AGAIN)
    return left, right, note, claimed


def _digest(left: Floats, right: Floats, note: ChangeNote) -> str:
    return sha256_hex(left.tobytes() + right.tobytes() + note.model_dump_json().encode())
