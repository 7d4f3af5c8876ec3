"""The token encoder of an adapted embedder: tokens are compared as the model gives them, vectors are moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from answerable.adapters.embedders.adapted import AdaptedEmbedder
from answerable.core.ports import QuestionTokens, TokenEncoder, Vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptedTokens:
    """A TokenEncoder; `inner` is that of the embedder under the adapter."""

    embedder: AdaptedEmbedder
    inner: TokenEncoder

    @property
    def code(self) -> str:
        """The inner one's: no adapter changes a code."""
        return self.inner.code

    async def encode(self, texts: Sequence[str]) -> tuple[Vectors, list[bytes]]:
        """The vectors that the adapted embedder gives for passages."""
        vectors, codes = await self.inner.encode(texts)
        return (self.embedder.moved(vectors) if self.embedder.at == "both" else vectors), codes

    async def question(self, text: str) -> QuestionTokens:
        """The inner one's."""
        return await self.inner.question(text)
