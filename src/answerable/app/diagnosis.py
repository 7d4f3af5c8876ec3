"""What works, what does not, and what is still a default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from answerable.adapters.embedders.weights import find_weights
from answerable.app.data import looks_on_sync
from answerable.app.embedding import token_encoder
from answerable.app.jobs.working import make_board
from answerable.app.judging import judge_concerns
from answerable.app.linting import lint
from answerable.app.project import Project
from answerable.app.redteam.standing import standing_of
from answerable.app.reranking import SHIPPED
from answerable.app.review_statistics import what_is_late
from answerable.app.reviewing import make_desk
from answerable.app.system import System, open_system
from answerable.app.vector_drift import look_at_vectors, told
from answerable.core.conflict import ConflictState
from answerable.core.errors import AnswerableError
from answerable.core.ports import EmbeddingModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. state: ok | warn | fail."""

    what: str
    state: str
    detail: str
    fix: str = ""
    exit_code: int = 1


async def diagnose(project: Project) -> list[Finding]:
    """Every check that can still be made after the ones before it; nothing is changed but pending migrations
    of the embedded database."""
    found = [
        _config(project),
        *_routes(project),
        *_names(project),
        *_judges(project),
        _budget(project),
        *_guards(project),
        _weights(project),
    ]
    try:
        async with open_system(project) as system:
            found += await _running(system)
    except AnswerableError as error:
        found.append(
            Finding(what="database", state="fail", detail=str(error), fix=error.hint, exit_code=error.exit_code)
        )
    return found


def _config(project: Project) -> Finding:
    if project.config is None:
        return Finding(
            what="config", state="warn", detail="no answerable.toml: all defaults", fix="answerable init DIR"
        )
    return Finding(what="config", state="ok", detail=str(project.config))


def _routes(project: Project) -> list[Finding]:
    found = []
    for route in project.settings.route:
        models = [name for name in route.chain if name != "extractive"]
        if route.use == "answer" and route.chain[-1] != "extractive" and len(models) < 2:
            detail, fix = (
                f"{route.use}: {route.chain[0]} has no fallback",
                "add a second provider, or extractive as the last",
            )
            found.append(Finding(what="route", state="warn", detail=detail, fix=fix))
        elif not models:
            detail = f"{route.use}: quotes only, no model"
            found.append(Finding(what="route", state="ok", detail=detail))
        else:
            found.append(Finding(what="route", state="ok", detail=f"{route.use}: {' → '.join(route.chain)}"))
    return found


def _budget(project: Project) -> Finding:
    """Whether spending has a limit; a note only where somebody may be paid."""
    budget = project.settings.budget
    limits = {name: getattr(budget, name) for name in ("request", "key", "daily", "monthly")}
    told = ", ".join(
        f"{name} {amount:g} {budget.currency}" for name, amount in limits.items() if amount is not None
    )
    if told or budget.tenants:
        return Finding(what="budget", state="ok", detail=told or "by tenant", fix="")
    if not any(one.api_key or one.api_keys for one in project.settings.provider.values()):
        return Finding(what="budget", state="ok", detail="no limit, and no provider that takes a key")
    fix = "[budget] daily and monthly, as `answerable config explain budget.daily` tells"
    return Finding(what="budget", state="warn", detail="nothing limits what the providers may cost", fix=fix)


def _names(project: Project) -> list[Finding]:
    """What `config check` warns of, but for judges: theirs are below, with what else speaks against them."""
    return [
        Finding(what="model", state="warn", detail=f"{one.place}: {one.detail}", fix=one.fix)
        for one in lint(project)
        if one.code in ("floating_model", "unpriced_model")
    ]


def _judges(project: Project) -> list[Finding]:
    fix = 'another model, with its version in the name, in [provider] of the route use = "judge"'
    return [Finding(what="judge", state="warn", detail=concern, fix=fix) for concern in judge_concerns(project)]


def _guards(project: Project) -> list[Finding]:
    guard = project.settings.guard
    off = [
        f"{side}.{key}"
        for side, section in (("input", guard.input), ("output", guard.output))
        for key, value in section.model_dump().items()
        if value == "off" != type(section).model_fields[key].default
    ]
    if not off:
        return [Finding(what="guards", state="ok", detail="all on")]
    return [Finding(what="guards", state="warn", detail=f"{key} is off: {guard.reasons[key]}") for key in off]


def _weights(project: Project) -> Finding:
    section = project.settings.embedding
    if not section.model.startswith("local:"):
        return Finding(what="embedding", state="ok", detail=f"{section.model} at {section.base_url}")
    try:
        weights = find_weights(project.path(section.path) if section.path else None)
    except AnswerableError as error:
        return Finding(
            what="embedding", state="fail", detail=str(error), fix=error.hint, exit_code=error.exit_code
        )
    return Finding(what="embedding", state="ok", detail=f"{weights.pin.name} in {weights.folder}")


async def _redteam(system: System) -> Finding:
    standing, today = await standing_of(system.project, system.happenings), datetime.now(UTC).date()
    state, detail, fix = standing.said(today)
    age = min(one.age_days(today) for one in standing.packs)
    return Finding(what="red team", state=state, detail=f"{detail}; newest pack {age} days old", fix=fix)


