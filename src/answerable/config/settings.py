"""Every setting with its meaning and default. `answerable config explain KEY` prints these descriptions."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, model_validator

from answerable.config.access import AccessSection
from answerable.config.alerts import AlertsSection
from answerable.config.cache import CacheSection
from answerable.config.chunking import ChunkingSection
from answerable.config.data import DataSection
from answerable.config.gateway import BalanceSection, ProviderSection, RouteSection, check_routes
from answerable.config.guards import GuardSection
from answerable.config.jobs import JobsSection
from answerable.config.limits import LimitsSection
from answerable.config.metrics import MetricsSection
from answerable.config.money import BudgetSection, PriceSection
from answerable.config.monitoring import DriftSection
from answerable.config.production import ProductionSection
from answerable.config.quality import AbstainSection, EvalSection, ReviewSection
from answerable.config.reranking import SHIPPED_RERANKERS, RerankerSection
from answerable.config.retention import RetentionSection
from answerable.config.retrieval import EmbeddingSection, RetrievalSection
from answerable.config.section import Section
from answerable.config.sources import SourceSection
from answerable.config.store import StoreSection
from answerable.config.telemetry import TelemetrySection
from answerable.config.values import Address, Duration, Network


class Project(Section):
    """Who this assistant is."""

    name: str = Field("answerable", description="The assistant's name; shown nowhere but in logs and the API.")
    languages: tuple[str, ...] = Field(("en", "de", "es"), description="Languages questions may come in.")
    default_language: str = Field("en", description="Where a question's language cannot be told.")
    timezone: str = Field("UTC", description="IANA name; decides which day today is.")
    tenant: str = Field("default", description="The tenant of the command line and of the local web page.")
    contact: str = Field("", description="Where a person can be reached: an e-mail address or a link.")


class DatabaseSection(Section):
    """Which Postgres. Without a url, an embedded one under .answerable/ is started and shared."""

    url: Address | None = Field(None, description="PostgreSQL >= 15 with pgvector >= 0.7; env:NAME or file:PATH.")
    owner_url: Address | None = Field(None, description="For migrations, where `url` is a role that owns nothing.")
    schema_name: str = Field("answerable", alias="schema", description="All objects live in this schema.")
    pool: Annotated[int, Field(ge=2, le=200)] = Field(10, description="Connections a process holds at the most.")


class AnswerSection(Section):
    """How answers are made."""

    prompt: str | None = Field(None, description="A prompt file; empty: prompts/answer.md, or the shipped one.")
    temperature: Annotated[float, Field(ge=0, le=2)] = Field(0.1, description="Of the model.")
    max_output_tokens: Annotated[int, Field(ge=16, le=8000)] = Field(400, description="Of the model.")
    context_tokens: Annotated[int, Field(ge=100, le=100000)] = Field(2000, description="Budget of the context.")
    language: str = Field("user", description="user, or fixed:en.")
    deadline: Duration = Field(4.0, ge=0.1, description="For the whole answer; 100ms at the least.")
    first_text: Duration = Field(2.0, description="Until the first sentence; what would come later gets cheaper.")
    on_conflict: Literal["show_both", "newest", "source_priority"] = Field(
        "show_both", description="When two pages disagree: both, or the one that counts by a rule that is named."
    )
    source_priority: tuple[str, ...] = Field(
        (), description="For on_conflict = source_priority: source ids, the one that counts most first."
    )
    verify: Literal["claims", "off"] = Field("claims", description="Check every sentence against its passage.")
    cite_max_per_sentence: Annotated[int, Field(ge=1, le=5)] = Field(2, description="Citations of a sentence.")
    two_sources: Literal["public", "off"] = Field(
        "public",
        description="Where only pages of trust public answer: figures need two such sources, the rest has a note.",
    )
    scope: str | None = Field(None, description="A file that says what the assistant is for; scope.md if there.")

    @model_validator(mode="after")
    def _priority_is_given(self) -> AnswerSection:
        if self.on_conflict == "source_priority" and not self.source_priority:
            raise ValueError('on_conflict = "source_priority" needs source_priority')
        return self


class UiSection(Section):
    """What the web page says of itself."""

    title: str = Field("Ask our documents", description="Shown at the top.")
    disclosure: str = Field("", description="The AI disclosure; empty: the shipped text in the page's language.")
    examples: tuple[str, ...] = Field((), description="Questions offered on the empty page.")


class ServerSection(Section):
    """Where the server listens."""

    host: str = Field("127.0.0.1", description="Loopback unless you say otherwise.")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(8787, description="0 takes a free one.")
    allowed_hosts: tuple[str, ...] = Field((), description="Host headers accepted besides loopback.")
    log: Literal["text", "json"] = Field("text", description="Of the lines on standard error, one a record.")
    trusted_proxies: tuple[Network, ...] = Field(
        (),
        description="Your proxies alone, by address or network: they say where a request, and who, is from.",
    )


class Settings(Section):
    """One project's configuration."""

    project: Project = Project()
    database: DatabaseSection = DatabaseSection()
    store: StoreSection = StoreSection()
    source: tuple[SourceSection, ...] = ()
    chunking: ChunkingSection = ChunkingSection()
    embedding: EmbeddingSection = EmbeddingSection()
    retrieval: RetrievalSection = RetrievalSection()
    reranker: dict[str, RerankerSection] = Field(default_factory=dict)
    answer: AnswerSection = AnswerSection()
    abstain: AbstainSection = AbstainSection()
    eval: EvalSection = EvalSection()
    data: DataSection = DataSection()
    review: ReviewSection = ReviewSection()
    metrics: MetricsSection = MetricsSection()
    route: tuple[RouteSection, ...] = (RouteSection(),)
    provider: dict[str, ProviderSection] = Field(default_factory=dict)
    balance: BalanceSection = BalanceSection()
    cache: CacheSection = CacheSection()
    price: dict[str, PriceSection] = Field(default_factory=dict)
    budget: BudgetSection = BudgetSection()
    limits: LimitsSection = LimitsSection()
    guard: GuardSection = GuardSection()
    retention: RetentionSection = RetentionSection()
    drift: DriftSection = DriftSection()
    telemetry: TelemetrySection = TelemetrySection()
    jobs: JobsSection = JobsSection()
    production: ProductionSection = ProductionSection()
    access: AccessSection = AccessSection()
    alerts: AlertsSection = AlertsSection()
    ui: UiSection = UiSection()
    server: ServerSection = ServerSection()

    def routed(self, use: str) -> RouteSection | None:
        """The route for a use; None where there is none."""
        return next((one for one in self.route if one.use == use), None)

    @model_validator(mode="after")
    def _hides_no_shipped_reranker(self) -> Settings:
        if hidden := sorted(set(SHIPPED_RERANKERS) & set(self.reranker)):
            raise ValueError(f"[reranker.{hidden[0]}]: a shipped reranker is called so")
        if self.retrieval.reranker not in {*SHIPPED_RERANKERS, *self.reranker}:
            known = ", ".join((*SHIPPED_RERANKERS, *self.reranker))
            raise ValueError(f"retrieval.reranker {self.retrieval.reranker!r} is none of {known}")
        return self

    @model_validator(mode="after")
    def _fits_together(self) -> Settings:
        if self.access.header and not self.server.trusted_proxies:
            raise ValueError("access.sso = header needs server.trusted_proxies: from anybody else it is a lie")
        ids = [one.id for one in self.source]
        if repeated := {one for one in ids if ids.count(one) > 1}:
            raise ValueError(f"two sources are called {sorted(repeated)[0]!r}")
        if self.retrieval.keep > self.retrieval.top_k:
            raise ValueError("retrieval.keep is larger than retrieval.top_k")
        check_routes(self.route, self.provider)
        if self.guard.judged and self.routed("guard") is None:
            raise ValueError('guard.input.judge is on without a model: add a [[route]] with use = "guard"')
        try:
            ZoneInfo(self.project.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"project.timezone {self.project.timezone!r} is not known") from error
        if self.project.default_language not in self.project.languages:
            raise ValueError("project.default_language is not among project.languages")
        return self
