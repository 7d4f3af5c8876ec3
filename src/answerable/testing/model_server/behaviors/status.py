"""Answers with an HTTP error in the provider's shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from answerable.testing.model_server.exchange import Exchange

_MESSAGES = {
    400: "This model's maximum context length is 8192 tokens; your messages have 9001.",
    401: "Incorrect API key provided.",
    403: "Your key may not use this model.",
    404: "The model does not exist.",
    429: "Rate limit reached for requests.",
    500: "The server had an error while processing your request.",
    503: "The engine is currently overloaded, please try again later.",
    529: "Overloaded",
}


@dataclass(frozen=True, slots=True)
class Status:
    """The status with `message`; `retry_after` goes into the header as it is: seconds or an HTTP date.

    `code` is the provider's own word, e.g. insufficient_quota or content_filter; `headers` come along.
    """

    status: int
    retry_after: str = ""
    message: str = ""
    code: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    async def perform(self, exchange: Exchange) -> None:
        """Fail."""
        retry = {"retry-after": self.retry_after} if self.retry_after else {}
        message = self.message or _MESSAGES.get(self.status, "Something is wrong.")
        await exchange.fail(self.status, message, {**retry, **self.headers}, code=self.code)
