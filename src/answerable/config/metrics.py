"""Settings of what counts as one task, and of the people who are left without the assistant to compare with."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from answerable.config.section import Section
from answerable.config.values import Duration

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0


class MetricsSection(Section):
    """Turns become tasks by these; a changed value holds for tasks that are open and for new ones."""

    task_gap: Duration = Field(30 * _MINUTE, description="A longer silence ends a task.")
    close_after: Duration = Field(24 * _HOUR, description="A task without a turn for so long is closed …")
    tickets: bool = Field(False, description="A ticket channel is connected: events ticket.linked come in.")
    close_after_tickets: Duration = Field(72 * _HOUR, description="… and with a ticket channel, for so long.")
    repeat_within: Duration = Field(
        7 * _DAY, description="The same need again within this, in another conversation, reopens the task."
    )
    displaying: tuple[str, ...] = Field(
        ("web",), description="Channels whose pages tell that an answer was displayed; elsewhere it is taken so."
    )
    late_events: Duration = Field(
        2 * _DAY,
        description="Turns that come in so late still change tasks; votes, tickets and goals do for 90 days.",
    )
    verified_from: Annotated[float, Field(gt=0, le=1)] = Field(
        0.8, description="The estimated chance of completion from which a silent task counts as verified."
    )
    labels_wanted: Annotated[int, Field(ge=50)] = Field(
        200, description="Tasks that people judged before the estimate is fitted to them; until then rules score."
    )
    holdout: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.0, description="The share of persons who are not offered the assistant, to see what it spares."
    )
    human_ticket_cost: Annotated[float, Field(ge=0)] | None = Field(
        None, description="What one ticket costs when a person does it, in the budget's currency; empty: unknown."
    )
    review_hour_cost: Annotated[float, Field(ge=0)] | None = Field(
        None, description="What an hour of a reviewer costs, in the budget's currency; empty: unknown."
    )
