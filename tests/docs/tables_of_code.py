"""Tables inside of written pages that come out of the code: shares of the deadline, words of `degraded`."""

from __future__ import annotations

import re
from pathlib import Path

from answerable.answer.deadlines import SHARES
from answerable.core.degraded import MEANINGS
from tests.docs.drawing import drawn

DOCS = Path(__file__).parents[2] / "docs"


def deadlines_page() -> str:
    """The page with its table of shares."""
    rows = [
        [f"`{one.step}`", f"{one.at_most:g}", f"{one.keep:g}", f"`{one.cheaper}`" if one.cheaper else ""]
        for one in SHARES
    ]
    table = drawn(["Step", "At most, s", "Leaves, s", "Cheaper form"], rows)
    return _with(DOCS / "reliability" / "deadlines.md", "shares", table)


def api_page() -> str:
    """The page with its table of words."""
    table = drawn(["Word", "Meaning"], [[f"`{word}`", meaning] for word, meaning in MEANINGS.items()])
    return _with(DOCS / "reference" / "api.md", "degraded", table)


def _with(page: Path, name: str, table: str) -> str:
    begin, end = f"<!-- {name} -->\n", "<!-- end -->"
    text = page.read_text(encoding="utf-8")
    return re.sub(f"{begin}.*?{end}", lambda _: f"{begin}{table}{end}", text, flags=re.S)
