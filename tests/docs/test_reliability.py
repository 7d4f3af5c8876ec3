"""What the pages say of shares and of words in `degraded` is what the code says."""

from __future__ import annotations

from pathlib import Path

from answerable.answer.deadlines import SHARES
from answerable.core.degraded import MEANINGS
from tests.docs.drawing import drawn

DOCS = Path(__file__).parents[2] / "docs"


def shares() -> str:
    rows = [
        [f"`{one.step}`", f"{one.at_most:g}", f"{one.keep:g}", one.cheaper and f"`{one.cheaper}`"]
        for one in SHARES
    ]
    return drawn(["Step", "At most, s", "Leaves, s", "Cheaper form"], rows)


def words() -> str:
    return drawn(["Word", "Meaning"], [[f"`{word}`", meaning] for word, meaning in MEANINGS.items()])


def test_the_page_on_deadlines_has_the_table_of_shares():
    assert shares() in (DOCS / "reliability" / "deadlines.md").read_text(encoding="utf-8")


def test_the_page_on_the_api_has_every_word_of_degraded():
    assert words() in (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
