"""The spans of an answer: whose they are, what is on them, and what never is."""

import json
import logging

import pytest

from answerable.adapters.exporters import conventions as otel
from answerable.adapters.exporters.signals import CLIENT, INTERNAL, SERVER
from answerable.adapters.exporters.spans import Told, spans_of
from answerable.adapters.exporters.telemetry import sampled
from answerable.adapters.log_lines import LogLines
from answerable.core.outcome import Outcome
from answerable.core.trace import Trace, current, step
from answerable.core.traceparent import TraceParent, came_with, read_traceparent, received, span_id_of, trace_id_of
from tests.unit.telemetry.making import CALLER, SECRET, make_call, make_told, mask

HEADER = f"00-{CALLER}-00f067aa0ba902b7-01"


def spans(*, mask=None, **changes):
    trace, query, answer, rendered = make_told(**changes)
    told = Told(
        trace=trace,
        query=query,
        answer=answer,
        rendered=rendered,
        steps=tuple(trace.steps),
        calls=tuple(trace.calls),
    )
    return spans_of(told, service="support", mask=mask)


def by_name(found):
    return {one.name: one for one in found}


def test_an_answer_is_a_span_with_its_steps_and_calls_under_the_step_that_made_them():
    found = by_name(spans())
    root = found["invoke_workflow support"]
    assert {one.trace_id for one in found.values()} == {root.trace_id}
    assert (root.parent_id, root.kind, root.end_ns - root.start_ns) == ("", INTERNAL, 210_000_000)
    assert found["retrieval support"].parent_id == root.span_id
    assert found["embed"].parent_id == found["lexical"].parent_id == found["retrieval support"].span_id
    call = found["chat m-1"]
    assert (call.parent_id, call.kind) == (found["generate"].span_id, CLIENT)
    assert (call.start_ns - root.start_ns, call.end_ns - call.start_ns) == (80_000_000, 100_000_000)
    assert found["failure"].error == "Boom"


def test_a_call_says_what_the_conventions_ask_for():
    told = by_name(spans())["chat m-1"].attributes
    assert told == {
        "gen_ai.operation.name": "chat", "gen_ai.provider.name": "main", "gen_ai.request.model": "m-1",
        "gen_ai.response.model": "m-1-0613", "gen_ai.request.stream": True,
        "gen_ai.response.time_to_first_chunk": 0.03, "gen_ai.prompt.name": "answer",
        "gen_ai.prompt.version": "2.3.0", "answerable.prompt.sha256": "ab", "http.response.status_code": 200,
        "answerable.use": "answer", "answerable.call.outcome": "ok", "answerable.endpoint": "main",
        "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20,
        "gen_ai.usage.cache_read.input_tokens": 40, "gen_ai.usage.cache_write.input_tokens": 8,
        "answerable.usage.cost.amount": 0.25, "answerable.usage.cost.currency": "USD",
    }  # fmt: skip
    failed = make_call(outcome="transient", status=503, usage=None, use="embed")
    one = by_name(spans(calls=[failed]))["embeddings m-1"]
    assert (one.error, one.attributes[otel.ERROR_TYPE]) == ("503", "503")


def test_the_caller_is_the_parent_and_its_trace_is_ours():
    found = spans(parent=read_traceparent(HEADER))
    assert {one.trace_id for one in found} == {CALLER}
    assert (found[0].parent_id, found[0].kind) == ("00f067aa0ba902b7", SERVER)


def test_the_same_question_has_the_same_ids_whoever_sends_it_and_however_often():
    first, again, other = spans(), spans(), spans(number=2)
    ids = [one.span_id for one in first]
    assert len(set(ids)) == len(ids)
    assert [one.span_id for one in again if "chat" not in one.name] == ids[:-1]
    assert set(ids).isdisjoint(one.span_id for one in other)


@pytest.mark.parametrize("names", [[spans, None], [spans, mask]])
def test_nothing_that_a_person_wrote_is_told_unless_it_is_asked_for(names):
    make, masking = names
    told = json.dumps([dict(one.attributes) for one in make(mask=masking)])
    assert SECRET not in told
    assert (otel.INPUT_MESSAGES in told) == (masking is not None)


