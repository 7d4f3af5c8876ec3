"""A small shop: its documents, and one prepared answer for each way that a question can end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import numpy as np
from operating import busy_operations

from answerable.adapters.fakes.alerts import MemoryAlerts
from answerable.adapters.fakes.asker import FakeAsker
from answerable.adapters.fakes.audit import MemoryAudit
from answerable.adapters.fakes.events import MemoryEvents
from answerable.adapters.fakes.happenings import MemoryHappenings
from answerable.adapters.fakes.incidents import MemoryIncidents
from answerable.adapters.fakes.journal import MemoryJournal
from answerable.adapters.fakes.person_keys import MemoryPersonKeys
from answerable.adapters.fakes.persons import MemoryAttempts, MemoryPersons
from answerable.adapters.fakes.runs import MemoryRuns
from answerable.adapters.fakes.store import MemoryStore
from answerable.adapters.fakes.tokens import MemoryTokens
from answerable.adapters.fakes.tolls import MemoryTolls
from answerable.answer.nonanswer import NonAnswers
from answerable.answer.record import answer_record
from answerable.answer.texts import Texts
from answerable.app.alerts.desk import AlertDesk
from answerable.app.emitting import Counted, Emission
from answerable.app.incidents import IncidentDesk
from answerable.app.operations import Operations
from answerable.app.person_keys import KeyRing
from answerable.app.project import Project
from answerable.config import Settings
from answerable.config.event_log import EventsSection
from answerable.core.alert import Alert, Severity, Watched
from answerable.core.answer import Answer, Citation, Claim, Confidence, NextStep, Withheld
from answerable.core.completion import Usage
from answerable.core.document import Chunk, Document
from answerable.core.errors import DatabaseUnreachable
from answerable.core.outcome import Outcome
from answerable.core.passage import Passage
from answerable.core.person_key import Rotation
from answerable.core.ports import EmbeddingModel, Happenings, IdentityProvider, Looked
from answerable.core.ports.access import ONCE
from answerable.core.query import Filter, Principal, Query
from answerable.guards.incidents import Posted
from answerable.monitor.emitting import Place
from answerable.prompts.standing import Standing

TENANT = "techcorp"
OTHER_TENANT = "rival"
NO_PROJECT = Project(settings=Settings.model_validate({"project": {"tenant": TENANT}}), base=Path("/nowhere"))
MODEL = EmbeddingModel(name="fake", revision="1", dim=4)
EVIL = "<script>alert('x')</script><img src=http://evil.example/i onerror=alert(1)>"

RETURNS = """# Returns policy

How returns work at TechCorp, for orders placed in any of our shops. 📦

## Time limits

Items can be returned within 30 days of delivery. The day of delivery does not count. \
Opened software and gift cards cannot be returned.

## Condition

Headphones can be returned when the ear pads are unused. Keep the original box: without it we refund \
90 % of the price.

## How to send it back

1. Open "My orders" and choose the item.
2. Print the label, or show the code at a parcel shop.
3. The refund arrives within 5 working days after we receive the parcel.
"""
COUPONS = """# Coupon terms

## SUMMER20

Purchases made with a SUMMER20 coupon are refunded as store credit. Store credit is valid for two years.
"""
FAQ = """# Frequently asked questions

## Returns

You have 60 days to return your order.

## Warranty

Audio products have a warranty of two years.
"""
HOSTILE = f"""# Odd page {EVIL}

## Section {EVIL}

