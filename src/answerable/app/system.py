"""A running system, and how it is opened and closed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from answerable.adapters.entry import Keeping
from answerable.adapters.postgres.alerts import PostgresAlerts
from answerable.adapters.postgres.audit import PostgresAudit
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.documents import PostgresDocuments
from answerable.adapters.postgres.incidents import PostgresIncidents
from answerable.adapters.postgres.journal import PostgresJournal
from answerable.adapters.postgres.judgments import PostgresJudgments
from answerable.adapters.postgres.ledger import PostgresLedger
from answerable.adapters.postgres.persons import PostgresAttempts, PostgresPersons
from answerable.adapters.postgres.reviews import PostgresReviews
from answerable.adapters.postgres.runs import PostgresRuns
from answerable.adapters.postgres.tokens import PostgresTokens
from answerable.adapters.postgres.tolls import PostgresTolls
from answerable.answer.ask import Asker
from answerable.answer.record import answer_record
from answerable.answer.retrieval import Found
from answerable.app.abstaining import Standing
from answerable.app.alerts.desk import AlertDesk
from answerable.app.alerts.rulebook import rules_of
from answerable.app.alerts.standing import alert_samples
from answerable.app.answering import open_answering
from answerable.app.budget_figures import budget_samples, spent_today
from answerable.app.drift.current_topics import current_topics
from answerable.app.emitting import Emission
from answerable.app.entering import open_identity
from answerable.app.event_log import open_event_log
from answerable.app.ground import Ground, open_ground
from answerable.app.hearing import hearing
from answerable.app.incidents import IncidentDesk
from answerable.app.jobs.working import make_board
from answerable.app.measuring import measuring
from answerable.app.models import Gateway
from answerable.app.operations import Operations
from answerable.app.paying import Money
from answerable.app.project import Project
from answerable.app.reading import TurnReader
from answerable.app.redteam.standing import standing_samples as attack_samples
from answerable.app.reranking import Rerankers
from answerable.app.rollouts.guards import make_watch
from answerable.app.rollouts.live import Rollouts
from answerable.app.rollouts.watch import RolloutWatch
from answerable.app.setup import masking, setup_of
from answerable.app.standing_figures import spool_samples, standing_samples
from answerable.app.stores import TendedStore
from answerable.config import Settings
from answerable.core.deadline import Deadline
from answerable.core.document import PUBLIC
from answerable.core.passage import Passage
from answerable.core.ports import (
    Attempts,
    Audit,
    Conflicts,
    Documents,
    Embedder,
    Events,
    Happenings,
    IdentityProvider,
    Journal,
    Judgments,
    Ledger,
    Persons,
    Replies,
    Reranker,
    Reviews,
    Runs,
    Tasks,
    TokenCodes,
    Tokens,
    Tolls,
)
from answerable.core.query import Filter, Principal, Query, Scope
from answerable.guards.incidents import Posted
from answerable.guards.secrets import without_secrets
from answerable.monitor.refreshed import Refreshed

_STANDING_S, _SPOOLS_S = 120.0, 15.0  # between two readings
LOCAL = "local"  # the person at this machine's terminal

# A number in it: the guard of personal data reads its numbering plans before a deadline runs, not within one.
WARMING = "Is anybody there, at +49 30 1234567?"


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Everything a face may use."""

    project: Project
    asker: Asker
    embedder: Embedder
    store: TendedStore
    codes: TokenCodes
    rerankers: Rerankers
    documents: Documents
    conflicts: Conflicts
    ledger: Ledger
    journal: Journal
    tokens: Tokens
    tolls: Tolls
    persons: Persons
    attempts: Attempts
    audit: Audit
    incidents: IncidentDesk
    alerts: AlertDesk
    identity: IdentityProvider | None  # where people sign in elsewhere
    runs: Runs
    judgments: Judgments
    reviews: Reviews
    standing: Standing
    database: Database
    gateway: Gateway
    replies: Replies
    money: Money
    operations: Operations
    rollouts: Rollouts
    events: Events
    tasks: Tasks
    emission: Emission

    @property
    def happenings(self) -> Happenings:
        """What happened that somebody should know of."""
        return self.operations.watching.happenings

    @property
    def settings(self) -> Settings:
        """The project's configuration."""
        return self.project.settings

    async def search(self, query: Query, *, limit: int) -> list[Passage]:
        """Retrieval alone: embed, dense beside lexical, fuse, rerank."""
        found = await self.asker.search(query, limit=limit)
        return await self.incidents.found(query.tenant, found)

    def reranker(self, name: str) -> Reranker:
        """The reranker of that name, over this index. Raises ConfigError for an unknown one."""
        return self.rerankers.named(name)

    async def explain(self, query: Query, *, limit: int) -> Found:
        """The same, with how the question was read and what each part of it found."""
        return await self.asker.explain(query, limit=limit)

    async def warm(self) -> None:
        """Load what the first question would otherwise wait for, outside of any deadline."""
        await self.embedder.embed(["warm"], kind="query")
        await self.asker.guards.question(self.query(WARMING))

    def query(self, text: str, *, groups: Sequence[str] = (), language: str = "") -> Query:
        """A question of the person at this machine, with the configured filter and deadline."""
        answer = self.settings.answer
        kind, _, fixed = answer.language.partition(":")
        return Query(
            text=text,
            tenant=self.settings.project.tenant,
            principal=self.principal(groups),
            filter=self.filter(),
            language=language or (fixed if kind == "fixed" else ""),
            deadline=Deadline.after(answer.deadline),
        )

    def with_deadline(self, query: Query, deadline: Deadline) -> Query:
        """The same question with another time budget."""
        return replace(query, deadline=deadline)

    def principal(self, groups: Sequence[str] = ()) -> Principal:
        """The person at this machine, as a member of `groups`."""
        roles = ("user", "reviewer", "editor", "engineer", "admin")
        return Principal(id=LOCAL, groups=tuple(sorted({PUBLIC, *groups})), roles=roles)

    def filter(self, further: Mapping[str, Sequence[str]] | None = None) -> Filter:
        """The configured filter, which every question has; `further` keys go over it."""
        known = {"status": "status", "source": "sources", "language": "languages"}
        given = {key: (value,) if isinstance(value, str) else tuple(value) for key, value in self._filter_items()}
        given |= {key: tuple(values) for key, values in (further or {}).items()}
        named = {known[key]: values for key, values in given.items() if key in known}
        meta = {key: values[0] for key, values in given.items() if key not in known}
        return Filter(
            status=named.get("status", ("published",)),
            sources=named.get("sources", ()),
            languages=named.get("languages", ()),
            meta=meta,
        )

    def scope(self, groups: Sequence[str] = (), *, status: tuple[str, ...] = ("published",)) -> Scope:
        """What the person at this machine may see."""
        return Scope(
            tenant=self.settings.project.tenant,
            groups=self.principal(groups).groups,
            filter=Filter(status=status),
        )

    def _filter_items(self) -> list[tuple[str, str | list[str]]]:
        return list(self.settings.retrieval.filter.items())


