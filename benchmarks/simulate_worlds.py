"""How long a simulated stretch is, when it is looked at, and which of its needs are closed by then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from answerable.testing.simulation.lived import Need
from answerable.testing.simulation.month import Month

CLOSES = timedelta(hours=72)  # [metrics] close_after_tickets
AFTER = timedelta(days=4)  # between the last need and the last look: all but a few late repeats are closed


def last_look(month: Month) -> datetime:
    """The moment at which the whole month is measured."""
    return month.world.end + AFTER


def closed(month: Month) -> Sequence[Need]:
    """Needs whose tasks are closed by the last look."""
    until = last_look(month)
    return [one for one in month.needs if one.last_at + CLOSES < until]
