"""The stages of a branch: lint of what it wrote, and the gate against where it began."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from answerable.answer.extractive import NAME as EXTRACTIVE
from answerable.app.behavior.behaving import Behaving, How
from answerable.app.behavior.cases import cases_folder, cases_for
from answerable.app.branches.base_side import Measuring, NoBase, base_side, fill
from answerable.app.branches.branch import Branch
from answerable.app.branches.pull_request import Asked, Drafted, Heard, caught
from answerable.app.choosing import Wanted
from answerable.app.gateway import Gateway, open_gateway
from answerable.app.gating import Accepting, Gating, hold
from answerable.app.project import Project
from answerable.app.prompts.linting import lint_prompts
from answerable.app.prompts.settings import lint_settings
from answerable.app.system import System, open_system
from answerable.app.telling import gate_failed
from answerable.config import Settings
from answerable.core.errors import ConfigError
from answerable.core.ports import LLM
from answerable.evals.behavior.markdown import to_markdown
from answerable.evals.behavior.results import Results
from answerable.evals.change.behavior import NAME as BEHAVIOR
from answerable.evals.change.behavior import behavior_stage
from answerable.evals.change.kinds import Kind
from answerable.evals.change.report import Found
from answerable.evals.change.stage import FINDINGS, Stage, State, skipped
from answerable.evals.gate.decide import Ruling
from answerable.evals.gate.report import Report
from answerable.evals.gate.search_first import Stopped
from answerable.evals.gate.words import plural
from answerable.prompts.lint.finding import Finding, Level

GATE = "gate"
_RULING = {
    Ruling.PASSED: State.PASSED,
    Ruling.FAILED: State.FAILED,
    Ruling.INCONCLUSIVE: State.INCONCLUSIVE,
}
_MEASURED = frozenset(Kind) - {Kind.OTHER, Kind.BEHAVIOR}  # what the gate could see a difference of


async def run_stages(branch: Branch, asked: Asked, drafted: Drafted, heard: Heard, scratch: Path) -> None:
    """Lint, behavior, gate. What breaks is a stage of the report, and the others go on."""
    async with caught(drafted, "lint"):
        drafted.add(await _lint(branch, drafted))
    async with caught(drafted, BEHAVIOR):
        drafted.add(await _behavior(branch, asked, drafted, heard))
    async with caught(drafted, GATE):
        drafted.add(await _gate(branch, asked, drafted, heard, scratch))


async def _lint(branch: Branch, drafted: Drafted) -> Stage:
    """Of the prompts that changed, and of the configuration; deleted prompts are no text any more."""
    names, settings = _to_lint(branch), bool(branch.settings)
    if not names and not settings:
        return skipped("lint", "no prompt and no setting changed")
    project, base = branch.project, branch.point.commit
    found: list[Finding] = []
    if names:
        found += (await asyncio.to_thread(lint_prompts, project, names, base=base)).findings
    if settings:
        found += lint_settings(project).findings
    drafted.report = replace(drafted.report, findings=tuple(_found(one) for one in found))
    errors = sum(one.level is Level.ERROR for one in found)
    words = f"{plural(errors, 'error')}, {plural(len(found) - errors, 'warning')} in " + " and ".join(
        [*([plural(len(names), "prompt")] if names else []), *(["the settings"] if settings else [])]
    )
    state = State.FAILED if errors else State.PASSED
    return Stage(name="lint", state=state, words=words, exit_code=FINDINGS if errors else 0)


def _found(one: Finding) -> Found:
    return Found(place=f"{one.file}:{one.line}", level=one.level.value, rule=one.rule, what=one.what, fix=one.fix)


async def _behavior(branch: Branch, asked: Asked, drafted: Drafted, heard: Heard) -> Stage:
    """Of the prompts whose text or cases changed, each asked of its route."""
    project, names = branch.project, _to_test(branch)
    if not names:
        return skipped(BEHAVIOR, "no prompt changed, and no case of one")
    section = project.settings.eval
    most = Decimal(str(section.max_cost if asked.max_cost is None else asked.max_cost))
    how = How(repeats=asked.repeats or 1, concurrency=section.concurrency, most=most)
    done: list[Results] = []
    async with open_gateway(project) as gateway:
        for name in names:
            prompt = project.prompts.get(name)
            cases, llm = cases_for(project, prompt.id), _model(gateway, prompt.route)
            if llm is None:
                drafted.note(f"{prompt.ref} was not tried: no model is configured for the route {prompt.route}")
            elif not cases:
                drafted.note(f"{prompt.ref} was not tried: it has no behavior case")
            else:
                heard.tell(f"{prompt.ref}: {plural(len(cases), 'behavior case')} asked of {llm.name}")
                done.append(await Behaving.of(project, llm, how).run(prompt, cases))
    if not done:
        return skipped(BEHAVIOR, "no model is configured for what changed, or it has no case: nothing was asked")
    drafted.report = replace(drafted.report, behavior=to_markdown([(one,) for one in done]))
    return behavior_stage(done)


def _to_test(branch: Branch) -> list[str]:
    """Names of prompts; a changed file of cases stands for its prompt."""
    project = branch.project
    folder = cases_folder(project)
    places = [
        (project.base / one.path).relative_to(folder).parts[0]
        for one in branch.changed
        if one.kind is Kind.BEHAVIOR
    ]
    by_case = {place.partition(".")[0] for place in places} & set(project.prompts.ids())
    return sorted({*by_case, *(one.id for one in branch.prompts if one.after)})


def _model(gateway: Gateway, route: str) -> LLM | None:
    """The route's models, without the last resort that quotes; None where the route does without a model."""
    section = gateway.project.settings.routed(route)
    return None if section is None or section.chain == (EXTRACTIVE,) else gateway.route(route)


