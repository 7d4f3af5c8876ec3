"""Settings of what counts as ready for production."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from answerable.config.section import Section
from answerable.config.values import Duration

Share = Annotated[float, Field(gt=0, lt=1)]
_DAY = 86_400.0


class ProductionSection(Section):
    """Limits of `answerable doctor --production`. A share is held at the bad end of its 95 % interval, so too few
    answers do not pass."""

    errors: Share = Field(0.01, description="At most this share of answers may fail.")
    latency_p95: Duration | None = Field(None, description="The slowest p95; empty: [answer] deadline.")
    cost_per_task: Annotated[float, Field(gt=0)] | None = Field(
        None,
        description="At most this much for a task, in [budget] currency; empty: nothing is known to be too much.",
    )
    solved: Share = Field(0.6, description="At least this share of tasks is completed, by people's word.")
    harmful: Share = Field(0.02, description="At most this share of answers is harmful, by people's word.")
    evaluated: Duration = Field(30 * _DAY, description="An older evaluation counts no more.")
    drilled: Duration = Field(90 * _DAY, description="An older drill counts no more.")
    stale: Share = Field(0.1, description="At most this share of answers rests on pages past their review.")
