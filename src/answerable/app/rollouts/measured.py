"""Whether a version was measured before people get it: linted, evaluated, and held to the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from answerable.app.comparing import BASELINE, read_side, report
from answerable.app.fingerprint import beside, prompts_part
from answerable.app.project import Project
from answerable.app.prompts.linting import lint_draft, lint_prompts
from answerable.app.system import System
from answerable.core.errors import ConfigError
from answerable.core.evaluation import Run
from answerable.evals.gate.decide import Ruling
from answerable.prompts.lint.finding import Finding, Level
from answerable.prompts.prompt import Prompt

_RUNS = 200  # newest that are looked through


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """`green`: a finished run of exactly this text passed the gate. `said` tells what there is, for people."""

    green: bool
    said: str


def lint_errors(project: Project, prompt: Prompt) -> Sequence[Finding]:
    """What lint holds against a version: by its file, or by its text where only git has it."""
    path = Path(prompt.where)
    if path.is_file():
        linted = lint_prompts(project, [str(path)])
    else:
        linted = lint_draft(project, prompt.source, where=f"prompts/{prompt.ref}.md")
    return [one for one in linted.findings if one.level is Level.ERROR]


async def measured(system: System, prompt: Prompt) -> Measured:
    """By the runs in the database: of the answer prompt, which is what a run's fingerprint has."""
    if prompt.id != system.asker.renderer.prompt.id:
        return Measured(green=False, said=f"no run's fingerprint says which {prompt.id} was used")
    run = await _newest(system, prompt)
    if run is None:
        return Measured(green=False, said=f"no finished evaluation of this {prompt.ref} is known")
    project = system.project
    try:
        base = await read_side(project, system, BASELINE)
    except ConfigError:
        return Measured(green=False, said=f"{run.id} is of {prompt.ref}, and there is no baseline to hold it to")
    head = await read_side(project, system, run.id)
    ruling = report(project, base, head, command="answerable eval gate").decision.ruling
    return Measured(green=ruling is Ruling.PASSED, said=f"{run.id} of {prompt.ref} against the baseline: {ruling}")


async def _newest(system: System, prompt: Prompt) -> Run | None:
    wanted = prompts_part(prompt, system.asker.renderer.scope, *beside(system.project))
    runs = await system.runs.runs(tenant=system.settings.project.tenant, limit=_RUNS)
    return next((one for one in runs if one.finished_at and one.fingerprint.get("prompts") == wanted), None)
