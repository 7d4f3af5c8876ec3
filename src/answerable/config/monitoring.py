"""[drift]: what is watched for change, and how seldom it may be wrong."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from answerable.config.section import Section


class DriftSection(Section):
    """Signals of production, and the canary set of providers."""

    false_alarm_days: Annotated[float, Field(ge=7, le=3650)] = Field(
        30.0, description="Over all signals together: at most one false alarm in so many days, on average."
    )
    look_back: Annotated[int, Field(ge=7, le=365)] = Field(
        60, description="Days of answers that a change is looked for in."
    )
    canaries: str = Field("evals/canary", description="The folder of the provider canaries: one file a question.")
    canary_repeats: Annotated[int, Field(ge=3, le=50)] = Field(
        5, description="How often `canary freeze` asks each model, to know how much its replies differ anyway."
    )
    topics: Annotated[int, Field(ge=2, le=500)] = Field(60, description="Topics of questions, at the most.")
    topic_days: Annotated[int, Field(ge=1, le=365)] = Field(
        28, description="Days of questions that topics are made of."
    )
