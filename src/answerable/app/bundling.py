"""Writing the bundle of a stored run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from answerable.app.judging import project_criteria
from answerable.app.project import Project
from answerable.app.reporting import load_run
from answerable.app.system import System
from answerable.core.errors import ConfigError
from answerable.core.evaluation import EvalCase, Run
from answerable.evals.cases.files import load_cases
from answerable.evals.runs.bundle import bundle_files
from answerable.evals.runs.making import case_record


def check_empty(folder: Path) -> None:
    """Make the folder before anything is asked for it. Raises ConfigError: not empty, or it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = not any(folder.iterdir())
    except OSError as error:
        raise ConfigError(f"{folder} cannot be made: {error.strerror}", hint="name a new folder") from error
    if not free:
        raise ConfigError(f"{folder} is not an empty folder", hint="name a new one; nothing was written")


async def export_run(system: System, reference: str, folder: Path) -> list[Path]:
    """Write the run's bundle; returns its files. Raises NotFound, ConfigError for a folder that is not empty."""
    check_empty(folder)
    run, rows = await load_run(system, reference)
    cases = cases_of(system.project, run)
    asked = {row.case: row.answer.get("case") for row in rows}
    changed = sum(asked.get(case.id, case_record(case)) != case_record(case) for case in cases)
    files = dict(_project_files(system.project))
    made = bundle_files(run, rows, cases, changed=changed, files=files)
    for name, data in made.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return [folder / name for name in made]


def cases_of(project: Project, run: Run) -> list[EvalCase]:
    """The run's cases as their files hold them now; those that are gone are left out. Raises ConfigError."""
    paths = [Path(one) for one in run.detail.get("suites", ())]
    wanted = set(run.cases)
    return [case for case in load_cases([path for path in paths if path.exists()]) if case.id in wanted]


def _project_files(project: Project) -> Iterator[tuple[str, bytes]]:
    """Prompt, scope, patterns and own criteria. The settings are in run.json, without the database's address."""
    settings = project.settings
    yield "prompts/answer.md", project.prompts.get("answer").text.encode()
    scope = project.path(settings.answer.scope or "scope.md")
    named = [scope, *(project.path(one) for one in settings.eval.patterns)]
    for path in named:
        if path.is_file():
            yield f"project/{path.name}", path.read_bytes()
    folder = project.path(settings.eval.criteria)
    for name in project_criteria(project):
        path = folder / f"{name}.md"
        if path.is_file():
            yield f"criteria/{name}.md", path.read_bytes()
