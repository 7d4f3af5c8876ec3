"""Arrays and vectors as Postgres reads them in binary: numpy packs them, nothing is printed and parsed."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

_ARRAY = struct.Struct(">iiiii")  # dimensions, has nulls, element type, length, lower bound
_VECTOR = struct.Struct(">hh")  # halfvec: dimensions, unused
_NULL = (-1).to_bytes(4, signed=True)  # the size of an element that is not there
_BYTEA = 17
_ANY = 0  # the statement's cast says the type; an extension's number differs from server to server
_OIDS = {np.dtype(np.int64): 20, np.dtype(np.int32): 23, np.dtype(np.float64): 701}


@dataclass(frozen=True, slots=True)
class Numbers:
    """An int8[], int4[] or float8[] parameter; shape (n,)."""

    values: NDArray[np.int64] | NDArray[np.int32] | NDArray[np.float64]

    @classmethod
    def int4(cls, values: Iterable[int]) -> Numbers:
        """From Python integers."""
        return cls(np.fromiter(values, dtype=np.int32))

    def packed(self) -> bytes:
        """Header, then each element after its size."""
        values = self.values
        out = np.empty(len(values), dtype=[("size", ">i4"), ("value", values.dtype.newbyteorder(">"))])
        out["size"] = values.dtype.itemsize
        out["value"] = values
        return _ARRAY.pack(1, 0, _OIDS[values.dtype], len(values), 1) + out.tobytes()


@dataclass(frozen=True, slots=True)
class Texts:
    """A text[] parameter, or with the type's number of bytea one of bytes."""

    values: Sequence[str | bytes | None]
    oid: int = 25

    @classmethod
    def blobs(cls, values: Sequence[bytes]) -> Texts:
        """A bytea[] parameter."""
        return cls(values, _BYTEA)

    def packed(self) -> bytes:
        """Header, then each element after its size."""
        parts = [_ARRAY.pack(1, None in self.values, self.oid, len(self.values), 1)]
        for value in self.values:
            sent = value.encode() if isinstance(value, str) else value
            parts += (_NULL,) if sent is None else (len(sent).to_bytes(4), sent)
        return b"".join(parts)


@dataclass(frozen=True, slots=True)
class HalfVector:
    """A halfvec parameter; shape (dim,)."""

    values: NDArray[np.float32]

    def packed(self) -> bytes:
        """Header, then the halves."""
        return _VECTOR.pack(len(self.values), 0) + self.values.astype(">f2").tobytes()


@dataclass(frozen=True, slots=True)
class HalfVectors:
    """A halfvec[] parameter; shape (n, dim)."""

    values: NDArray[np.float32]

    def packed(self) -> bytes:
        """Header, then each vector after its size."""
        n, dim = self.values.shape
        halves = np.dtype([("size", ">i4"), ("dim", ">i2"), ("unused", ">i2"), ("values", ">f2", (dim,))])
        out = np.zeros(n, dtype=halves)
        out["size"] = halves.itemsize - 4
        out["dim"] = dim
        out["values"] = self.values
        return _ARRAY.pack(1, 0, _ANY, n, 1) + out.tobytes()


def unpack_halves(sent: bytes) -> NDArray[np.float32]:
    """The vector in what `halfvec_send` gives; shape (dim,)."""
    return np.frombuffer(sent, dtype=">f2", offset=_VECTOR.size).astype(np.float32)


class PackedDumper(Dumper):
    """Hands psycopg what `packed` gives."""

    format = Format.BINARY
    oid = _ANY

    def dump(self, obj: Numbers | Texts | HalfVector | HalfVectors) -> Buffer:
        """The parameter's bytes."""
        return obj.packed()


def register(context: AdaptContext) -> None:
    """Let a connection or a cursor take these parameters."""
    if context.adapters is not None:
        for kind in (Numbers, Texts, HalfVector, HalfVectors):
            context.adapters.register_dumper(kind, PackedDumper)
