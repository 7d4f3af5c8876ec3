"""What a scoped token is good for: a word for each group of routes, with `:read` and `:write`."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from answerable.api.credentials import SAFE_METHODS

PAGES = "pages"  # what browsers read; a token with scopes has no business there unless it says so


def scope_of(method: str, path: str) -> str:
    """`answers:write` for POST /v1/answers, `metrics:read` for GET /metrics, `pages:read` for the pages.

    Made from the route itself, so no route can be without one.
    """
    first, _, rest = path.strip("/").partition("/")
    noun = rest.partition("/")[0] if first == "v1" else first if first == "metrics" else PAGES
    return f"{noun}:{'read' if method in SAFE_METHODS else 'write'}"


def covers(scopes: Collection[str], wanted: str) -> bool:
    """Whether a credential with these scopes is good for it; a noun alone is good for both, no scopes for all."""
    return not scopes or wanted in scopes or wanted.partition(":")[0] in scopes


def known(routes: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Every scope of these methods and paths, and every noun, in order."""
    found = {scope_of(method, path) for method, path in routes}
    return tuple(sorted(found | {one.partition(":")[0] for one in found}))
