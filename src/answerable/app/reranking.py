"""Which reranker the configuration names."""

from __future__ import annotations

from answerable.adapters.rerankers.proximity import KeepOrder, Proximity
from answerable.app.project import Project
from answerable.core.errors import ConfigError
from answerable.core.ports import Embedder, Reranker, TokenCodes

SHIPPED = "proximity"


def make_reranker(project: Project, name: str = "", *, embedder: Embedder, codes: TokenCodes) -> Reranker:
    """The reranker called `name`; without a name the configured one. Raises ConfigError for an unknown one."""
    match name or project.settings.retrieval.reranker:
        case "proximity":
            return Proximity()
        case "none":
            return KeepOrder()
        case other:
            raise ConfigError(f"no reranker is called {other!r}", hint="retrieval.reranker: proximity or none")
