"""Settings of what may come in, and how much at once."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from answerable.config.section import Section
from answerable.config.values import Duration


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
