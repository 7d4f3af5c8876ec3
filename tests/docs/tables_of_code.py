"""Tables inside of written pages that come out of the code: shares of the deadline, words of `degraded`."""

from __future__ import annotations

import re
from pathlib import Path

from answerable.answer.deadlines import SHARES
from answerable.core.degraded import MEANINGS
from answerable.prompts.lint.rule import rules
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


def lint_page() -> str:
    """The page with an entry for each rule."""
    entries = [
        f"### {one.id}\n\n*{one.level.value}*: {one.title}. {one.why}\n\n**Fix.** {one.fix}\n\n"
        for one in rules().values()
    ]
    return _with(DOCS / "prompts" / "lint.md", "rules", "\n" + "".join(entries))


def _with(page: Path, name: str, table: str) -> str:
    begin, end = f"<!-- {name} -->\n", "<!-- end -->"
    text = page.read_text(encoding="utf-8")
    return re.sub(f"{begin}.*?{end}", lambda _: f"{begin}{table}{end}", text, flags=re.S)
