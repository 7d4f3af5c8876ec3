"""The sample project: the poisoned page is found and no other; its questions pass or end as their cases say."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from answerable.core.query import Query
from answerable.guards.chain import GuardSettings, default_guards
from answerable.guards.documents import scan_text

SAMPLE = Path(__file__).parents[3] / "examples" / "techcorp"
PAGES = sorted(path for path in (SAMPLE / "knowledge").rglob("*") if path.suffix not in (".pdf", ".docx", ""))
CASES = sorted((SAMPLE / "evals" / "cases").rglob("*.yaml"))
# No form gives it away: that a grandmother is no parcel is for retrieval to notice.
BY_RETRIEVAL = {"absurd-entitlement-ship-grandmother"}


async def outcome(question: str) -> str:
    """What the question guards end the question with; empty when it goes on."""
    settings = GuardSettings(scope_families=("person", "task", "advice", "everyday"))
    for guard in default_guards(settings):
        if guard.stage != "answer":
            verdict = await guard.check(Query(text=question, tenant="t"), None)
            if verdict.action == "block":
                return str(verdict.outcome)
            assert verdict.action == "allow", verdict
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_only_the_poisoned_page_has_findings(page: Path) -> None:
    found = scan_text(page.read_text("utf-8"))
    if page.name == "vendor-brightcable.html":
        assert {"hidden.markup", "hidden.characters", "document.assistant-should"} <= set(found)
    else:
        assert found == ()


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_a_question_passes_or_ends_as_its_case_says(path: Path) -> None:
    case = yaml.safe_load(path.read_text("utf-8"))
    expected = case["expect"]["outcome"]
    ended = await outcome(case["question"])
    if path.stem in BY_RETRIEVAL or expected not in ("blocked", "out_of_scope", "escalated"):
        assert ended == ""
    else:
        assert ended == expected


def test_the_sample_is_there() -> None:
    assert len(PAGES) > 50
    assert len(CASES) > 100
