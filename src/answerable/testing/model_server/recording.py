"""What the server was sent, as tests want to look at it; keys are masked on the way in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MASK = "***"
SECRET_HEADERS = frozenset({"authorization", "x-api-key", "api-key", "proxy-authorization", "cookie"})


@dataclass(slots=True, kw_only=True)
class Recorded:
    """One request. `completed` is true once the end of the reply goes out; not when the client left before."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any] = field(default_factory=dict)
    model: str = ""
    system: str = ""
    user: str = ""
    stream: bool = False
    behavior: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    completed: bool = False


def masked(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers, with every credential replaced."""
    return {name: MASK if name in SECRET_HEADERS else value for name, value in headers.items()}
