"""The guard of open incidents: what is out of use is neither asked about nor said, from the next look on."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from answerable.core.answer import Answer
from answerable.core.errors import Unreachable
from answerable.core.incident import Blocked, Incident
from answerable.core.outcome import Outcome
from answerable.core.ports import Incidents
from answerable.core.query import Query
from answerable.core.verdict import Verdict
from answerable.text.phrases import Phrases, folded

log = logging.getLogger(__name__)

NAME = "incident"
AGE_S = 1.0  # docs/decisions/0241-incidents.md
Words = Callable[[str], str]  # what is said in a language where an incident has no message of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """What stands, made ready to be looked for. Empty where nothing does."""

    topics: tuple[tuple[Phrases, Incident], ...] = ()
    questions: Mapping[str, Incident] = field(default_factory=dict)
    documents: Mapping[str, Incident] = field(default_factory=dict)
    answers: Mapping[str, Incident] = field(default_factory=dict)

    @classmethod
    def of(cls, incidents: Iterable[Incident]) -> Blocks:
        """Of incidents that stand."""
        standing = list(incidents)
        answers = [one for one in standing if one.kind is Blocked.ANSWER]
        return cls(
            topics=tuple((Phrases(one.value), one) for one in standing if one.kind is Blocked.TOPIC),
            questions={folded(one.question): one for one in answers if one.question.strip()},
            documents={one.value: one for one in standing if one.kind is Blocked.DOC},
            answers={one.value: one for one in answers},
        )

    def asked(self, text: str) -> Incident | None:
        """Of a question."""
        if not self.topics and not self.questions:
            return None
        words = folded(text)
        return self.questions.get(words) or self._topic(words)

    def said(self, text: str, documents: Iterable[str] = ()) -> Incident | None:
        """Of a text, and of the documents that it was made from."""
        if found := next((self.documents[one] for one in documents if one in self.documents), None):
            return found
        return self._topic(folded(text)) if self.topics else None

    def stored(self, record: Mapping[str, Any]) -> Incident | None:
        """Of an answer object, as it was given out once."""
        if found := self.answers.get(str(record.get("id"))):
            return found
        if not Outcome(str(record["outcome"])).answers:  # nothing was said from a page
            return None
        sources: Sequence[Mapping[str, Any]] = record.get("sources") or ()
        return self.said(str(record.get("text") or ""), (str(one.get("document")) for one in sources))

    def _topic(self, words: str) -> Incident | None:
        return next((one for phrases, one in self.topics if phrases.within(words)), None)


@dataclass(slots=True, kw_only=True)
class Posted:
    """What stands, read anew when it is older than `age_s` seconds, by one reader at a time for each tenant.

    While the database is away the last known holds. Where nothing was ever read the error comes out, and the guard
    fails closed. The reading is a task of its own: who waits for it may be cancelled, and it ends for the others.
    """

    incidents: Incidents
    age_s: float = AGE_S
    clock: Callable[[], float] = time.monotonic
    _known: dict[str, tuple[float, Blocks]] = field(default_factory=dict)
    _reading: dict[str, asyncio.Task[Blocks]] = field(default_factory=dict)

    async def blocks(self, tenant: str) -> Blocks:
        """Raises Unreachable where the database is away and was never read."""
        at, known = self._known.get(tenant, (-self.age_s - 1.0, None))
        if known is not None and self.clock() - at <= self.age_s:
            return known
        reading = self._reading.get(tenant)
        if reading is None or reading.done():
            reading = self._reading[tenant] = asyncio.create_task(self._read(tenant), name="incidents")
        return await asyncio.shield(reading)

    def forget(self) -> None:
        """Read anew at the next look: this process has changed something itself."""
        self._known = {tenant: (-self.age_s - 1.0, known) for tenant, (_, known) in self._known.items()}

    async def close(self) -> None:
        """Stop reading."""
        tasks = list(self._reading.values())
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, tenant: str) -> Blocks:
        began = self.clock()
        try:
            blocks = Blocks.of(await self.incidents.listed(tenant=tenant))
        except Unreachable as error:
            if tenant not in self._known:
                raise
            log.warning("incidents could not be read, the last known hold: %s", error)
            blocks = self._known[tenant][1]
        self._known[tenant] = began, blocks
        return blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentGuard:
    """Stops a question, and a sentence of an answer, that an open incident is about."""

    posted: Posted
    words: Words
    default_language: str = "en"
    name: str = NAME
    stage: Literal["question", "answer", "both"] = "both"
    fails: Literal["open", "closed"] = "closed"

    async def check(self, query: Query, answer: Answer | None) -> Verdict:
        """A block with the incident's message, or allow. Raises Unreachable where nothing is known yet."""
        blocks = await self.posted.blocks(query.tenant)
        if answer is None:
            found = blocks.asked(query.text)
        else:
            used = [one.chunk.document_id for one in answer.passages]
            found = blocks.said(answer.text, [*used, *(one.document_id for one in answer.citations)])
        if found is None:
            return Verdict(name=self.name)
        return Verdict(
            name=self.name,
            action="block",
            outcome=Outcome.ESCALATED,
            rule=f"{found.kind.value}:{found.id}",
            reason=found.reason or f"an incident is open for this {found.kind.value}",
            message=self.message(found, query.language),
        )

    def message(self, incident: Incident, language: str) -> str:
        """In the person's language; its own words, or those of the catalog."""
        own = incident.message
        return own.get(language) or own.get("") or self.words(language or self.default_language)
