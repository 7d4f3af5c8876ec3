"""One call of a model, as the books keep it: for what, by whom, how it went, what it took."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from answerable.core.completion import Usage
from answerable.core.identity import random_id
from answerable.core.rate import RateLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Every try at a provider, cache hits too; holds no text of anybody. Times in milliseconds."""

    use: str  # answer | rewrite | decompose | judge | summary | rerank | guard | embed
    provider: str
    model: str  # as asked for
    outcome: str  # ok | transient | permanent | cancelled | hit
    id: str = field(default_factory=lambda: random_id("cl"))
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    tenant: str = ""
    principal: str = ""
    key: str = ""
    trace_id: str = ""
    endpoint: str = ""
    reported: str = ""  # the model that the provider says it was
    fingerprint: str = ""
    question: str = ""  # a hash: equal where a reply kept from another call could have served
    prompt_id: str = ""
    prompt_version: str = ""
    prompt_sha256: str = ""
    status: int | None = None
    duration_ms: float = 0.0
    first_text_ms: float | None = None
    usage: Usage | None = None  # None: nothing was used; a cost of None: no price is known
    table: str = ""  # which price table it was priced by
    saved: Decimal | None = None  # of a hit: what the reply had cost; None: no price is known
    error: str = ""  # why it failed, for the process's own pages; never holds a key, and is not kept
    rate: RateLimit | None = None  # what the provider said remains; not kept either


Observer = Callable[[Call], None]  # hears of every call once it has ended; returns at once


def total(calls: Iterable[Call]) -> Usage:
    """What they used together. The cost is None where one of them has no price; `estimated` where one is."""
    used = [call.usage for call in calls if call.usage is not None]
    priced = [one.cost for one in used if one.cost is not None]
    return Usage(
        input=sum(one.input for one in used),
        cached=sum(one.cached for one in used),
        written=sum(one.written for one in used),
        output=sum(one.output for one in used),
        searches=sum(one.searches for one in used),
        cost=sum(priced, Decimal(0)) if len(priced) == len(used) else None,
        currency=used[0].currency if used else "USD",
        estimated=any(one.estimated for one in used),
    )
