"""Reports as pages of HTML that are one file each, for a screen and for A4."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib import resources

from answerable.app.reports.stakeholder import StakeholderReport, Tile
from answerable.text.page import render_page

WIDTH = 200.0  # of a bar, in its own units


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Where the likely range begins, how wide it is, and where the number is; of WIDTH."""

    left: float
    width: float
    place: float | None


def stakeholder_page(report: StakeholderReport, *, at: datetime, version: str) -> str:
    """One page, and an appendix with the figures on the next."""
    tiles = [(one, _bar(one)) for one in report.tiles]
    values = {"report": report, "at": f"{at:%Y-%m-%d %H:%M} UTC", "version": version, "tiles": tiles}
    return render_page(resources.files("answerable.app") / "templates", "stakeholder", values)


def _bar(tile: Tile) -> Bar | None:
    if tile.low is None and tile.high is None:
        return None
    low = max(0.0, tile.low or 0.0)
    high = min(1.0, tile.high if tile.high is not None else 1.0)
    place = None if tile.value is None else round(max(tile.value * WIDTH - 1, 0.0), 1)
    return Bar(left=round(low * WIDTH, 1), width=round(max(high - low, 0.005) * WIDTH, 1), place=place)
