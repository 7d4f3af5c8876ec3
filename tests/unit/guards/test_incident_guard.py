"""What is out of use is neither asked about nor said; what was read last holds while the database is away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from answerable.adapters.fakes.incidents import MemoryIncidents
from answerable.answer.guarding import Guards
from answerable.answer.nonanswer import NonAnswers
from answerable.answer.texts import Texts
from answerable.core.answer import Answer, Citation
from answerable.core.deadline import Deadline
from answerable.core.errors import DatabaseUnreachable
from answerable.core.incident import Blocked, Exposure, Incident
from answerable.core.outcome import Outcome
from answerable.core.query import Principal, Query
from answerable.guards.incidents import Blocks, IncidentGuard, Posted
from answerable.text.phrases import Phrases, folded

TOPIC = Incident(id="in_1", kind=Blocked.TOPIC, value="battery recall|rückruf*", message={"de": "Wir prüfen."})
DOC = Incident(id="in_2", kind=Blocked.DOC, value="doc_1")
ANSWER = Incident(id="in_3", kind=Blocked.ANSWER, value="an_1", question="How long may I return it?")


@dataclass(slots=True)
class Clocked:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Flaky:
    """Incidents whose database may be away; `reads` counts."""

    standing: list[Incident] = field(default_factory=list)
    away: bool = False
    reads: int = 0
    gate: asyncio.Event | None = None

    async def open(self, *, tenant: str, incident: Incident, by: str) -> Incident:
        raise NotImplementedError

    async def close(self, *, tenant: str, reference: str, by: str) -> Incident:
        raise NotImplementedError

    async def seen(self, *, tenant: str, incident: Incident, matches: Callable[[str], bool]) -> list[Exposure]:
        raise NotImplementedError

    async def listed(self, *, tenant: str, every: bool = False) -> list[Incident]:
        self.reads += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.away:
            raise DatabaseUnreachable("away")
        return list(self.standing)


def question(text: str, language: str = "en") -> Query:
    return Query(
        text=text,
        tenant="acme",
        principal=Principal(id="p"),
        language=language,
        deadline=Deadline.after(60),
    )


def sentence(text: str, document: str = "doc_9") -> Answer:
    cited = Citation(n=1, chunk_id="ch", document_id=document, quote="", start=0, end=0)
    return Answer(id="", trace_id="", text=text, outcome=Outcome.ANSWERED, citations=(cited,))


def guard(*standing: Incident) -> IncidentGuard:
    return IncidentGuard(posted=Posted(incidents=Flaky(list(standing))), words=lambda language: f"hold:{language}")


@pytest.mark.parametrize(
    ("phrases", "text", "hit"),
    [
        ("battery recall", "Is there a BATTERY   recall?", True),
        ("battery recall", "Is there a bat\u200btery re\u00adcall?", True),
        ("battery recall", "battery-recall", True),
        ("battery recall", "battery recalls", False),
        ("battery recall*", "battery recalls", True),
        ("recall", "I recalled it", False),
        ("rückruf*", "Gibt es Rückrufe?", True),
        ("ruckruf", "Rückruf", True),
        ("回收", "电池回收吗", True),
        ("a|b c", "x b c y", True),
        ("a|b c", "x b y c", False),
    ],
)
def test_a_phrase_is_found_as_words(phrases: str, text: str, hit: bool) -> None:
    assert Phrases(phrases).within(folded(text)) is hit


def test_a_topic_without_a_word_is_none() -> None:
    with pytest.raises(ValueError, match="no word"):
        Phrases(" | *?")


async def test_a_question_on_the_topic_gets_the_message_in_its_language() -> None:
    one = guard(TOPIC)
    german = await one.check(question("Gibt es Rückrufe?", "de"), None)
    english = await one.check(question("Tell me of the battery recall", "en"), None)
    assert (german.action, german.message, german.rule) == ("block", "Wir prüfen.", "topic:in_1")
    assert (english.action, english.message, english.outcome) == ("block", "hold:en", Outcome.ESCALATED)
    assert (await one.check(question("How long may I return it?"), None)).action == "allow"


async def test_the_question_of_a_blocked_answer_is_stopped() -> None:
    verdict = await guard(ANSWER).check(question("how long may I return it"), None)
    assert verdict.rule == "answer:in_3"


@pytest.mark.parametrize(
    ("incident", "said", "document", "action"),
    [
        (TOPIC, "There is a battery recall [1].", "doc_9", "block"),
        (TOPIC, "There is none [1].", "doc_9", "allow"),
        (DOC, "There is none [1].", "doc_1", "block"),
        (DOC, "There is none [1].", "doc_9", "allow"),
    ],
)
async def test_a_sentence_is_held(incident: Incident, said: str, document: str, action: str) -> None:
    assert (await guard(incident).check(question("?"), sentence(said, document))).action == action


async def test_the_guard_comes_first_for_every_tenant_and_its_words_are_the_answer() -> None:
    guards = Guards(tenants={"acme": ()}).after(guard(TOPIC))
    checked = await guards.question(question("battery recall", "de"))
    assert checked.blocked is not None
    made = NonAnswers(texts=Texts(), contact="help@example.com").make(
        question("x", "de"), Outcome.ESCALATED, verdicts=checked.verdicts
    )
    assert (made.text, made.next_steps[0].kind) == ("Wir prüfen.", "human")


def test_a_stored_answer_is_known_by_its_id_its_text_and_its_sources() -> None:
    blocks = Blocks.of([TOPIC, DOC, ANSWER])
    record = {"id": "an_9", "outcome": "answered", "text": "Yes.", "sources": [{"document": "doc_9"}]}
    assert blocks.stored(record) is None
    assert blocks.stored({**record, "id": "an_1", "outcome": "abstained"}) is ANSWER
    assert blocks.stored({**record, "text": "The battery recall began."}) is TOPIC
    assert blocks.stored({**record, "sources": [{"document": "doc_1"}]}) is DOC
    assert blocks.stored({**record, "outcome": "escalated", "text": "The battery recall is checked."}) is None


async def test_what_is_older_than_a_second_is_read_anew() -> None:
    clock, port = Clocked(), Flaky()
    posted = Posted(incidents=port, clock=clock)
    await posted.blocks("acme")
    port.standing = [TOPIC]
    clock.now = 1.0
    assert (await posted.blocks("acme")).topics == ()
    clock.now = 1.1
    assert len((await posted.blocks("acme")).topics) == 1
    assert port.reads == 2


async def test_while_the_database_is_away_the_last_known_holds() -> None:
    clock, port = Clocked(), Flaky([TOPIC])
    posted = Posted(incidents=port, clock=clock)
    await posted.blocks("acme")
    port.away, clock.now = True, 60.0
    assert len((await posted.blocks("acme")).topics) == 1


async def test_where_nothing_was_ever_read_it_fails_closed() -> None:
    posted = Posted(incidents=Flaky(away=True))
    with pytest.raises(DatabaseUnreachable):
        await posted.blocks("acme")
    assert IncidentGuard(posted=posted, words=str).fails == "closed"


async def test_who_is_cancelled_does_not_cancel_the_reading_of_the_others() -> None:
    port = Flaky([TOPIC], gate=asyncio.Event())
    posted = Posted(incidents=port)
    first, second = (asyncio.create_task(posted.blocks("acme")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert port.gate is not None
    port.gate.set()
    assert len((await second).topics) == 1
    assert (port.reads, first.cancelled()) == (1, True)


async def test_own_changes_hold_at_once() -> None:
    port = Flaky()
    posted = Posted(incidents=port, clock=Clocked())
    await posted.blocks("acme")
    port.standing = [replace(TOPIC)]
    posted.forget()
    assert len((await posted.blocks("acme")).topics) == 1


async def test_memory_tells_who_saw_it() -> None:
    assert await MemoryIncidents().seen(tenant="acme", incident=TOPIC, matches=lambda _: True) == []