def _to_lint(branch: Branch) -> list[str]:
    """Prompts whose text is another one now, and changed files that are no prompts at all any more."""
    project = branch.project
    files = [project.base / one.path for one in branch.changed if one.kind is Kind.PROMPT]
    own = [str(path) for path in files if path.is_file() and path.suffix == ".md" and path.name != "README.md"]
    known = {str(project.prompts.path(one.id)) for one in branch.prompts}
    return [*own, *sorted(one for one in known - set(own) if one != "None")]


async def _gate(branch: Branch, asked: Asked, drafted: Drafted, heard: Heard, scratch: Path) -> Stage:
    if not asked.everything and not branch.touches(*_MEASURED):
        return skipped(GATE, "nothing that is measured changed")
    if branch.base is None:
        return skipped(GATE, "there is no project where the branch began: nothing to compare with")
    wanted = Wanted(repeats=asked.repeats, judge=asked.judge, max_cost=asked.max_cost)
    async with open_system(branch.project) as system:
        await _prepare(system, asked, drafted, heard)
        how = Measuring(
            wanted=wanted,
            scratch=scratch,
            always=asked.measure_base,
            observe=heard.observe,
            tell=heard.tell,
        )
        try:
            side, said = await base_side(system, branch, how)
        except NoBase as none:
            return Stage(name=GATE, state=State.INCONCLUSIVE, words=str(none), exit_code=11)
        drafted.note(*said)
        held = replace(system, project=_held(branch))
        gating = Gating(base="baseline", wanted=wanted, accepting=_accepting(asked))
        found = await hold(
            held, gating, base=side, observe=heard.observe, tell=heard.tell, tell_searches=heard.tell_searches
        )
        if told := gate_failed(system.settings.project.tenant, gating.base, found):
            system.happenings.write(told)
    drafted.report = replace(drafted.report, compared=found)
    return _ruled(found)


def _accepting(asked: Asked) -> Accepting | None:
    return Accepting(name=asked.accepted_by, reason=asked.accepted_for) if asked.accepted_by else None


async def _prepare(system: System, asked: Asked, drafted: Drafted, heard: Heard) -> None:
    """The index as this branch's documents have it, where the database is the run's own."""
    settings = system.settings
    if settings.eval.target or not settings.source:
        return
    own = settings.database.url is None
    if asked.sync if asked.sync is not None else own:
        drafted.note(*await fill(system, heard.tell))
    elif not own:
        drafted.note("the index is used as it is: its database is not this run's own (--sync syncs it)")
    counts = await system.documents.counts(tenant=settings.project.tenant)
    if not counts.get("documents"):
        raise ConfigError("the index is empty: nothing can be answered", hint="--sync fills it from the sources")


def _held(branch: Branch) -> Project:
    """The project under the rules of its base: a branch does not loosen what it is held to."""
    project, base = branch.project, branch.base
    return project if base is None else replace(project, settings=_ruled_by(project.settings, base.settings))


def _ruled_by(head: Settings, base: Settings) -> Settings:
    names = ("margin", "alpha", "gate", "judge_min_kappa", "judge_min_labels")
    rules = {name: getattr(base.eval, name) for name in names}
    rules["must_pass"] = tuple(dict.fromkeys((*base.eval.must_pass, *head.eval.must_pass)))
    return head.model_copy(update={"eval": head.eval.model_copy(update=rules)})


def _ruled(found: Report | Stopped) -> Stage:
    ruling = found.decision.ruling
    if isinstance(found, Stopped):
        words = "retrieval is worse; nothing was generated"
    else:
        checks = [one for one in found.decision.checks if one.counts is ruling]
        words = (
            "; ".join(f"{one.name}: {one.words}" for one in checks[:3])
            if ruling is not Ruling.PASSED
            else plural(len(found.comparison.pairing.pairs), "case") + " compared"
        )
    return Stage(name=GATE, state=_RULING[ruling], words=words, exit_code=ruling.exit_code)
