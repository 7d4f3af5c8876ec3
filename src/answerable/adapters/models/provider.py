"""One configured model provider: where it is, what it is called, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from answerable.core.errors import ConfigError

ANTHROPIC_URL = "https://api.anthropic.com"
OPENAI_HOST = "api.openai.com"
AZURE_API_VERSION = "2024-10-21"  # the latest that is no preview; docs/decisions/0156-*.md


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Seconds a provider may take, all of them besides the request's own deadline (docs/decisions/0036-*.md)."""

    connect_s: float = 1.0
    first_token_s: float = 2.0  # of a stream, from the call to the first text
    between_tokens_s: float = 1.0
    total_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Raises ConfigError for a base URL or a key that cannot be used; the key is never shown."""

    name: str
    kind: Literal["openai-compatible", "azure", "anthropic"]
    model: str
    base_url: str = ""  # OpenAI-compatible: with its /v1; Azure: the resource; empty: Anthropic's own
    api_key: str = field(default="", repr=False)
    times: Times = field(default_factory=Times)
    max_concurrency: int = 64
    max_response_bytes: int = 2_000_000
    temperature: float | None = None  # None: the prompt's own
    send_temperature: bool = True  # some models accept none
    max_tokens_field: Literal["auto", "max_tokens", "max_completion_tokens"] = "auto"  # not Anthropic
    api_version: str = ""  # Azure's; empty: AZURE_API_VERSION
    prompt_caching: bool = True  # whether the prompt's fixed part is marked, where the protocol has a mark
    trust_env: bool = False  # whether HTTP_PROXY and the like are followed

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(
                f"provider {self.name}: base_url is no http(s) address", hint=f"set provider.{self.name}.base_url"
            )
        if not self.api_key.isascii() or any(char.isspace() or not char.isprintable() for char in self.api_key):
            raise ConfigError(
                f"provider {self.name}: the API key holds blanks or characters that no header can carry",
                hint=f"check the variable or file that provider.{self.name}.api_key names",
            )

    @property
    def url(self) -> str:
        """The base URL without a trailing slash, and without what the protocol's own paths bring."""
        url = (self.base_url or (ANTHROPIC_URL if self.kind == "anthropic" else "")).rstrip("/")
        if self.kind == "azure":
            return url.removesuffix("/openai")
        return url.removesuffix("/v1") if self.kind == "anthropic" else url

    @property
    def limit_field(self) -> str:
        """What the reply's limit is called at first: OpenAI's newer models refuse the old name, others the new."""
        if self.max_tokens_field != "auto":
            return self.max_tokens_field
        return "max_completion_tokens" if urlsplit(self.url).hostname == OPENAI_HOST else "max_tokens"

    def temperature_for(self, asked: float) -> float | None:
        """What to send, given what the prompt asks for; None for nothing."""
        if not self.send_temperature:
            return None
        return asked if self.temperature is None else self.temperature