async def _running(system: System) -> list[Finding]:
    kind = "configured" if system.settings.database.url else "embedded"
    found = [Finding(what="database", state="ok", detail=f"{kind}, schema {system.settings.database.schema_name}")]
    found.append(await _redteam(system))
    counts = await system.documents.counts(tenant=system.settings.project.tenant)
    found.append(_index(counts))
    found.append(await _conflicts(system, counts["documents"]))
    found.append(await _embedding(system.embedder.model, system))
    found.append(await _reranker(system))
    found.append(await _vectors(system))
    return [*found, _certificate(system), await _review(system), await _jobs(system)]


async def _reranker(system: System) -> Finding:
    name = system.settings.retrieval.reranker
    if name != SHIPPED:
        return Finding(what="reranker", state="ok", detail=name)
    if token_encoder(system.embedder) is None:
        detail = "late compares tokens, which this embedding model does not give: words alone order the passages"
        return Finding(what="reranker", state="warn", detail=detail, fix='reranker = "proximity" says so too')
    if missing := await system.codes.missing(tenant=system.settings.project.tenant):
        detail = f"late; {missing} chunks have no token codes yet, words alone order them"
        return Finding(what="reranker", state="warn", detail=detail, fix="answerable source sync reads them anew")
    return Finding(what="reranker", state="ok", detail="late, with the codes of every chunk")


async def _conflicts(system: System, documents: int) -> Finding:
    known = await system.conflicts.conflicts(tenant=system.settings.project.tenant)
    undecided = sum(one.state is ConflictState.OPEN for one in known)
    if undecided:
        detail = f"{undecided} contradictions between documents that nobody has taken up"
        return Finding(what="data", state="warn", detail=detail, fix="answerable data conflicts")
    detail = "no contradiction is recorded that is not taken up"
    if looks_on_sync(system, documents):
        return Finding(what="data", state="ok", detail=detail)
    return Finding(what="data", state="ok", detail=f"{detail}; a sync does not look (too many, or on_demand)")


def _certificate(system: System) -> Finding:
    standing = system.standing
    if standing.warning:
        fix = "answerable abstain calibrate"
        return Finding(what="abstain", state="warn", detail=standing.warning, fix=fix)
    promised = f"certificate {standing.lock.id} {standing.state}" if standing.lock else "nothing is promised"
    threshold = system.asker.answerability.threshold
    return Finding(what="abstain", state="ok", detail=f"answers from {threshold:.3g} on; {promised}")


async def _review(system: System) -> Finding:
    try:
        late = await what_is_late(make_desk(system))
    except AnswerableError as error:
        return Finding(what="review", state="fail", detail=str(error), fix=error.hint, exit_code=error.exit_code)
    if late:
        return Finding(what="review", state="warn", detail="; ".join(late), fix="answerable review stats")
    named = len(system.settings.review.reviewers)
    detail = f"{named} reviewers, nothing is overdue" if named else "nobody is named in [review] reviewers"
    return Finding(what="review", state="ok", detail=detail)


async def _jobs(system: System) -> Finding:
    rows = await make_board(system.database, system.settings).rows(datetime.now(UTC))
    bad = [
        f"{row.name} {'is late' if row.late else f'failed {row.standing.failed} times'}"
        for row in rows
        if row.late or row.standing.failed
    ]
    if bad:
        return Finding(what="jobs", state="warn", detail="; ".join(bad), fix="answerable job list")
    done = sum(row.standing.done is not None for row in rows)
    detail = (
        f"{done} of {len(rows)} were done, none is late" if done else "none was done yet: a server or worker does"
    )
    return Finding(what="jobs", state="ok", detail=detail)


async def _vectors(system: System) -> Finding:
    try:
        said, drift = await look_at_vectors(system)
    except AnswerableError as error:
        return Finding(what="vectors", state="fail", detail=str(error), fix=error.hint, exit_code=error.exit_code)
    if drift.faults or drift.abandoned:
        return Finding(
            what="vectors", state="fail", detail=f"{said}: {told(drift)}", fix="answerable index repair"
        )
    return Finding(what="vectors", state="ok", detail=f"{said}, {told(drift)}")


def _index(counts: dict[str, int]) -> Finding:
    detail = ", ".join(f"{value} {name}" for name, value in counts.items())
    if not counts.get("documents"):
        return Finding(
            what="index", state="warn", detail="empty", fix="answerable source sync, or answerable ingest FOLDER"
        )
    if counts.get("failed"):
        return Finding(
            what="index", state="warn", detail=detail, fix="answerable source sync names the failed files"
        )
    return Finding(what="index", state="ok", detail=detail)


async def _embedding(model: EmbeddingModel, system: System) -> Finding:
    try:
        vectors = await system.embedder.embed(["is anybody there?"], kind="query")
    except AnswerableError as error:
        return Finding(what="embed", state="fail", detail=str(error), fix=error.hint, exit_code=error.exit_code)
    return Finding(what="embed", state="ok", detail=f"{model.key}, {vectors.shape[1]} dimensions")
