"""Which embedder and tokenizer the configuration names."""

from __future__ import annotations

from answerable.adapters.embedders.adapted import AdaptedEmbedder
from answerable.adapters.embedders.adapted_tokens import AdaptedTokens
from answerable.adapters.embedders.http import Endpoint, HttpEmbedder
from answerable.adapters.embedders.minilm import MiniLM
from answerable.adapters.embedders.remembered import RememberedEmbedder
from answerable.adapters.embedders.tokenizer import WordPieceTokenizer
from answerable.adapters.embedders.weights import find_weights
from answerable.app.paying import Money
from answerable.app.project import Project
from answerable.core.errors import ConfigError
from answerable.core.ports import Embedder, TokenEncoder, Tokenizer

Bare = MiniLM | HttpEmbedder


def make_embedder(project: Project, money: Money | None = None) -> Bare | AdaptedEmbedder:
    """The embedder, with its adapter; no model is loaded before the first text. What costs is paid out of `money`.

    Raises ConfigError, naming the key, ModelMismatch and IntegrityError for an adapter that does not fit.
    """
    section, bare = project.settings.embedding, make_bare_embedder(project, money)
    if not section.adapter:
        return bare
    return AdaptedEmbedder.load(project.path(section.adapter), bare, at=section.adapter_at)


def bare(embedder: Embedder) -> Embedder:
    """The embedder without its adapter."""
    return embedder.inner if isinstance(embedder, AdaptedEmbedder) else embedder


async def close_embedder(embedder: Embedder) -> None:
    """Let its threads or its connections go."""
    match bare(embedder):
        case MiniLM() as local:
            local.close()
        case HttpEmbedder() as remote:
            await remote.aclose()


def embedding_key(embedder: Embedder) -> str:
    """What decides the vectors of questions and passages: the space's key, and an adapter at the query alone."""
    key = embedder.model.key
    if isinstance(embedder, AdaptedEmbedder) and embedder.at == "query":
        return f"{key}+query-{embedder.sha256[:12]}"
    return key


def make_bare_embedder(project: Project, money: Money | None = None) -> Bare:
    """The embedder without an adapter; nothing is loaded before the first text. Raises ConfigError."""
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
        account = money.account("embed", provider="embedding", model=name, url=section.base_url) if money else None
        return HttpEmbedder(endpoint, account=account)
    raise ConfigError(
        f"embedding.model {section.model!r} is unknown", hint="local:default, local:int8 or openai:MODEL"
    )


def make_tokenizer(embedder: Embedder) -> Tokenizer:
    """The embedding model's own where it runs here; the default model's where it is behind an endpoint."""
    inner = bare(embedder)
    if isinstance(inner, MiniLM):
        return inner.tokenizer
    return WordPieceTokenizer(find_weights().tokenizer)


def token_encoder(embedder: Embedder) -> TokenEncoder | None:
    """The embedder, where it can say what it saw of each token; None where it cannot, as behind an endpoint."""
    match embedder:
        case RememberedEmbedder():
            return token_encoder(embedder.inner)  # its passages are the inner one's
        case AdaptedEmbedder():
            inner = token_encoder(embedder.inner)
            return AdaptedTokens(embedder=embedder, inner=inner) if inner else None
        case _:
            return embedder if isinstance(embedder, TokenEncoder) else None
