"""An embedder made of an embedder: its vectors, moved by a small linear change learned from judged pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from answerable.adapters.embedders.change_file import ChangeNote, Floats, read_change
from answerable.core.errors import ModelMismatch
from answerable.core.ports import Embedder, EmbeddingModel, Kind, Vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptedEmbedder:
    """x → x + (x·U)·Vᵀ, made unit length again.

    At the query alone passages keep their vectors and the index stays as it is. At both ends it is another space
    with another key, so that its vectors are never mixed with those from before.
    """

    inner: Embedder
    left: Floats
    right: Floats
    at: Literal["query", "both"]
    sha256: str
    note: ChangeNote | None = None

    @classmethod
    def load(cls, path: Path, inner: Embedder, *, at: Literal["query", "both"]) -> AdaptedEmbedder:
        """From a file. Raises ModelMismatch for one learned on another model or for the other place."""
        left, right, note, sha256 = read_change(path)
        if note.model != inner.model.key:
            raise ModelMismatch(
                f"{path} was learned on {note.model}, and the embedding model is {inner.model.key}",
                hint="learn it again: `answerable lab embedding --adapt`, or take embedding.adapter out",
            )
        if note.at != at:
            raise ModelMismatch(
                f"{path} was learned and measured for adapter_at = {note.at!r}, not {at!r}",
                hint=f'set embedding.adapter_at = "{note.at}"',
            )
        return cls(inner=inner, left=left, right=right, at=at, sha256=sha256, note=note)

    @property
    def model(self) -> EmbeddingModel:
        """The space of the passages' vectors."""
        inner = self.inner.model
        if self.at == "query":
            return inner
        engine = "+".join(part for part in (inner.engine, f"adapter-{self.sha256[:12]}") if part)
        return replace(inner, engine=engine)

    async def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """As the inner one, then moved. Raises what it raises."""
        vectors = await self.inner.embed(texts, kind=kind)
        return self.moved(vectors) if kind == "query" or self.at == "both" else vectors

    def moved(self, vectors: Vectors) -> Vectors:
        """Shape (n, dim), rows of unit length in and out."""
        found = vectors + (vectors @ self.left) @ self.right.T
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        unit: Vectors = (found / np.maximum(lengths, 1e-12)).astype(np.float32)
        return unit
