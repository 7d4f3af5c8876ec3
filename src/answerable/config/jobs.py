"""Settings of what is done again and again, without anybody asking."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from pydantic import Field, field_validator

from answerable.config.section import Section
from answerable.config.values import Duration

OFF = "off"
_FIELD = re.compile(r"[0-9*/,\-A-Za-z]+")
_MOST = (59, 23, 31, 12, 7)  # of minute, hour, day, month, weekday


class JobsSection(Section):
    """`answerable worker` does jobs; so does a server, unless told not to. Each tick is done once, by whoever is
    there."""

    in_server: bool = Field(
        True, description="`serve` and `up` do jobs, too; false where `answerable worker` runs beside them."
    )
    concurrency: int = Field(1, ge=1, le=32, description="Different jobs that one process does at a time.")
    start_after: Duration = Field(60.0, description="A server lets questions come first.")
    schedule: Mapping[str, str | Literal["off"]] = Field(
        default_factory=dict,
        description="By name, as `job list` shows it: minute hour day month weekday, in UTC; off: never.",
    )
    stalled_after: Duration = Field(
        60.0, description="A worker that gave no sign for so long is taken for dead; its jobs are done anew."
    )
    grace: Duration = Field(30.0, description="What a stopping worker leaves its jobs to end.")
    keep: Duration = Field(30 * 86_400.0, description="How long the book of runs goes back.")

    @field_validator("schedule")
    @classmethod
    def _five_fields(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        for name, cron in value.items():
            if cron != OFF and not _is_schedule(cron.split()):
                raise ValueError(f"{name}: {cron!r} is not five fields such as '*/5 * * * *', nor \"off\"")
        return value


def _is_schedule(fields: list[str]) -> bool:
    """By its form; the library that keeps schedules reads it more closely."""
    return len(fields) == len(_MOST) and all(
        _FIELD.fullmatch(one) and all(int(n) <= most for n in re.findall(r"\d+", one))
        for one, most in zip(fields, _MOST, strict=True)
    )
