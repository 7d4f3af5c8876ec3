"""Reads the safetensors format: an 8-byte length, a JSON header, raw little-endian numbers. Nothing is executed.

Format: https://github.com/huggingface/safetensors, "Format".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answerable.core.errors import IntegrityError

_MAX_HEADER_BYTES = 100_000_000  # the format's own limit


def read_tensors(path: Path) -> Mapping[str, NDArray[np.float32]]:
    """Every float32 tensor by name, mapped from the file and read-only; others are left out.

    Raises IntegrityError when the file is not well formed.
    """
    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            if not 0 < size <= _MAX_HEADER_BYTES:
                raise ValueError(f"a header of {size} bytes")
            header: dict[str, Any] = json.loads(file.read(size))
        data = np.memmap(path, dtype=np.uint8, mode="r", offset=8 + size)
        return {name: _tensor(data, entry) for name, entry in header.items() if entry.get("dtype") == "F32"}
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise IntegrityError(f"{path} is not a safetensors file: {exc}", hint="get the file again") from exc


def _tensor(data: NDArray[np.uint8], entry: Mapping[str, Any]) -> NDArray[np.float32]:
    start, end = entry["data_offsets"]
    if not 0 <= start <= end <= data.size:
        raise ValueError(f"a tensor at {start}..{end} of {data.size} bytes")
    return data[start:end].view("<f4").reshape(entry["shape"])