A quote with {EVIL} inside. [click](http://evil.example/a) ![image](http://evil.example/b)
"""


def _document(uri: str, title: str, text: str, *, updated: date, **other: object) -> Document:
    return Document(source="policies", uri=uri, title=title, text=text, tenant=TENANT, updated_at=updated, **other)


DOCUMENTS = {
    "returns": _document("returns.md", "Returns policy", RETURNS, updated=date(2026, 5, 2)),
    "coupons": _document("coupons.md", "Coupon terms", COUPONS, updated=date(2026, 6, 11)),
    "faq": _document("faq.md", "FAQ", FAQ, updated=date(2024, 11, 4), review_by=date(2025, 5, 4)),
    "hostile": _document(f"odd-{EVIL}.md", f"Odd {EVIL}", HOSTILE, updated=date(2026, 1, 1)),
    "secret": _document(
        "secret.md", "Board minutes", "The board meets on 3 May.", updated=date(2026, 1, 1), acl=("board",)
    ),
}


def chunk_of(name: str, quote: str, section: str) -> Chunk:
    document = DOCUMENTS[name]
    start = document.text.index(quote)
    return Chunk(
        document_id=document.id,
        start=start,
        end=start + len(quote),
        text=quote,
        headings=(document.title, section),
    )


def cite(n: int, name: str, quote: str, section: str) -> Citation:
    document, chunk = DOCUMENTS[name], chunk_of(name, quote, section)
    return Citation(
        n=n,
        chunk_id=chunk.id,
        document_id=document.id,
        quote=quote,
        start=chunk.start,
        end=chunk.end,
        title=document.title,
        section=section,
        uri=document.uri,
        source=document.source,
        updated_at=document.updated_at,
        stale=document.review_by is not None,
    )


THIRTY = cite(1, "returns", "Items can be returned within 30 days of delivery.", "Time limits")
CREDIT = cite(2, "coupons", "Purchases made with a SUMMER20 coupon are refunded as store credit.", "SUMMER20")
SIXTY = cite(2, "faq", "You have 60 days to return your order.", "Returns")
PADS = cite(2, "returns", "Headphones can be returned when the ear pads are unused.", "Condition")
ODD = cite(1, "hostile", f"A quote with {EVIL} inside.", f"Section {EVIL}")

HUMAN = NextStep(kind="human", label="Talk to a person", target="mailto:support@techcorp.example")
REPHRASE = NextStep(kind="rephrase", label="Ask differently")
CLOSEST = NextStep(kind="source", label="Returns policy", target=DOCUMENTS["returns"].id)


def answer(outcome: Outcome, *sentences: tuple[str, tuple[int, ...], str], **fields: object) -> Answer:
    """An answer whose claims are its sentences, joined by blanks."""
    claims, text = [], ""
    for sentence, citations, kind in sentences:
        text += "" if not text else "\n" if sentence.startswith("- ") else " "
        support = "supported" if kind == "fact" else "not_applicable"
        claims.append(
            Claim(start=len(text), end=len(text) + len(sentence), kind=kind, support=support, citations=citations)
        )
        text += sentence
    return Answer(
        id="an_x",
        trace_id="tr_x",
        text=text,
        outcome=outcome,
        claims=tuple(claims) if outcome.answers else (),
        usage=Usage(input=1830, cached=1200, output=96, cost=Decimal("0.00210")),
        timing_ms={
            "guard": 6.2,
            "retrieve": 38.0,
            "rerank": 61.0,
            "generate": 1610.0,
            "verify": 140.0,
            "total": 1902.0,
        },
        model="main/small-model-2026-05",
        prompt=("answer", "2.3.0", "ab" * 32),
        index="fake@1",
        **fields,
    )


ANSWERS: dict[str, Answer] = {
    "answered": answer(
        Outcome.ANSWERED,
        ("You can return headphones within 30 days of delivery [1].", (1,), "fact"),
        ("The ear pads must be unused [2].", (2,), "fact"),
        citations=(THIRTY, PADS),
        confidence=Confidence(level="high", why=("2 of 2 sentences supported", "sources agree")),
    ),
    "partial": answer(
        Outcome.PARTIAL,
        ("You can return headphones within 30 days of delivery [1].", (1,), "fact"),
        ("Purchases with SUMMER20 are refunded as store credit [2].", (2,), "fact"),
        ("I'm not sure about sale items: no page mentions the Spring Sale.", (), "limit"),
        citations=(THIRTY, CREDIT),
        withheld=(Withheld(text="Sale items are final.", reason="uncited"),),
        confidence=Confidence(level="medium", why=("2 of 3 conditions supported",)),
        next_steps=(NextStep(kind="rephrase", label="Which promotion?"), HUMAN),
        degraded=("no_rerank",),
    ),
    "conflict": answer(
        Outcome.CONFLICT,
        ("Our pages disagree.", (), "limit"),
        (f"- Returns policy (2026-05-02): {THIRTY.quote[:-1]} [1].", (1,), "fact"),
        (f"- FAQ (2024-11-04): {SIXTY.quote[:-1]} [2].", (2,), "fact"),
        ("The newer page is usually right.", (), "limit"),
        citations=(THIRTY, SIXTY),
        confidence=Confidence(level="low", why=("sources disagree",)),
        next_steps=(HUMAN, REPHRASE),
    ),
    "clarify": answer(
        Outcome.CLARIFY,
        ("Which product do you mean: headphones or a gift card?", (), "note"),
        next_steps=(
            NextStep(kind="rephrase", label="Headphones", target="Can I return headphones?"),
            NextStep(kind="rephrase", label="A gift card", target="Can I return a gift card?"),
        ),
    ),
    "abstained": answer(
        Outcome.ABSTAINED,
        ("I couldn't find this in our help pages, so I won't guess.", (), "note"),
        next_steps=(CLOSEST, REPHRASE, HUMAN, NextStep(kind="form", label="Tell us what is missing")),
    ),
    "out_of_scope": answer(
        Outcome.OUT_OF_SCOPE,
        ("I only answer questions about orders, returns and warranty.", (), "note"),
        next_steps=(REPHRASE, HUMAN),
    ),
    "too_long": answer(
        Outcome.TOO_LONG,
        ("Your question is longer than I can take.", (), "note"),
        next_steps=(NextStep(kind="shorten", label="Shorten it"), HUMAN),
    ),
    "blocked": answer(
        Outcome.BLOCKED,
        ("I can't help with that request.", (), "note"),
        next_steps=(REPHRASE, HUMAN),
    ),
    "escalated": answer(
        Outcome.ESCALATED,
        ("A person will take this over.", (), "note"),
        next_steps=(HUMAN, REPHRASE),
    ),
    "failed": answer(
        Outcome.FAILED,
        ("Something went wrong on our side. Your question is kept.", (), "note"),
        next_steps=(NextStep(kind="retry", label="Try again"), HUMAN),
        degraded=("provider_fallback", "extractive"),
    ),
    "hostile": answer(
        Outcome.ANSWERED,
        (
            f"An answer {EVIL} with [a link](http://evil.example/c) and ![i](http://evil.example/d) [1].",
            (1,),
            "fact",
        ),
        citations=(ODD,),
        confidence=Confidence(level="high", why=(EVIL,)),
        next_steps=(NextStep(kind="human", label=EVIL, target="javascript:alert(1)"),),
    ),
}


def answer_for(query: Query) -> Answer:
    """The answer whose name is the question's last word, else `answered`."""
    name = query.text.split()[-1].strip("?!.").lower()
    return replace(ANSWERS.get(name, ANSWERS["answered"]), language=query.language or "en")


PASSAGES = tuple(
    Passage(
        chunk=chunk_of(name, quote, section),
        score=0.9,
        scores={"dense": 0.9},
        title=DOCUMENTS[name].title,
        uri=DOCUMENTS[name].uri,
        source="policies",
        updated_at=DOCUMENTS[name].updated_at,
    )
    for name, quote, section in (
        ("returns", THIRTY.quote, "Time limits"),
        ("coupons", CREDIT.quote, "SUMMER20"),
    )
)


@dataclass(slots=True, kw_only=True)
class People:
    """Secrets of everybody the tests send."""

    ann: str = ""
    bob: str = ""  # another user of the same tenant
    rita: str = ""  # of another tenant
    revoked: str = ""
    expired: str = ""
    viewer: str = ""  # no role at all


class AwayDatabase:
    """Figures of production cannot be read."""

    def tenant(self, tenant: str, *, readonly: bool = False) -> NoReturn:
        raise DatabaseUnreachable("the database is away")


class FakeGateway:
    """It has nothing to probe."""

    @asynccontextmanager
    async def probing(self) -> AsyncIterator[None]:
        yield


def _incidents() -> IncidentDesk:
    port = MemoryIncidents()
    return IncidentDesk(
        incidents=port,
        posted=Posted(incidents=port),
        non_answers=NonAnswers(texts=Texts(), contact="mailto:support@techcorp.example"),
        happenings=MemoryHappenings(),
    )


def _emission() -> Emission:
    rules = EventsSection()
    ring = KeyRing(
        keys=MemoryPersonKeys(), tenant=TENANT, rotation=Rotation(every_s=rules.rotate, link_s=rules.link)
    )
    return Emission(events=MemoryEvents(), ring=ring, place=Place(), counted=Counted(rules=rules))


async def an_alert(scene: Scene, tenant: str = TENANT) -> str:
    """One that stands, about a page that a stranger has named; its id."""
    one = Alert(
        id="al_one",
        tenant=tenant,
        rule="document_share",
        severity=Severity.PAGE,
        key=EVIL,
        opened_at=datetime(2026, 11, 23, tzinfo=UTC),
        n=40,
        bad=20,
        value=0.5,
        usual=0.01,
        blame=EVIL,
    )
    port = scene.system.alerts.alerts
    await port.keep(Looked(now=one.opened_at, seen=Watched(), state={}, alerts=[one]), tenant=tenant)
    return one.id


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeSystem:
    """What the faces use of a system."""

    asker: FakeAsker
    documents: MemoryStore
    journal: MemoryJournal
    tokens: MemoryTokens
    operations: Operations
    gateway: FakeGateway = field(default_factory=FakeGateway)
    project: Project = NO_PROJECT
    identity: IdentityProvider | None = None
    attempts: MemoryAttempts = field(default_factory=MemoryAttempts)
    runs: MemoryRuns = field(default_factory=MemoryRuns)
    rollouts: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(standing=Standing()))
    database: AwayDatabase = field(default_factory=AwayDatabase)
    tolls: MemoryTolls = field(default_factory=MemoryTolls)

    incidents: IncidentDesk = field(default_factory=_incidents)
    emission: Emission = field(default_factory=_emission)
    alerts: AlertDesk = field(default_factory=lambda: AlertDesk(alerts=MemoryAlerts()))

    @property
    def audit(self) -> MemoryAudit:
        return self.tokens.audit

    @property
    def persons(self) -> MemoryPersons:
        return MemoryPersons(self.tokens)

    @property
    def settings(self) -> Settings:
        return self.project.settings

    @property
    def happenings(self) -> Happenings:
        return self.operations.watching.happenings

    async def search(self, query: Query, *, limit: int) -> list[Passage]:
        return await self.asker.search(query, limit=limit)

    def filter(self) -> Filter:
        return Filter()


