"""The definitions in docs/monitoring/metrics.md, made of what `answerable metric explain` prints."""

from __future__ import annotations

import re
from pathlib import Path

from answerable.monitor.definition import INTERVALS, Definition
from answerable.monitor.definitions import METRICS, PRODUCT
from tests.docs.drawing import drawn

PAGE = Path(__file__).resolve().parents[2] / "docs" / "monitoring" / "metrics.md"
_MADE = re.compile(r"(<!-- definitions -->\n).*?(<!-- end -->)", re.S)


def metric_page() -> str:
    """The page with its definitions made anew."""
    made = "\n".join([*map(_section, METRICS.values()), _intervals()])
    return _MADE.sub(lambda found: found[1] + made + found[2], PAGE.read_text("utf-8"))


def _section(what: Definition) -> str:
    rows = [
        [f"`{one.name}`", one.says, one.formula, one.kind, f"`{one.items}`" if one.items else ""]
        for one in what.parts
    ]
    first = " (product)" if what.name in PRODUCT else ""
    lines = [
        f"### {what.name}{first}\n",
        f"{what.says} n counts {what.of}. Read from: {what.source}. Parted by {', '.join(what.dimensions)}.\n",
        drawn(("number", "says", "formula", "interval", "items"), [[_cell(one) for one in row] for row in rows]),
        *(f"- {one}" for one in what.caveats),
        "",
    ]
    return "\n".join(lines)


def _intervals() -> str:
    rows = [[kind, _cell(says)] for kind, says in INTERVALS.items()]
    return "\n".join(["### Intervals\n", drawn(("kind", "interval"), rows)])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
