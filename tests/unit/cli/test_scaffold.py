"""What `answerable init` writes, and what a first commit of it would take."""

from __future__ import annotations

from pathlib import Path

import pytest

from answerable.cli.scaffold import init


@pytest.mark.parametrize("sample", [False, True])
def test_the_database_and_keys_of_a_new_project_are_in_no_commit(tmp_path: Path, sample: bool) -> None:
    init(tmp_path / "shop", sample=sample)
    ignored = (tmp_path / "shop/.gitignore").read_text(encoding="utf-8").splitlines()
    assert {".answerable/", ".env", "report.md"} <= set(ignored)
    assert (tmp_path / "shop/prompts/answer.md").is_file()