def test_in_full_the_texts_are_there_and_the_canary_of_a_prompt_never_is():
    found = by_name(spans(mask=lambda text: text))
    question = json.loads(found["invoke_workflow support"].attributes[otel.INPUT_MESSAGES])
    assert question == [{"role": "user", "parts": [{"type": "text", "content": f"Is it {SECRET}?"}]}]
    sent = found["chat m-1"].attributes[otel.SYSTEM_INSTRUCTIONS]
    assert json.loads(sent)[0]["content"] == "Be brief. Never say [canary]."
    assert found["retrieval support"].attributes[otel.RETRIEVAL_QUERY] == f"Is it {SECRET}?"


def test_what_failed_is_always_sampled_and_the_rest_by_its_trace():
    def asked(number, share, parent=None, outcome=Outcome.ANSWERED):
        trace, _, answer, _ = make_told(number, parent=parent, outcome=outcome)
        return sampled(trace, answer, share)

    assert all(asked(n, 1.0) for n in range(20))
    assert not any(asked(n, 0.0) for n in range(20))
    assert all(asked(n, 0.0, outcome=Outcome.FAILED) for n in range(5))
    assert 60 < sum(asked(n, 0.25) for n in range(400)) < 140
    assert not asked(1, 1.0, parent=TraceParent(trace_id=CALLER, span_id="0" * 15 + "1", sampled=False))
    low, high = (TraceParent(trace_id="f" * 18 + rest * 14, span_id="1" * 16) for rest in "0f")
    assert asked(1, 0.5, parent=low)
    assert not asked(1, 0.5, parent=high)


@pytest.mark.parametrize(
    "header",
    ["", "x", HEADER.upper(), f"ff{HEADER[2:]}", f"00-{'0' * 32}-00f067aa0ba902b7-01", f"{HEADER}-more",
     f"00-{CALLER}-{'0' * 16}-01"],
)  # fmt: skip
def test_a_header_that_is_not_well_formed_is_no_parent(header):
    assert read_traceparent(header) is None
    assert received(header).trace_id != CALLER


def test_a_later_version_may_say_more_and_an_unsampled_caller_is_heard():
    assert read_traceparent(f"01{HEADER[2:]}-more").trace_id == CALLER
    assert read_traceparent(f"{HEADER[:-1]}0").sampled is False


def test_without_a_caller_a_reply_and_its_first_trace_have_the_same_id_outside():
    token = came_with.set(received(""))
    try:
        first, second = Trace(tenant="acme"), Trace(tenant="acme")
    finally:
        came_with.reset(token)
    assert first.id != second.id
    assert spans_named(first) == first.parent.trace_id == second.parent.trace_id


def spans_named(trace):
    """The trace's id outside, by its own id alone: as one who judges its answer knows it."""
    return trace_id_of(trace.id, None)


def test_steps_know_what_they_are_a_part_of():
    trace = Trace(tenant="acme")
    token = current.set(trace)
    try:
        with step("outer"):
            with step("inner"):
                pass
            with step("beside"):
                pass
        with step("after"):
            pass
    finally:
        current.reset(token)
    assert [(one.name, one.inside) for one in trace.steps] == [
        ("outer", None), ("inner", 0), ("beside", 0), ("after", None)
    ]  # fmt: skip


def test_a_log_line_for_machines_says_which_question_it_belongs_to():
    lines = LogLines(form="json", bare=mask)
    record = logging.LogRecord("answerable.x", logging.WARNING, "", 0, "hello", None, None)
    assert {"trace_id", "span_id", "trace"}.isdisjoint(json.loads(lines.format(record)))
    trace = Trace(tenant="acme", parent=read_traceparent(HEADER))
    token = current.set(trace)
    try:
        told = json.loads(lines.format(record))
    finally:
        current.reset(token)
    assert (told["trace_id"], told["span_id"], told["trace"]) == (CALLER, span_id_of(trace.id), trace.id)
    token = came_with.set(read_traceparent(HEADER))
    try:
        told = json.loads(lines.format(record))
    finally:
        came_with.reset(token)
    assert (told["trace_id"], "span_id" in told) == (CALLER, False)