@asynccontextmanager
async def open_system(project: Project) -> AsyncIterator[System]:
    """Start what is ours, connect to what is not, and close it all at the end.

    Raises ConfigError, DatabaseUnreachable and IntegrityError, each naming the cause and the fix.
    """
    async with AsyncExitStack() as stack:
        ground = await open_ground(project, stack)
        database, gateway = ground.database, ground.gateway
        reviews = PostgresReviews(database)
        answering = await open_answering(project, ground, reviews, stack)
        incidents = _incidents(answering.asker, ground)
        stack.push_async_callback(incidents.close_down)
        asker = replace(answering.asker, guards=answering.asker.guards.after(incidents.guard))
        guarded = make_watch(project, database, answering.rollouts)
        topics = current_topics(project, ground)
        stack.push_async_callback(topics.close)
        reader = TurnReader(topics=topics.now, space=ground.embedder.model.key)
        told = await open_event_log(project, database, ground.watching, reader, stack)
        keeping = Keeping(
            setup=setup_of(project, asker),
            mask=masking(project),
            bare=without_secrets,
            told=hearing(ground.watching, guarded, told.emission),
            measure=measuring(project),
        )
        journal = await stack.enter_async_context(
            PostgresJournal(database, record=answer_record, spool=project.state / "spool", keeping=keeping)
        )
        yield System(
            project=project,
            asker=replace(asker, journal=journal),
            embedder=ground.embedder,
            store=ground.store,
            codes=answering.codes,
            rerankers=answering.rerankers,
            documents=PostgresDocuments(database),
            conflicts=answering.conflicts,
            ledger=PostgresLedger(database),
            journal=journal,
            tokens=PostgresTokens(database),
            tolls=PostgresTolls(database),
            persons=PostgresPersons(database),
            attempts=PostgresAttempts(database),
            audit=PostgresAudit(database),
            incidents=incidents,
            alerts=AlertDesk(alerts=PostgresAlerts(database), rules=rules_of(project.settings.alerts)),
            identity=await open_identity(project, stack),
            runs=PostgresRuns(database),
            judgments=PostgresJudgments(database),
            reviews=reviews,
            standing=answering.standing,
            database=database,
            gateway=gateway,
            replies=answering.replies,
            money=ground.money,
            operations=_operations(project, ground, guarded),
            rollouts=answering.rollouts,
            events=told.events,
            tasks=told.tasks,
            emission=told.emission,
        )


def _incidents(asker: Asker, ground: Ground) -> IncidentDesk:
    port = PostgresIncidents(ground.database)
    return IncidentDesk(
        incidents=port,
        posted=Posted(incidents=port),
        non_answers=asker.non_answers,
        happenings=ground.watching.happenings,
    )


def _operations(project: Project, ground: Ground, guarded: RolloutWatch) -> Operations:
    jobs = make_board(ground.database, project.settings)
    return Operations(
        settings=project.settings,
        watching=ground.watching,
        meter=ground.gateway.meter,
        budgets=Refreshed(read=lambda: budget_samples(ground.money, project.settings)),
        spent=Refreshed(read=lambda: spent_today(ground.money.calls, project.settings)),
        standing=Refreshed(read=lambda: standing_samples(project, ground.database), age_s=_STANDING_S),
        spooled=Refreshed(read=lambda: spool_samples(project), age_s=_SPOOLS_S),
        attacked=Refreshed(read=lambda: attack_samples(project, ground.watching.happenings)),
        alerts=Refreshed(
            read=lambda: alert_samples(PostgresAlerts(ground.database), project.settings), age_s=20.0
        ),
        guarded=guarded,
        jobs=jobs,
        worked=Refreshed(read=jobs.samples),
    )
