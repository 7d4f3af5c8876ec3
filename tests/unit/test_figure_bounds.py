"""Figures stay few whatever comes in, and count why there was no answer."""

from collections import Counter
from datetime import timedelta

import pytest

from answerable.adapters.fakes.events import MemoryEvents
from answerable.core.answer import Answer, Citation, Claim, Withheld
from answerable.core.call import Call
from answerable.core.event import Event
from answerable.core.event_names import FOLLOW_UPS, NAMES
from answerable.core.figures import BOUNDS, FIGURES, NAMED
from answerable.core.outcome import Outcome
from answerable.core.trace import Step, Trace
from answerable.monitor.counting import MOST, Counting
from answerable.monitor.event_counting import EventCounts
from answerable.monitor.heard import HeardEvents
from answerable.monitor.questions import Questions
from answerable.monitor.refusals import deadline_hit, refusal_reason
from answerable.testing.journal import NOON


def counted(counting):
    return {(one.name, *one.labels): one.value for one in counting.samples()}


def test_every_label_says_what_keeps_its_values_few():
    assert {label for one in FIGURES for label in one.labels} == set(BOUNDS)


def test_no_figure_grows_without_end_whoever_asks_and_whatever_a_client_sends():
    counting = Counting()
    questions, events = Questions(counting=counting), EventCounts(counting=counting)
    for n in range(600):
        word = f"word-{n}"
        questions.called(
            Call(use="answer", provider=word, model=word, outcome="ok", prompt_id=word, prompt_version="1")
        )
        trace = Trace(tenant="acme", degraded=[word])
        questions.answered(trace, Answer(id="an", trace_id="tr", text="", outcome=Outcome.ANSWERED))
        for name, props in (
            ("feedback.given", {"value": word, "solved": word}),
            ("escalation.requested", {"trigger": word}),
            ("followup.classified", {"class": word}),
            ("guard.hit", {"guard": word}),
            (word, {}),
        ):
            events.happened(Event(name=name, tenant="acme", props=props))
    series = Counter(name for name, *_ in counted(counting))
    assert max(series.values()) == MOST + 1
    assert series["answerable_events_total"] <= len(NAMES) + 1
    assert "answerable_feedback_total" not in series
    assert counted(counting)["answerable_follow_ups_total", "other"] == 600
    assert all(len(labels) == len(NAMED[name].labels) for name, *labels in counted(counting))


def test_what_people_do_with_answers_is_counted():
    counting = Counting()
    events = EventCounts(counting=counting)
    for name, props in (
        ("feedback.given", {"value": "up", "solved": "yes"}),
        ("feedback.given", {"value": "down", "solved": "no"}),
        ("escalation.requested", {"trigger": "asked"}),
        ("followup.classified", {"class": FOLLOW_UPS[1]}),
        ("guard.hit", {"guard": "pii", "stage": "input", "action": "mask"}),
    ):
        events.happened(Event(name=name, tenant="acme", props=props))
    read = counted(counting)
    assert read["answerable_feedback_total", "up"] == read["answerable_feedback_total", "not_solved"] == 1
    assert read["answerable_escalations_total", "asked"] == 1
    assert read["answerable_follow_ups_total", "rephrase"] == 1
    assert read["answerable_guard_hits_total", "pii", "input", "mask"] == 1


async def test_who_hears_of_a_log_hears_of_every_event_that_is_written():
    inner, heard = MemoryEvents(), []
    events = HeardEvents(inner=inner, hearers=(heard.append,))
    asked = Event(name="question.asked", tenant="acme", at=NOON)
    scored = Event(name="judge.scored", tenant="acme", at=NOON)
    events.write(asked)
    assert await events.append([scored, asked]) == 1
    await events.flush()
    assert heard == [asked, scored, asked]
    read = events.read(tenant="acme", since=NOON, until=NOON + timedelta(1), names=["judge.scored"])
    assert [one async for one in read] == [scored]
    with pytest.raises(ValueError, match="no event"):
        events.write(Event(name="nonsense", tenant="acme"))
    assert len(heard) == 3


def step(name, **detail):
    return Step(name=name, started_ms=0, detail=detail)


@pytest.mark.parametrize(
    ("outcome", "steps", "withheld", "reason"),
    [
        (Outcome.ANSWERED, [], (), ""),
        (Outcome.BLOCKED, [], (), "guard"),
        (Outcome.OUT_OF_SCOPE, [], (), "out_of_scope"),
        (Outcome.TOO_LONG, [], (), "too_long"),
        (Outcome.CLARIFY, [], (), "clarify"),
        (Outcome.ESCALATED, [], (), "policy"),
        (Outcome.FAILED, [], (), "deadline"),
        (Outcome.FAILED, [step("failure", code="unreachable")], (), "error"),
        (Outcome.FAILED, [step("failure", code="budget")], (), "budget"),
        (Outcome.ABSTAINED, [step("rerank", candidates=[])], (), "no_context"),
        (
            Outcome.ABSTAINED,
            [step("rerank", candidates=[1]), step("answerable", answerable=False)],
            (),
            "low_score",
        ),
        (Outcome.ABSTAINED, [step("rerank", candidates=[1]), step("generate")], ("x",), "verify_failed"),
        (Outcome.ABSTAINED, [step("rerank", candidates=[1]), step("generate")], (), "verify_failed"),
        (Outcome.ABSTAINED, [step("rerank", candidates=[1])], (), "no_context"),
        (Outcome.ABSTAINED, [step("answerable", passages=[])], (), "no_context"),
        (Outcome.ABSTAINED, [step("conflicts", sides=["a", "b"]), step("generate")], (), "conflict"),
    ],
)
def test_a_refusal_has_one_reason(outcome, steps, withheld, reason):
    trace = Trace(tenant="acme", steps=steps)
    answer = Answer(
        id="an",
        trace_id="tr",
        text="",
        outcome=outcome,
        withheld=tuple(Withheld(text=one, reason="r") for one in withheld),
    )
    assert refusal_reason(trace, answer) == reason
    assert deadline_hit(trace, answer) is (reason == "deadline")


def test_the_sentences_and_sources_of_answers_are_counted():
    counting = Counting()
    cited = Citation(n=1, chunk_id="c", document_id="d", quote="q", start=0, end=1, stale=True)
    claims = (
        Claim(start=0, end=1),
        Claim(start=1, end=2, support="unsupported"),
        Claim(start=2, end=3, support="not_applicable"),
    )
    told = Answer(
        id="an", trace_id="tr", text="abc", outcome=Outcome.PARTIAL, claims=claims, citations=(cited,),
        withheld=(Withheld(text="x", reason="r"),), degraded=("cut_short",),
        timing_ms={"total": 9, "first_text": 4},
    )  # fmt: skip
    bare = Answer(id="an", trace_id="tr", text="a", outcome=Outcome.ANSWERED)
    for one in (told, bare):
        Questions(counting=counting).answered(Trace(tenant="acme"), one)
    read = counted(counting)
    sentences = {
        what: read["answerable_sentences_total", what] for what in ("supported", "unsupported", "withheld")
    }
    assert sentences == {"supported": 1, "unsupported": 1, "withheld": 1}
    assert read["answerable_answers_uncited_total",] == read["answerable_answers_stale_total",] == 1
    assert read["answerable_deadline_hits_total",] == 1
    assert read["answerable_answer_first_text_seconds",].total == pytest.approx(0.004)
