"""A number in words: k of n where n is small, open ends as open ends, and nothing for what was not measured."""

from __future__ import annotations

from answerable.monitor.measured import Measured

UNMEASURED = "–"
_SHARES = ("share", "people", "corrected", "detected", "harm", "ratio")
_PLAIN = {"ms": " ms", "s": " s", "minutes": " min"}  # how a number's unit is written behind it


def value_of(one: Measured, currency: str = "") -> str:
    """The number alone: `93.1 %`, `7 of 12`, `840 ms`, `0.0021 USD`."""
    if one.few:
        return f"{one.k} of {one.n}" if one.n else UNMEASURED
    if one.value is None:
        return UNMEASURED
    return _said(one, one.value) + (f" {currency}" if one.unit == "money" and currency else "")


def interval_of(one: Measured) -> str:
    """`[90.2–95.0], n 412`; empty where there is none: for sums, and for shares of a few."""
    if one.value is None or one.few or one.kind == "sum":
        return ""
    low = "…" if one.low is None else _bare(one, one.low)
    high = "…" if one.high is None else _bare(one, one.high)
    return f"[{low}–{high}] n={one.n}"


def _said(one: Measured, value: float) -> str:
    if is_share(one):
        return f"{100 * value:.1f} %"
    return f"{_bare(one, value)}{_PLAIN.get(one.unit, '')}"


def is_share(one: Measured) -> bool:
    """Whether it is said in percent."""
    return one.kind in _SHARES or one.unit == "share" or one.name.endswith("share") or _of_shares(one)


def _of_shares(one: Measured) -> bool:
    return one.kind == "combined" and not one.unit


def _bare(one: Measured, value: float) -> str:
    if is_share(one):
        return f"{100 * value:.1f}"
    if one.unit == "money":
        return f"{value:.5f}"
    return (
        f"{value:.2f}"
        if one.unit == "ratio"
        else f"{value:.1f}"
        if one.unit in ("s", "minutes")
        else f"{value:.0f}"
    )
