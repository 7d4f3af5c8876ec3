"""prompt lint in a checkout: a text that is not that of the base commit needs another version."""

from __future__ import annotations

import pytest

from answerable.app.project import Project
from answerable.app.prompts.linting import lint_draft, lint_prompts
from answerable.core.errors import ConfigError
from answerable.testing.repositories import scripted_repository


def rules(project: Project, **options: str) -> list[str]:
    return [one.rule for one in lint_prompts(project, ["answer"], **options).findings if "version" in one.rule]


def test_versions_are_compared_with_where_the_branch_left_main_or_with_a_given_commit(tmp_path):
    scripted = scripted_repository(tmp_path / "shop")
    repository, folder = scripted.repository, scripted.repository.folder
    project = Project.open(folder / "answerable.toml")
    path = folder / "prompts" / "answer.md"
    text = path.read_text("utf-8")
    assert rules(project) == []

    repository.git("switch", "-q", "-c", "shorter")
    repository.commit("shorter", {"prompts/answer.md": text.replace("at most four", "at most three")}, day=20)
    assert rules(project) == ["version-not-raised"]
    assert rules(project, base="HEAD") == []
    with pytest.raises(ConfigError, match="no-such-branch"):
        rules(project, base="no-such-branch")

    draft = path.read_text("utf-8").replace("version: 1.2.0", "version: 1.3.0")
    assert "version-not-raised" not in {
        one.rule for one in lint_draft(project, draft, where="prompts/answer.md").findings
    }
