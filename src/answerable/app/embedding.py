"""Which embedder and tokenizer the configuration names."""

from __future__ import annotations

from answerable.adapters.embedders.http import Endpoint, HttpEmbedder
from answerable.adapters.embedders.minilm import MiniLM
from answerable.adapters.embedders.tokenizer import WordPieceTokenizer
from answerable.adapters.embedders.weights import find_weights
from answerable.app.project import Project
from answerable.core.errors import ConfigError
from answerable.core.ports import Embedder, Tokenizer


def make_embedder(project: Project) -> MiniLM | HttpEmbedder:
    """The embedder; nothing is loaded before the first text. Raises ConfigError, naming the key."""
    section = project.settings.embedding
    kind, _, name = section.model.partition(":")
    if kind == "local" and name in ("default", "int8"):
        weights = find_weights(project.path(section.path) if section.path else None)
        return MiniLM(weights, precision="int8" if name == "int8" else "fp32")
    if kind == "openai" and name:
        if not section.base_url or not section.dim:
            raise ConfigError("embedding.model openai:… needs embedding.base_url and embedding.dim")
        endpoint = Endpoint(
            base_url=section.base_url, model=name, dim=section.dim, api_key=project.secret(section.api_key) or ""
        )
        return HttpEmbedder(endpoint)
    raise ConfigError(
        f"embedding.model {section.model!r} is unknown", hint="local:default, local:int8 or openai:MODEL"
    )


def make_tokenizer(embedder: Embedder) -> Tokenizer:
    """The embedding model's own where it runs here; the default model's where it is behind an endpoint."""
    if isinstance(embedder, MiniLM):
        return embedder.tokenizer
    return WordPieceTokenizer(find_weights().tokenizer)