@dataclass(slots=True, kw_only=True)
class Scene:
    """A system of fakes with its people."""

    system: FakeSystem
    asker: FakeAsker
    store: MemoryStore
    journal: MemoryJournal
    tokens: MemoryTokens
    people: People = field(default_factory=People)

    async def link_token(self, name: str = "ann", *, roles: tuple[str, ...] = ("user",)) -> str:
        _, secret = await self.tokens.create(
            tenant=TENANT, principal=Principal(id=name, roles=roles), label="sign-in link", ttl_s=60, terms=ONCE
        )
        return secret

    async def feedback(self) -> list[dict[str, Any]]:
        """What was said of the latest answer, oldest first."""
        return (await self.journal.trace(tenant=TENANT, reference="latest"))["feedback"]


async def build(
    *, pause_s: float = 0.0, answer_for=answer_for, project: Project = NO_PROJECT, **asker_fields
) -> Scene:
    """The shop in memory."""
    store, journal, tokens = MemoryStore(), MemoryJournal(answer_record), MemoryTokens()
    for name, document in DOCUMENTS.items():
        chunks = [
            chunk_of(name, one.quote, one.section)
            for one in (THIRTY, CREDIT, SIXTY, PADS, ODD)
            if one.document_id == document.id
        ]
        vectors = np.tile(np.array([[1.0, 0, 0, 0]], dtype=np.float32), (len(chunks), 1))
        await store.replace(document, chunks, vectors, model=MODEL)
    theirs = replace(DOCUMENTS["faq"], tenant=OTHER_TENANT)
    await store.replace(theirs, [], np.zeros((0, 4), dtype=np.float32), model=MODEL)
    asker = FakeAsker(answer_for=answer_for, passages=PASSAGES, journal=journal, pause_s=pause_s, **asker_fields)
    scene = Scene(
        system=FakeSystem(
            asker=asker,
            documents=store,
            journal=journal,
            tokens=tokens,
            operations=await busy_operations(home=TENANT),
            project=project,
        ),
        asker=asker,
        store=store,
        journal=journal,
        tokens=tokens,
    )
    await _admit_people(scene)
    return scene


async def _admit_people(scene: Scene) -> None:
    async def secret(name: str, tenant: str = TENANT, ttl_s: float | None = None, roles=("user",)) -> str:
        _, value = await scene.tokens.create(
            tenant=tenant, principal=Principal(id=name, roles=roles), label=name, ttl_s=ttl_s
        )
        return value

    people = scene.people
    people.ann, people.bob = await secret("ann"), await secret("bob")
    people.rita = await secret("rita", tenant=OTHER_TENANT)
    people.expired = await secret("ann", ttl_s=-1.0)
    people.viewer = await secret("vera", roles=())
    token, people.revoked = await scene.tokens.create(tenant=TENANT, principal=Principal(id="ann"), label="old")
    await scene.tokens.revoke(tenant=TENANT, token_id=token.id)
