"""Days are counted anew by one job, and everywhere only as far back as their raw rows are kept."""

from __future__ import annotations

import ast
from pathlib import Path

import answerable
from answerable.app.jobs.listed import JOBS

SOURCE = Path(answerable.__file__).parent


def calls() -> list[tuple[str, ast.Call]]:
    return [
        (path.name, one)
        for path in SOURCE.rglob("*.py")
        if "roll_up(" in (text := path.read_text("utf-8"))
        for one in ast.walk(ast.parse(text))
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == "roll_up"
    ]


def test_whoever_counts_days_says_how_far_back_their_rows_are_kept():
    """Without it a day whose persons are deleted already would be counted anew from what is left of it."""
    found = calls()
    assert len(found) >= 3
    assert [name for name, one in found if "rebuilt_days" not in {given.arg for given in one.keywords}] == []


def test_one_job_counts_days():
    counting = {name.removesuffix(".py") for name, _ in calls()}
    modules = {one.job.name: one.work.partition(":")[0].rpartition(".")[2] for one in JOBS}
    assert [name for name, module in modules.items() if module in counting] == ["metrics"]
