"""The system card: what a system is made of and was tested with, what it may not do, and what is not known of it.

From the live configuration, prompts, index, evaluations and production: nobody writes it by hand. After Mitchell
et al. 2019, "Model Cards for Model Reporting" (FAT*), of a whole system instead of a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from answerable.app.metrics.measuring import sources_of
from answerable.app.metrics.product_board import ProductBoard, product_board
from answerable.app.reports.paper import Chapter, Paper
from answerable.app.security.report import security_report
from answerable.app.setup import setup_of
from answerable.evals.gate.waivers import Waiver, load_waivers
from answerable.monitor.measured import Measured
from answerable.monitor.saying import UNMEASURED, interval_of, value_of

if TYPE_CHECKING:
    from answerable.app.system import System

DAYS = 28
_LIMITS = (
    "It answers from its documents alone. What they do not say it does not know, "
    "and what they say wrongly it repeats.",
    "The check of sentences compares words, numbers, names and negations with the cited page. It does not see "
    "what is missing, and it judges no reasoning.",
    "Numbers without people's readings are the system's word about itself.",
)


async def system_card(system: System, *, now: datetime, version: str) -> Paper:
    """Reads; changes nothing. Raises DatabaseUnreachable and ConfigError."""
    settings = system.settings
    sources = sources_of(system.project, system.database)
    board = await product_board(sources, now=now, days=DAYS)
    security = {part.title: part for part in (await security_report(system, version=version)).parts}
    waivers = load_waivers(system.project.path(settings.eval.waivers))
    return Paper(
        title=f"System card: {settings.project.name}",
        below=f"answerable {version}, {now:%Y-%m-%d %H:%M} UTC, made from the live system",
        chapters=(
            _what_it_is(system),
            _how_it_answers(system),
            await _data(system),
            *(
                Chapter(
                    title=title,
                    columns=("what", "state", "detail"),
                    rows=[(one.what, one.state, one.detail) for one in security[title].findings],
                )
                for title in ("Guards", "Red team")
            ),
            await _evaluation(system),
            Chapter(
                title="Waivers",
                columns=("gate", "name", "reason", "until"),
                rows=[_waiver(one) for one in waivers],
                nothing="No gate was passed by a person's word.",
            ),
            _production(board),
            _privacy(system),
            Chapter(title="What it cannot do, and what is not known", lines=[*_LIMITS, *_unknown(board)]),
        ),
    )


def _what_it_is(system: System) -> Chapter:
    one, admins = system.settings.project, system.settings.access.roles.get("admin", ())
    lines = [
        f"{system.settings.ui.title}. It answers questions from documents, cites each statement, "
        "and says so where they hold no answer.",
        f"Languages: {', '.join(one.languages)}.",
        f"Person to turn to: {one.contact or 'nobody is named, see [project] contact'}.",
        f"Administrators named in the configuration: {len(admins)}.",
    ]
    return Chapter(title="What it is", lines=lines)


def _how_it_answers(system: System) -> Chapter:
    setup = setup_of(system.project, system.asker)
    models = {name: (one.model, one.kind) for name, one in system.settings.provider.items()}
    rows = []
    for route in system.settings.route:
        for place, name in enumerate(route.chain):
            model, kind = models.get(name, ("exact quotes, no model", ""))
            rows.append((route.use, str(place + 1), name, model, kind))
    return Chapter(
        title="How it answers",
        lines=[
            f"Prompt {setup['prompt']}; code {setup['code']}; embedding {setup['embedding']}; "
            f"reranker {setup['reranker']}.",
            f"Every sentence is checked against its page: {system.settings.answer.verify}. "
            f"Pages that disagree: {system.settings.answer.on_conflict}.",
            _promise(system),
        ],
        columns=("use", "place", "provider", "model", "kind"),
        rows=rows,
    )


def _promise(system: System) -> str:
    standing = system.standing
    threshold = f"It answers from an estimated chance of {system.asker.answerability.threshold:.2f} on"
    if standing.lock is None:
        return f"{threshold}; how often that is wrong is not certified."
    return f"{threshold}; certificate {standing.lock.id} is {standing.state}."


async def _data(system: System) -> Chapter:
    counts = await system.documents.counts(tenant=system.settings.project.tenant)
    told = ", ".join(f"{value:,} {name}" for name, value in counts.items())
    return Chapter(
        title="Data",
        lines=[f"In the index: {told or 'nothing'}."],
        columns=("source", "type", "trust", "owner", "where"),
        rows=[(one.id, one.type, one.trust, one.owner or "nobody", one.uri) for one in system.settings.source],
    )


async def _evaluation(system: System) -> Chapter:
    runs = await system.runs.runs(tenant=system.settings.project.tenant, limit=5)
    rows = []
    for run in runs:
        if run.finished_at is None:
            continue
        found = await system.runs.rows(tenant=run.tenant, run=run.id)
        measured = [one for one in found if one.passed is not None]
        passed = sum(one.passed is True for one in measured)
        said = f"{passed} of {len(measured)} passed, {len(found) - len(measured)} unmeasured"
        rows.append((f"{run.finished_at:%Y-%m-%d}", run.id[:12], run.suite, run.target, run.commit[:10], said))
    return Chapter(
        title="Evaluation",
        columns=("when", "run", "suite", "target", "commit", "result"),
        rows=rows,
        nothing="It was never evaluated: `answerable eval run`.",
    )


def _waiver(one: Waiver) -> tuple[str, ...]:
    return (one.gate, one.name, one.reason, f"{one.expires:%Y-%m-%d}")


def _production(board: ProductBoard) -> Chapter:
    rows, last = [], board.until - timedelta(seconds=1)
    for name, table in board.tables.items():
        for part in table.definition.parts:
            one = table.total.number(part.name) if table.total else None
            shown = UNMEASURED if one is None else value_of(one, board.currency)
            if one is not None and shown != UNMEASURED:
                rows.append((f"{name}.{part.name}", shown, interval_of(one), part.says))
    return Chapter(
        title="In production",
        lines=[f"{board.since:%Y-%m-%d} to {last:%Y-%m-%d}, {board.tasks:,} closed tasks."],
        columns=("number", "value", "95 %, n", "what it is"),
        rows=rows,
    )


def _privacy(system: System) -> Chapter:
    kept, guard = system.settings.retention, system.settings.guard
    rows = [
        ("answers, conversations, feedback", _for(kept.messages)),
        ("traces with questions and prompts", _for(kept.traces_full)),
        ("happenings and calls, without text", _for(kept.events)),
        ("personal data in questions", str(guard.input.model_dump().get("pii", "see guards"))),
    ]
    return Chapter(title="Personal data", columns=("what", "kept or done"), rows=rows)


def _for(seconds: float | None) -> str:
    return "for good" if seconds is None else f"{seconds / 86_400:.0f} days"


def _unknown(board: ProductBoard) -> Sequence[str]:
    told = []
    for name, table in board.tables.items():
        parts = [part.name for part in table.definition.parts]
        missing = [one for one in parts if _is_missing(board.number(name, one))]
        if missing:
            told.append(f"{name} ({'all of it' if len(missing) == len(parts) else ', '.join(missing)})")
    return [f"Not measured in production: {'; '.join(told)}."] if told else []


def _is_missing(one: Measured | None) -> bool:
    return one is None or value_of(one) == UNMEASURED
