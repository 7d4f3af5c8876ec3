"""What came back from a model, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from answerable.core.rate import RateLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens as the provider counted them. `cost` is None where the model has no price."""

    input: int = 0  # all of it, with `cached` and `written`
    cached: int = 0  # of the input: read from the provider's cache
    written: int = 0  # of the input: put into the provider's cache, where that has a price of its own
    output: int = 0
    searches: int = 0  # what a reranking service counts instead of tokens
    cost: Decimal | None = None
    currency: str = "USD"
    estimated: bool = False  # counted by us, where the provider did not say (a stream that was left or cut)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at one provider, for the trace."""

    provider: str
    model: str
    outcome: str  # ok | transient | permanent | cancelled | skipped
    started_ms: float  # since the route was asked
    duration_ms: float
    first_text_ms: float | None = None
    status: int | None = None
    error: str = ""  # never holds a key or a header
    endpoint: str = ""  # which of a provider's, where it has several; never a key
    usage: Usage | None = None  # what it used, also where it failed or was left


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A finished reply. `model` is what the provider said it was, not what was asked for."""

    text: str
    model: str
    provider: str = ""
    usage: Usage = Usage()
    finish: str = "stop"  # stop | length | refusal
    fingerprint: str = ""  # of the backend, where the provider tells one
    cache: str = ""  # exact | semantic | shared | earlier, where no model was asked for this one
    attempts: tuple[Attempt, ...] = ()
    degraded: tuple[str, ...] = ()  # e.g. provider_fallback, extractive, continued_extractively
    rate: RateLimit | None = field(default=None, compare=False)  # what the provider says of its limits
