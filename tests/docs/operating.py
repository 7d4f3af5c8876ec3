"""The table of figures in docs/reliability/operating.md: `python -m tests.docs.operating --write`."""

from __future__ import annotations

import re
import sys

from answerable.core.figures import FIGURES
from tests.docs.reference import ROOT

PAGE = ROOT / "docs" / "reliability" / "operating.md"
_BEGIN, _END = "<!-- figures: made by `python -m tests.docs.operating --write` -->", "<!-- end of figures -->"
_BETWEEN = re.compile(f"{re.escape(_BEGIN)}.*?{re.escape(_END)}", re.DOTALL)


def table() -> str:
    """A row for each figure, in the list's order."""
    rows = [f"| `{one.name}` | {one.kind} | {', '.join(one.labels) or '–'} | {one.meaning} |" for one in FIGURES]
    return "\n".join(["| Figure | Kind | Labels | Meaning |", "|---|---|---|---|", *rows])


def page() -> str:
    """The page with the table as it should be."""
    made = f"{_BEGIN}\n{table()}\n{_END}"
    return _BETWEEN.sub(lambda _: made, PAGE.read_text("utf-8"))


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(), "utf-8")
    else:
        sys.stdout.write(table() + "\n")
