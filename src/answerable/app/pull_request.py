"""A branch held to where it began: what it changes, lint, behavior, the gate, whatever one of them comes to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from answerable.adapters.branch_point import BranchPoint
from answerable.adapters.checkout import Checkout
from answerable.app.base_side import Measuring, NoBase, Tell, base_side, fill
from answerable.app.branch import Branch, look
from answerable.app.choosing import Wanted
from answerable.app.gating import Accepting, Gating, hold
from answerable.app.project import Project
from answerable.app.prompt_linting import lint_prompts
from answerable.app.system import System, open_system
from answerable.config import Settings
from answerable.core.errors import AnswerableError, ConfigError
from answerable.evals.change.kinds import Kind
from answerable.evals.change.report import BranchReport, Found
from answerable.evals.change.stage import FINDINGS, Stage, State, broke, skipped
from answerable.evals.gate.decide import Ruling
from answerable.evals.gate.report import Report
from answerable.evals.gate.search_first import Searches, Stopped
from answerable.evals.gate.words import plural
from answerable.evals.runs.progress import Observer, ignore
from answerable.prompts.lint.finding import Level

_RULING = {
    Ruling.PASSED: State.PASSED,
    Ruling.FAILED: State.FAILED,
    Ruling.INCONCLUSIVE: State.INCONCLUSIVE,
}
_MEASURED = frozenset(Kind) - {Kind.OTHER, Kind.BEHAVIOR}  # what the gate could see a difference of


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person, or a runner, asked for."""

    base: str = ""  # a branch, tag or commit; empty: main or master
    everything: bool = False  # though nothing changed that decides an answer
    measure_base: bool = False  # though there is a baseline
    sync: bool | None = None  # None: where the database is this project's own
    wanted: Wanted = field(default_factory=Wanted)
    accepting: Accepting | None = None
    command: str = "answerable ci run"


@dataclass(slots=True, kw_only=True)
class Drafted:
    """The report as far as it has come, so that there is one whatever happens."""

    report: BranchReport

    def add(self, stage: Stage) -> None:
        """One more stage."""
        self.report = replace(self.report, stages=(*self.report.stages, stage))

    def note(self, *words: str) -> None:
        """What a reader has to know."""
        self.report = replace(self.report, notes=(*self.report.notes, *words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Who hears what is being done."""

    tell: Tell
    tell_searches: Callable[[Searches], None]
    observe: Observer = ignore


async def check_branch(config: Path | None, asked: Asked, *, drafted: Drafted, heard: Heard) -> None:
    """Fills the draft, stage by stage. A stage that breaks is a stage of the report; the others go on.

    What is no AnswerableError, and an interruption, go through: the draft has what was known until then.
    """
    with TemporaryDirectory(prefix="answerable-base-") as folder:
        scratch = Path(folder)
        branch = await _begin(config, asked, drafted, scratch)
        if branch is None:
            return
        if not branch.relevant and not asked.everything:
            heard.tell("nothing that decides an answer changed")
            return
        await _stage(drafted, "lint", lambda: _lint(branch, drafted))
        await _stage(drafted, "gate", lambda: _gate(branch, asked, drafted, heard, scratch))


async def _begin(config: Path | None, asked: Asked, drafted: Drafted, scratch: Path) -> Branch | None:
    """What changed; None where that cannot be told, which is then in the draft."""
    try:
        project = Project.open(config)
        point = await asyncio.to_thread(BranchPoint.find, project.base.resolve(), asked.base)
        branch = await asyncio.to_thread(look, project, point, scratch)
    except AnswerableError as error:
        drafted.add(broke("changes", _words(error), error.exit_code))
        return None
    drafted.report = replace(
        drafted.report,
        project=point.prefix.strip("/"),
        base=point.reference,
        base_commit=point.commit,
        head_commit=await asyncio.to_thread(_commit, project),
        changed=branch.changed,
        prompts=branch.prompts,
        notes=branch.notes,
    )
    return branch


def _commit(project: Project) -> str:
    checkout = Checkout.find(project.base.resolve())
    return checkout.commit if checkout else ""


async def _stage(drafted: Drafted, name: str, work: Callable[[], Awaitable[Stage]]) -> None:
    try:
        drafted.add(await work())
    except AnswerableError as error:
        drafted.add(broke(name, _words(error), error.exit_code))


def _words(error: AnswerableError) -> str:
    return f"{error} ({error.hint})" if error.hint else str(error)


async def _lint(branch: Branch, drafted: Drafted) -> Stage:
    """Of the prompts that changed; deleted ones are no text any more."""
    names = _to_lint(branch)
    if not names:
        return skipped("lint", "no prompt changed")
    linted = await asyncio.to_thread(lint_prompts, branch.project, names)
    found = tuple(
        Found(place=f"{one.file}:{one.line}", level=one.level.value, rule=one.rule, what=one.what, fix=one.fix)
        for one in linted.findings
    )
    drafted.report = replace(drafted.report, findings=found)
    errors = sum(one.level is Level.ERROR for one in linted.findings)
    words = (
        f"{plural(errors, 'error')}, {plural(len(found) - errors, 'warning')} in {plural(len(names), 'prompt')}"
    )
    state = State.FAILED if errors else State.PASSED
    return Stage(name="lint", state=state, words=words, exit_code=FINDINGS if errors else 0)


def _to_lint(branch: Branch) -> list[str]:
    """Prompts whose text is another one now, and changed files that are no prompts at all any more."""
    project = branch.project
    files = [project.base / one.path for one in branch.changed if one.kind is Kind.PROMPT]
    own = [str(path) for path in files if path.is_file() and path.suffix == ".md" and path.name != "README.md"]
    known = {str(project.prompts.path(one.id)) for one in branch.prompts}
    return [*own, *sorted(one for one in known - set(own) if one != "None")]


async def _gate(branch: Branch, asked: Asked, drafted: Drafted, heard: Heard, scratch: Path) -> Stage:
    if not asked.everything and not branch.touches(*_MEASURED):
        return skipped("gate", "nothing that is measured changed")
    if branch.base is None:
        return skipped("gate", "there is no project where the branch began: nothing to compare with")
    async with open_system(branch.project) as system:
        await _prepare(system, asked, drafted, heard)
        how = Measuring(
            wanted=asked.wanted,
            scratch=scratch,
            always=asked.measure_base,
            observe=heard.observe,
            tell=heard.tell,
        )
        try:
            side, said = await base_side(system, branch, how)
        except NoBase as none:
            return Stage(name="gate", state=State.INCONCLUSIVE, words=str(none), exit_code=11)
        drafted.note(*said)
        held = replace(system, project=_held(branch))
        gating = Gating(base="baseline", wanted=asked.wanted, accepting=asked.accepting)
        found = await hold(
            held, gating, base=side, observe=heard.observe, tell=heard.tell, tell_searches=heard.tell_searches
        )
    drafted.report = replace(drafted.report, compared=found)
    return _ruled(found)


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
    return Stage(name="gate", state=_RULING[ruling], words=words, exit_code=ruling.exit_code)
