"""Figures of the process: what is counted, bounded, and how a scrape reads."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from prometheus_client.parser import text_string_to_metric_families

from answerable.adapters.prometheus import exposition
from answerable.core.answer import Answer
from answerable.core.call import Call
from answerable.core.completion import Attempt, Usage
from answerable.core.errors import DatabaseUnreachable
from answerable.core.figures import FIGURES, NAMED, Sample
from answerable.core.outcome import Outcome
from answerable.core.rate import RateLimit
from answerable.core.trace import Step, Trace
from answerable.monitor.board import Board, scrubbed
from answerable.monitor.counting import Counting
from answerable.monitor.questions import Questions, waited_ms
from answerable.monitor.refreshed import LastRead, Refreshed

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def call(outcome="ok", **changes):
    values = {
        "use": "answer", "provider": "main", "endpoint": "main", "model": "m-1", "outcome": outcome, "at": NOON,
        "duration_ms": 800.0, "first_text_ms": 300.0, "reported": "m-1" if outcome == "ok" else "",
        "prompt_id": "answer", "prompt_version": "2.3.0",
        "usage": Usage(input=100, cached=40, output=20, cost=Decimal("0.25")),
    }  # fmt: skip
    return Call(**values | changes)


def scraped(samples):
    families = text_string_to_metric_families(exposition(FIGURES, samples).decode())
    return {(one.name, *sorted(one.labels.values())): one.value for family in families for one in family.samples}


def test_calls_are_counted_with_times_tokens_money_and_prompts():
    counting = Counting()
    questions = Questions(counting=counting)
    for one in (call(), call(), call("transient", usage=None), call("hit"), call(usage=Usage(input=5))):
        questions.called(one)
    read = scraped(counting.samples())
    assert read["answerable_model_calls_total", "answer", "m-1", "main", "main", "ok"] == 3
    assert read["answerable_model_calls_total", "answer", "m-1", "main", "main", "transient"] == 1
    assert read["answerable_model_calls_total", "answer", "hit", "m-1", "main", "main"] == 1
    assert read["answerable_prompt_calls_total", "answer@2.3.0", "ok"] == 3
    assert read["answerable_model_tokens_total", "answer", "cached", "m-1", "main"] == 80
    assert read["answerable_model_cost_total", "USD", "answer", "m-1", "main"] == 0.5
    assert read["answerable_model_unpriced_calls_total", "answer", "m-1", "main"] == 1
    assert read["answerable_model_call_seconds_bucket", "0.75", "answer", "m-1", "main", "main"] == 0
    assert read["answerable_model_call_seconds_bucket", "1", "answer", "m-1", "main", "main"] == 3
    assert read["answerable_model_first_text_seconds_count", "answer", "m-1", "main", "main"] == 3
    assert not [name for name in read if name[0].endswith("_created")]


def test_an_answer_is_counted_with_its_cheaper_forms_and_the_time_that_was_ours():
    attempts = [
        Attempt(provider="a", model="m", outcome="transient", started_ms=10, duration_ms=90),
        {"provider": "a", "outcome": "ok", "started_ms": 50.0, "duration_ms": 850.0},
    ]
    trace = Trace(
        tenant="acme",
        steps=[Step(name="generate", started_ms=100, duration_ms=900, detail={"attempts": attempts})],
        degraded=["no_rerank"],
        calls=[call("transient", provider="a"), call(provider="b"), call(use="judge")],
    )
    assert waited_ms(trace) == 890
    counting = Counting()
    answer = Answer(
        id="an",
        trace_id="tr",
        text="",
        outcome=Outcome.ANSWERED,
        degraded=("no_rerank",),
        timing_ms={"total": 1000},
    )
    Questions(counting=counting).answered(trace, answer)
    read = scraped(counting.samples())
    assert read["answerable_answers_total", "answered"] == 1
    assert read["answerable_answers_degraded_total", "no_rerank"] == 1
    assert read["answerable_answer_own_seconds_sum",] == pytest.approx(0.11)
    assert read["answerable_route_failovers_total", "answer"] == 1
    assert ("answerable_route_failovers_total", "judge") not in read


def test_labels_without_end_become_other():
    counting = Counting(most=3)
    for number in range(10):
        counting.add("answerable_answers_total", f"outcome-{number}")
    assert {one.labels[0]: one.value for one in counting.samples()} == {
        "outcome-0": 1, "outcome-1": 1, "outcome-2": 1, "other": 7
    }  # fmt: skip


def test_every_figure_can_be_written_and_reads_back():
    questions = Questions(counting=Counting())
    questions.called(call())
    given = questions.counting.samples()
    rest = [one for one in FIGURES if one.kind != "histogram" and one.name not in {s.name for s in given}]
    read = scraped([*given, *(Sample(name=one.name, value=1.0, labels=one.labels) for one in rest)])
    for one in rest:
        assert read[one.name, *sorted(one.labels)] == 1.0
    assert any(name[0] == "process_resident_memory_bytes" for name in read)


def test_figures_name_no_person_and_no_id():
    labels = {label for one in FIGURES for label in one.labels}
    assert labels.isdisjoint({"principal", "key", "trace", "id", "question"})
    assert [one.name for one in FIGURES if "tenant" in one.labels] == [
        "answerable_budget_spent", "answerable_budget_held", "answerable_budget_limit"
    ]  # fmt: skip
    assert len(NAMED) == len(FIGURES)


def test_the_board_keeps_each_reported_model_apart_and_todays_money():
    board = Board()
    for one in (
        call(reported="m-1-a", rate=RateLimit(remaining_requests=9)),
        call("transient", error="main: 503", status=503, usage=None, at=NOON + timedelta(seconds=1)),
        call(reported="m-1-b", fingerprint="fp", duration_ms=900.0, at=NOON + timedelta(seconds=70)),
        call("hit"),
        call("cancelled", usage=Usage(input=3), at=NOON + timedelta(seconds=71)),
    ):
        board.observe(one)
    post = board.post("answer", "main", "main", "m-1")
    first, second = post.versions["m-1-a"], post.versions["m-1-b"]
    assert (first.ok, first.failed, second.ok, second.failed) == (1, 1, 1, 0)
    assert (post.current, post.fingerprint, post.error) == ("m-1-b", "fp", "main: 503")
    assert post.rate.remaining_requests == 9
    assert (post.cost, post.unpriced) == ({"USD": Decimal("0.50")}, 1)
    assert post.calls_a_minute(NOON + timedelta(seconds=75)) == 2
    board.observe(call(at=NOON + timedelta(days=1)))
    assert post.cost == {"USD": Decimal("0.25")}


def test_a_board_keeps_few_versions():
    board = Board()
    for number in range(20):
        board.observe(call(reported=f"m-{number}", at=NOON + timedelta(seconds=number)))
    assert list(board.post("answer", "main", "main", "m-1").versions) == [f"m-{n}" for n in range(12, 20)]


def test_an_error_is_shown_without_what_may_be_a_key():
    told = scrubbed("401 for\nhttps://x.example/v1?api=1 Bearer abc sk-proj-123 " + "a" * 40 + " " + "y " * 200)
    assert told.startswith("401 for https://x.example/v1… … … … y y")
    assert len(told) == 160


async def test_what_takes_a_query_is_read_behind_the_scrape_and_never_by_two():
    now, asked, may_end = [0.0], [], asyncio.Event()

    async def read():
        asked.append(now[0])
        await may_end.wait()
        if len(asked) == 3:
            raise DatabaseUnreachable("gone")
        return [Sample(name="answerable_budget_spent", value=float(len(asked)), labels=("daily", "t", "USD"))]

    figures = Refreshed(read=read, age_s=60, clock=lambda: now[0])
    assert list(figures.samples()) == list(figures.samples()) == []
    await asyncio.sleep(0)
    may_end.set()
    await figures._task
    assert [one.value for one in figures.samples()] == [1.0]
    now[0] = 61.0
    assert [one.value for one in figures.samples()] == [1.0]
    await figures._task
    assert [one.value for one in figures.samples()] == [2.0]
    now[0] = 122.0
    figures.samples()
    await figures._task
    assert list(figures.samples()) == []
    assert asked == [0.0, 61.0, 122.0]
    await figures.close()


async def test_what_is_kept_stays_known_while_it_cannot_be_read():
    now, away = [0.0], [False]

    async def read():
        if away[0]:
            raise DatabaseUnreachable("gone")
        return "topics"

    known = LastRead(read=read, name="topics", nothing=None, keeps=True, age_s=60, clock=lambda: now[0])
    assert known.now() is None
    await known._task
    away[0], now[0] = True, 61.0
    assert known.now() == "topics"
    await known._task
    assert known.now() == "topics"
    await known.close()
