"""What tells one provider protocol from another: what is sent, and how what comes back is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from answerable.adapters.models.reply import Reply
from answerable.core.errors import ModelError
from answerable.core.prompt import Rendered


class ModelProtocol(Protocol):
    """One per adapter; it may learn what its endpoint does not take."""

    @property
    def path(self) -> str: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    def body(self, rendered: Rendered, *, stream: bool) -> dict[str, Any]: ...

    def learns(self, error: ModelError, body: Mapping[str, Any]) -> bool:
        """Whether the error is about a field that can be left out, so that another body is worth sending."""
        ...

    def take_whole(self, reply: Reply, data: bytes) -> None:
        """Put a whole reply's JSON into the reply. Raises TransientModelError for what is none."""
        ...

    def take_event(self, reply: Reply, data: str) -> str | None:
        """Put one event into the reply: its text, empty for a sign of life, None for nothing. Raises as well."""
        ...

    def ends(self, data: str) -> bool:
        """Whether this event is the last of a stream."""
        ...
