"""Answers you can check, from your own documents, and an honest "I don't know" otherwise."""

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from answerable.app import Project, System, open_system
    from answerable.core.answer import Answer, Citation, Claim
    from answerable.core.outcome import Outcome
    from answerable.core.query import Filter, Principal, Query

__all__ = [
    "Answer",
    "Citation",
    "Claim",
    "Filter",
    "Outcome",
    "Principal",
    "Project",
    "Query",
    "System",
    "__version__",
    "open_system",
]
__version__ = version("answerable")
_HOMES = {
    "answerable.app": ("Project", "System", "open_system"),
    "answerable.core.answer": ("Answer", "Citation", "Claim"),
    "answerable.core.outcome": ("Outcome",),
    "answerable.core.query": ("Filter", "Principal", "Query"),
}


def __getattr__(name: str) -> Any:
    """Loaded when first named: `import answerable` alone costs nothing."""
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
