"""A branch that rewrites its prompt, and a base without a baseline: both are measured, with a scripted model."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.integration.curt import BARE, BEHAVIOR, CASE, CURT, ROUTED, Curt

from answerable.app.branches.pull_request import Asked, Drafted, Heard, check_branch
from answerable.evals.change.markdown import write_markdown
from answerable.evals.change.report import BranchReport
from answerable.testing.model_server.server import ModelServer
from answerable.testing.postgres import Clone, in_thread
from answerable.testing.repositories import ScriptedRepository, open_repository, prompt_text

PAGE = "# Returns\n\nMost items can be returned within 30 days of delivery.\n"


def checked(repository: ScriptedRepository) -> BranchReport:
    drafted = Drafted(report=BranchReport(project="", base="", base_commit="", head_commit=""))
    heard = Heard(tell=lambda _: None, tell_searches=lambda _: None)
    given = Asked(base="main", sync=True)
    in_thread(check_branch(repository.folder / "answerable.toml", given, drafted=drafted, heard=heard))
    return drafted.report


def test_both_sides_are_measured_with_their_own_prompt_over_the_same_documents(
    tmp_path: Path, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURT_TEST_URL", clone.owner_url)
    repository = open_repository(tmp_path / "shop")
    with ModelServer(Curt()) as server:
        files = {
            "answerable.toml": (BARE + ROUTED).format(url=server.openai_url),
            "knowledge/returns.md": PAGE,
            "prompts/answer.md": prompt_text("1.0.0", change="First version."),
            "prompts/tests/answer.yaml": BEHAVIOR,
            "evals/cases/returns.jsonl": json.dumps(CASE) + "\n",
            ".gitignore": ".answerable/\n",
        }
        repository.commit("Begin", files, day=1)
        repository.git("checkout", "-q", "-b", "curt")
        curt = {"prompts/answer.md": prompt_text("1.1.0", change="Be curt.", rule=CURT)}
        repository.commit("Be curt", curt, day=2)
        report = checked(repository)
        text = write_markdown(report)
        assert [one.name for one in report.stages] == ["lint", "behavior", "gate"], text
        assert any("the base was measured now" in one for one in report.notes), report.notes
        assert re.search(r"\| empty \| 0 of 1", text), "the model said a word where nothing was found"
        assert "Worse: 1 case that passed now fails" in text or "Can't tell: 1 case that passed now fails" in text
        assert "<del>Most items can be returned within 30 days of delivery [1].</del>" in text
        assert report.exit_code == 10
