"""The shapes in which rerank APIs are asked and answer; SHAPES has them by name."""

from collections.abc import Mapping
from types import MappingProxyType

from answerable.adapters.rerankers.shapes.cohere import Cohere
from answerable.adapters.rerankers.shapes.jina import Jina
from answerable.adapters.rerankers.shapes.shape import Shape
from answerable.adapters.rerankers.shapes.tei import Tei
from answerable.adapters.rerankers.shapes.voyage import Voyage

__all__ = ["SHAPES", "Cohere", "Jina", "Shape", "Tei", "Voyage"]

SHAPES: Mapping[str, Shape] = MappingProxyType(
    {"cohere": Cohere(), "jina": Jina(), "voyage": Voyage(), "tei": Tei()}
)
