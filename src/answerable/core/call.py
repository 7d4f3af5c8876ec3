"""One call of a model, as the books keep it: for what, by whom, how it went, what it took."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from answerable.core.completion import Usage
from answerable.core.identity import random_id


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
    prompt_id: str = ""
    prompt_version: str = ""
    prompt_sha256: str = ""
    status: int | None = None
    duration_ms: float = 0.0
    first_text_ms: float | None = None
    usage: Usage | None = None  # None: nothing was used; a cost of None: no price is known
    table: str = ""  # which price table it was priced by
