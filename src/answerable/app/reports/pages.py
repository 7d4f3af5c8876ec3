"""Reports as pages of HTML that are one file each, for a screen and for A4."""

from __future__ import annotations

from datetime import datetime
from importlib import resources

from answerable.app.reports.stakeholder import StakeholderReport, Tile
from answerable.text.page import render_page

WIDTH = 200.0  # of a bar, in its own units


def stakeholder_page(report: StakeholderReport, *, at: datetime, version: str) -> str:
    """One page, and an appendix with the figures on the next."""
    values = {"report": report, "at": f"{at:%Y-%m-%d %H:%M} UTC", "version": version, "bars": _bars(report)}
    return render_page(resources.files("answerable.app") / "templates", "stakeholder", values)


def _bars(report: StakeholderReport) -> dict[str, tuple[float, float, float | None]]:
    """By a tile's label: where its likely range begins, how wide it is, and where the number is."""
    return {one.label: bar for one in report.tiles if (bar := _bar(one)) is not None}


def _bar(tile: Tile) -> tuple[float, float, float | None] | None:
    if tile.low is None and tile.high is None:
        return None
    low = max(0.0, tile.low or 0.0)
    high = min(1.0, tile.high if tile.high is not None else 1.0)
    place = None if tile.value is None else round(tile.value * WIDTH, 1)
    return round(low * WIDTH, 1), round(max(high - low, 0.005) * WIDTH, 1), place
