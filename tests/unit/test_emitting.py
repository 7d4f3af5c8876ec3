"""A question and its answer become the same events every time, without a word of either."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from answerable.adapters.event_row import event_values
from answerable.adapters.fakes.events import MemoryEvents
from answerable.adapters.fakes.person_keys import MemoryPersonKeys
from answerable.app.emitting import Counted, Emission
from answerable.app.person_keys import KeyRing
from answerable.app.reading import TurnReader
from answerable.config.event_log import EventsSection
from answerable.core.answer import Answer, Citation, Claim, Withheld
from answerable.core.arm import Arm
from answerable.core.call import Call
from answerable.core.completion import Usage
from answerable.core.event_names import checked
from answerable.core.outcome import Outcome
from answerable.core.person_key import Rotation
from answerable.core.ports import Feedback
from answerable.core.query import EVALUATION, Principal, Query, Turn, Way
from answerable.core.trace import Step, Trace
from answerable.core.verdict import Verdict
from answerable.monitor.emitting import Place, events_of
from answerable.monitor.emitting import Turn as Told
from answerable.monitor.greeting import only_greets
from answerable.monitor.need import need_sketch
from answerable.monitor.pseudonym import Pseudonyms, first_known, links_of

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SECRET = "zq7secret"  # in every text that a person or a page wrote
SHA = "a" * 64


def a_step(name: str, ms: float = 1.0, **detail: object) -> Step:
    return Step(name=name, started_ms=ms, duration_ms=10.4, detail=dict(detail))


def rows(*scores: float) -> list[dict[str, object]]:
    return [{"document": f"doc_{n}", "score": one, "text": SECRET} for n, one in enumerate(scores)]


def a_call(number: int, *, provider: str = "main", outcome: str = "ok") -> Call:
    usage = Usage(input=100, cached=40, output=7, cost=Decimal("0.002"), currency="EUR")
    return Call(
        use="answer",
        provider=provider,
        model="m",
        outcome=outcome,
        id=f"cl_{number}",
        principal=SECRET,
        key=SECRET,
        at=NOON + timedelta(seconds=number),
        reported="m-1",
        prompt_id="answer",
        duration_ms=812.6,
        first_text_ms=201.2,
        usage=usage if outcome == "ok" else None,
        error=SECRET,
    )


def a_trace() -> Trace:
    trace = Trace(tenant="acme", id="tr_1", started_at=NOON)
    trace.steps = [
        a_step("guard_question", verdicts=[{"name": "pii", "action": "mask", "rule": "email", "reason": SECRET}]),
        a_step("retrieve", 5.0),
        a_step("fuse", fused=31),
        a_step("answerable", passages=rows(0.9, 0.75, 0.5), probability=0.93, answerable=True),
        a_step("conflicts", sides=[SECRET, SECRET], rule=""),
        a_step("generate", verdicts=[], reply=SECRET),
    ]
    trace.calls = [a_call(1, outcome="transient"), a_call(2, provider="backup")]
    trace.arms = [
        Arm(rollout="ro_1", prompt="answer", version="3", sha256=SHA, name="candidate", share=0.1, unit="0")
    ]
    return trace


def cited(n: int, *, stale: bool = False) -> Citation:
    return Citation(
        n=n,
        chunk_id="ch",
        document_id=f"doc_{n}",
        quote=SECRET,
        start=0,
        end=1,
        title=SECRET,
        uri=SECRET,
        stale=stale,
    )


ANSWER = Answer(
    id="an_1",
    trace_id="tr_1",
    text=SECRET,
    outcome=Outcome.ANSWERED,
    language="de",
    claims=(
        Claim(start=0, end=1),
        Claim(start=1, end=2, support="unsupported", reason=SECRET),
        Claim(start=2, end=3, kind="limit", support="not_applicable"),
    ),
    citations=(cited(1), cited(2, stale=True)),
    withheld=(Withheld(text=SECRET, reason="uncited"),),
    degraded=("provider_fallback",),
    usage=Usage(input=100, cached=40, output=7, cost=Decimal("0.002"), currency="EUR"),
    timing_ms={"total": 1500.4, "first_text": 900.5},
    model="backup/m-1",
    prompt=("answer", "3", SHA),
    index="emb",
)
QUERY = Query(
    text=f"{SECRET}?",
    tenant="acme",
    principal=Principal(id=SECRET),
    conversation=SECRET,
    key=SECRET,
    history=(Turn(role="user", text=SECRET),),
    way=Way(channel="page"),
)


def told(answer: Answer = ANSWER, trace: Trace | None = None, query: Query = QUERY) -> Told:
    place = Place(assistant="help", environment="prod", code_version="1")
    return Told(query=query, answer=answer, trace=trace or a_trace(), place=place)


def test_a_question_is_told_step_by_step_and_twice_is_once() -> None:
    events = [checked(one) for one in events_of(told())]
    assert [one.name for one in events] == [
        "question.asked",
        "retrieval.done",
        "model.called",
        "model.called",
        "guard.hit",
        "answer.shown",
    ]
    asked, found, failed, called, guard, shown = events
    assert [one.id for one in events_of(told())] == [one.id for one in events]
    assert len({one.id for one in events}) == 6
    assert (asked.at, dict(asked.props)) == (NOON, {"chars": 10})
    assert (asked.prompt_version, asked.rollout, asked.index_version, asked.channel) == (
        "3",
        "ro_1",
        "emb",
        "page",
    )
    assert found.props == {
        "candidates": 31,
        "kept": 3,
        "top_score": 0.9,
        "margin": pytest.approx(0.15),
        "stale_in_context": 0,
        "documents": ["doc_0", "doc_1", "doc_2"],
    }
    assert (failed.props["status"], failed.tokens_in, failed.cost) == ("transient", None, None)
    assert called.props == {"use": "answer", "attempt": 2, "status": "ok", "fallback": True, "reported": "m-1"}
    assert (called.person, called.latency_ms, called.cost) == (None, 813, Decimal("0.002"))
    assert guard.props == {"guard": "pii", "stage": "question", "rule": "email", "action": "mask"}
    assert shown.props == {
        "claims": 2,
        "claims_supported": 1,
        "claims_withheld": 1,
        "citations": 2,
        "stale_citations": 1,
        "conflicts": 1,
        "cache": "none",
        "deadline_hit": False,
        "documents": ["doc_1", "doc_2"],
    }
    assert (shown.at, shown.latency_ms, shown.first_text_ms) == (NOON + timedelta(milliseconds=1500.4), 1500, 900)
    assert (shown.language, shown.degraded, shown.tokens_cached) == ("de", ("provider_fallback",), 40)


def test_no_word_of_a_person_or_a_page_is_in_the_log() -> None:
    assert SECRET not in json.dumps([event_values(one) for one in events_of(told())])
    assert SECRET in json.dumps(asdict(ANSWER), default=str)  # it was there to be found


@pytest.mark.parametrize(
    ("outcome", "judged", "changes", "reason"),
    [
        (Outcome.ABSTAINED, {}, {}, "no_context"),
        (Outcome.ABSTAINED, {"passages": rows(0.2), "answerable": False, "probability": 0.1}, {}, "low_score"),
        (
            Outcome.ABSTAINED,
            {"passages": rows(0.9), "answerable": True},
            {"withheld": ANSWER.withheld},
            "verify_failed",
        ),
        (Outcome.ABSTAINED, {"passages": rows(0.9), "answerable": True}, {}, "verify_failed"),
        (Outcome.BLOCKED, {}, {}, "guard"),
        (Outcome.CLARIFY, {}, {}, "clarify"),
        (Outcome.TOO_LONG, {}, {}, "too_long"),
        (Outcome.OUT_OF_SCOPE, {}, {}, "out_of_scope"),
        (Outcome.FAILED, {}, {}, "deadline"),
    ],
)
def test_a_refusal_says_why(outcome: Outcome, judged: dict[str, object], changes: dict, reason: str) -> None:
    trace = Trace(
        tenant="acme", id="tr_2", started_at=NOON, steps=[a_step("answerable", **judged)] if judged else []
    )
    answer = Answer(id="an_2", trace_id="tr_2", text="", outcome=outcome, timing_ms={"total": 5.0}, **changes)
    last = checked(events_of(told(answer, trace))[-1])
    assert (last.name, last.props["reason"], last.outcome) == ("answer.abstained", reason, outcome.value)


def test_a_wish_for_a_person_is_told_from_a_rule() -> None:
    base = Answer(id="an_3", trace_id="tr_3", text="", outcome=Outcome.ESCALATED, timing_ms={"total": 5.0})
    wish = replace(
        base, verdicts=(Verdict(name="scope", action="block", reason="asks for a person", rule="person"),)
    )
    for answer, trigger in ((wish, "asked"), (base, "policy")):
        trace = Trace(tenant="acme", id="tr_3", started_at=NOON)
        *_, ended, handed = [checked(one) for one in events_of(told(answer, trace))]
        assert (ended.props["reason"], handed.name) == ("policy", "escalation.requested")
        assert handed.props == {"trigger": trigger, "escalation": "an_3"}


@pytest.mark.parametrize(
    ("text", "greets"),
    [
        ("Hello!", True),
        ("guten Morgen", True),
        ("¡Muchas gracias!", True),
        ("Thanks, bye", True),
        ("", False),
        ("?", False),
        ("Hi, where is my parcel?", False),
        ("Danke, und die Gebühr?", False),
        ("hi " * 50, False),
    ],
)
def test_who_only_greets_asks_nothing(text: str, greets: bool) -> None:
    assert only_greets(text) is greets


# --- who is known, and who counts


async def emitted(
    *queries: Query, rules: EventsSection | None = None, at: datetime = NOON, ring: KeyRing | None = None
) -> tuple[list, Emission]:
    rules = rules or EventsSection()
    ring = ring or KeyRing(keys=MemoryPersonKeys(), tenant="acme", rotation=ROTATION)
    await ring.renew(at)
    events = MemoryEvents()
    reader = TurnReader()
    emission = Emission(
        events=events, ring=ring, place=Place(), counted=Counted(rules=rules), read=reader.read, now=lambda: at
    )
    for n, query in enumerate(queries):
        trace = replace(a_trace(), id=f"tr_{n}", started_at=at + timedelta(minutes=n))
        emission.asked(trace, query, replace(ANSWER, id=f"an_{n}", trace_id=trace.id))
    assert events.written == []  # it is worked on when the answer is out
    await asyncio.sleep(0)
    return [checked(one) for one in events.written], emission


ROTATION = Rotation(every_s=30 * 86_400.0, link_s=35 * 86_400.0)


def asking(person: str = "ann", **changes: object) -> Query:
    return replace(QUERY, **{"principal": Principal(id=person), **changes})


def of_questions(events: list) -> list:
    return [one for one in events if one.name == "question.asked"]


async def test_a_person_is_a_pseudonym_and_whoever_refuses_is_nobody() -> None:
    refused, anonymous = replace(QUERY.way, tracked=False), Principal()
    events, emission = await emitted(
        asking("ann"),
        asking("ann"),
        asking("bob"),
        asking("ann", way=refused),
        replace(QUERY, principal=anonymous),
    )
    first, again, bob, unknown, nobody = of_questions(events)
    assert first.person == again.person == emission.ring.pseudonyms.of("acme", "ann", NOON)
    assert first.person not in (None, bob.person)
    assert first.conversation == again.conversation != ""
    assert [(one.person, one.conversation) for one in (unknown, nobody)] == [(None, ""), (None, "")]
    off, _ = await emitted(asking("ann"), rules=EventsSection(person="off"))
    assert {one.person for one in off} == {None}


async def test_staff_programs_and_greetings_do_not_count_and_measurements_are_not_there() -> None:
    rules = EventsSection(bots=("crawler", "tk_bot"), load_tests=("k6",), staff_groups=("support",))
    who = {
        "": asking(),
        "staff": asking(principal=Principal(id="eve", roles=("user", "engineer"))),
        "bot": asking("crawler"),
        "load_test": asking("k6"),
        "greeting": asking(text="hello"),
    }
    events, _ = await emitted(*who.values(), asking(EVALUATION), rules=rules)
    assert [one.props.get("why_not", "") for one in of_questions(events)] == list(who)
    more = (
        asking(principal=Principal(id="sue", groups=("support",))),
        asking(way=Way(inside=True)),
        asking(key="tk_bot"),
    )
    events, _ = await emitted(*more, rules=rules)
    assert [one.props["why_not"] for one in of_questions(events)] == ["staff", "staff", "bot"]


async def test_the_same_question_in_other_words_is_told_as_that() -> None:
    ask, again = "How long can I return headphones?", "how long can i return headphones"
    events, _ = await emitted(
        asking(text=ask, history=()), asking(text=again, history=()), asking("bob", text=again, history=())
    )
    first, second, other = of_questions(events)
    assert (first.props["follow_up"], second.props["follow_up"], other.props["follow_up"]) == (
        "first",
        "rephrase",
        "first",
    )
    assert second.props["need"] == other.props["need"] == need_sketch(again, "de")
    assert 0.7 < second.props["similarity_to_previous"] <= 1.0


async def test_what_breaks_in_it_costs_nobody_an_answer(caplog: pytest.LogCaptureFixture) -> None:
    _, emission = await emitted(asking())

    def broken(*_: object) -> None:
        raise RuntimeError("boom")

    emission.read = broken
    emission.asked(a_trace(), QUERY, ANSWER)
    emission.work()
    assert "the log of events broke" in caplog.text


async def test_a_vote_holds_no_words() -> None:
    _, emission = await emitted()
    said = Feedback(answer_id="an_1", value="up", reasons=("unclear", SECRET), comment=SECRET, solved="yes")
    record = {"id": "an_1", "trace": "tr_1", "outcome": "answered", "prompt": {"id": "answer", "version": "3"}}
    emission.rated("acme", Principal(id="ann"), Way(), said, record)
    emission.stopped("acme", Principal(id="ann"), Way(), "an_2")
    vote, stop = emission.events.written
    assert vote.props == {"value": "up", "solved": "yes", "reasons": ["other", "unclear"], "has_comment": True}
    assert (vote.prompt_version, vote.trace, stop.name, stop.answer) == ("3", "tr_1", "generation.stopped", "an_2")
    assert SECRET not in json.dumps(event_values(vote))


# --- keys


async def test_a_person_is_linked_across_a_rotation_and_then_forgotten_by_all() -> None:
    keys = MemoryPersonKeys()
    ring = KeyRing(keys=keys, tenant="acme", rotation=ROTATION)
    seen = []
    starts = ROTATION.span(NOON)[0]
    for at in (starts + DAY, starts + 31 * DAY, starts + 61 * DAY):
        events, _ = await emitted(asking("ann"), asking("ann"), at=at, ring=ring)
        seen += events
    people = [one.person for one in of_questions(seen)]
    assert len(set(people)) == 3
    linked = [one for one in seen if one.name == "person.linked"]
    assert [one.at for one in linked] == [starts + 30 * DAY, starts + 60 * DAY]  # once a rotation
    links = links_of(seen)
    assert {first_known(one, links) for one in people} == {people[0]}
    assert first_known(b"other", links) == b"other"
    coming = ring.pseudonyms.of("acme", "ann", starts + 91 * DAY)
    assert ring.pseudonyms.every("acme", "ann") == [people[0], people[2], people[4], coming]
    await ring.renew(starts + 70 * DAY)
    left = ring.pseudonyms.every("acme", "ann")
    assert people[0] not in left  # 35 days after its time nobody can make it any more
    assert people[2] in left
    assert ring.pseudonyms.of("acme", "ann", starts + DAY) is None


async def test_keys_are_one_set_for_all_processes_and_a_pepper_changes_all() -> None:
    keys = MemoryPersonKeys()
    first, second = [await keys.kept(tenant="acme", rotation=ROTATION, now=NOON) for _ in range(2)]
    assert first == second
    assert len(first) == 2  # the next one is there before its time
    plain, peppered = (Pseudonyms.over(ROTATION, first, pepper) for pepper in (b"", b"x"))
    assert plain.of("acme", "ann", NOON) != peppered.of("acme", "ann", NOON)
    assert plain.of("acme", "ann", NOON) != plain.of("other", "ann", NOON)
    assert len(plain.of("acme", "ann", NOON) or b"") == 16
    assert "secret" not in repr(first[0])
