"""Settings of what may come in, and how much at once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from answerable.config.section import Section
from answerable.config.values import Duration, Rates, parse_rates

Action = Literal["tell", "slow", "person"]


class LimitsSection(Section):
    """What may come in."""

    input_chars: Annotated[int, Field(ge=100, le=100000)] = Field(4000, description="Longest question.")
    concurrent: Annotated[int, Field(ge=1, le=100000)] = Field(
        200, description="Questions being answered at once by one process, at the most."
    )
    adaptive: bool = Field(
        True, description="Fewer at once, when more would not be answered in time on this machine."
    )
    concurrent_tenant: Annotated[float, Field(gt=0, le=1)] = Field(
        1.0, description="The share of these that one tenant may hold while others wait."
    )
    queue: Annotated[int, Field(ge=0, le=100000)] = Field(200, description="Questions that may wait their turn.")
    queue_time: Duration = Field(
        1.0, description="The longest wait; a question that would wait longer is refused."
    )
    per_user: Rates = Field(
        parse_rates("20/min, 300/day"),
        description="Questions of one person; an opened document is a quarter of one.",
    )
    per_key: Rates = Field((), description="Questions with one credential.")
    per_network: Rates = Field(
        parse_rates("300/min"),
        description="Questions from one address; behind a proxy set server.trusted_proxies.",
    )
    per_tenant: Rates = Field((), description="Questions of one tenant.")
    per_user_tokens: Rates = Field((), description="Tokens of one person, sent and received.")
    per_key_tokens: Rates = Field(parse_rates("200k/h"), description="Tokens with one credential.")
    per_network_tokens: Rates = Field((), description="Tokens from one address.")
    per_tenant_tokens: Rates = Field((), description="Tokens of one tenant.")
    people: dict[str, Rates] = Field(
        {}, description='Questions of a person with a limit of its own, by id: { "batch-job" = "600/min" }.'
    )
    concurrent_user: Annotated[int, Field(ge=0, le=100000)] = Field(
        16, description="Questions of one person under way in one process; 0: any number."
    )
    passages: Rates = Field(parse_rates("400/day"), description="Different passages that one person may be shown.")
    passages_spent: Action = Field(
        "person", description="What happens then: tell an operator, slow down, or refer to a person."
    )
    document_passages: Annotated[int, Field(ge=1, le=100000)] = Field(
        50, description="An opened document counts as so many passages at the most."
    )
    sweep: Literal["off", "tell", "slow", "person"] = Field(
        "slow",
        description="What happens to who asks as a program walks: many questions of few forms, each for new.",
    )
