"""What is told comes to the collector, and what becomes of it where there is none."""

import asyncio
import logging
import socket
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)

from answerable.adapters.exporters.collector import Collector
from answerable.adapters.exporters.log_records import telling_logs
from answerable.adapters.exporters.outbox import Outbox, Request
from answerable.adapters.exporters.signals import WARN, Record
from answerable.core.errors import Unreachable
from answerable.core.event import Event
from answerable.core.figures import Distribution, Sample
from answerable.core.trace import current
from answerable.core.traceparent import TraceParent
from answerable.testing.journal import NOON
from answerable.testing.otlp_receiver import receiving
from tests.unit.telemetry.making import CALLER, SECRET, make_call, make_told, mask, telling

SPANS = 8  # of one question as it is made here


def figures(telemetry):
    return {
        (one.name.removeprefix("answerable_telemetry_"), *one.labels): one.value for one in telemetry.samples()
    }


async def test_a_collector_gets_spans_metrics_and_judgments_over_a_real_socket(tmp_path):
    async with receiving() as receiver, telling(receiver.address, tmp_path) as telemetry:
        telemetry.answered(*make_told(parent=TraceParent(trace_id=CALLER, span_id="00f067aa0ba902b7")))
        trace = make_told()[0]
        judged = Event(
            name="judge.scored", tenant="acme", at=NOON, trace=trace.id, answer="an_1",
            props={"criterion": "grounded", "verdict": "yes", "judge_version": "judge@1"},
        )  # fmt: skip
        reviewed = Event(
            name="review.completed", tenant="acme", trace="tr_other",
            props={"criteria": {"grounded": "no"}, "verdict": "no", "severity": "S2", "stratum": "random"},
        )  # fmt: skip
        telemetry.happened(judged)
        telemetry.happened(reviewed)
        telemetry.happened(Event(name="answer.displayed", tenant="acme"))
        telemetry.called(make_call())
        telemetry.called(make_call(outcome="hit", provider="cache"))
        times = Distribution(bounds=(0.1, 1.0))
        times.take(0.5)
        await telemetry.push(
            [
                Sample(name="answerable_answers_total", labels=("answered",), value=3.0),
                Sample(name="answerable_answer_own_seconds", value=times),
            ]
        )
        await telemetry.sender.flush()
        spans, records, metrics = receiver.spans(), receiver.records(), receiver.metrics()
        headers = receiver.requests[0][1]
    assert len(spans) == SPANS
    assert {one["trace_id"] for one in spans} == {CALLER}
    assert headers["authorization"] == "Bearer x"
    root = next(one for one in spans if one["parent_id"] == "00f067aa0ba902b7")
    of_judge = next(
        one for one in records if one["gen_ai.evaluation.name"] == "grounded" and one["trace_id"] == CALLER
    )
    assert (of_judge["event"], of_judge["span_id"]) == ("gen_ai.evaluation.result", root["span_id"])
    assert of_judge["gen_ai.evaluation.score.value"] == 1.0
    of_person = [one for one in records if one["answerable.evaluation.source"] == "human"]
    assert {one["gen_ai.evaluation.name"]: one["gen_ai.evaluation.score.value"] for one in of_person} == {
        "grounded": 0.0, "verdict": 0.0
    }  # fmt: skip
    assert len(records) == 3
    point = metrics["gen_ai.client.inference.usage.input_tokens"].sum.data_points[0]
    assert (point.as_double, metrics["answerable_answers_total"].sum.is_monotonic) == (100.0, True)
    assert list(metrics["answerable_answer_own_seconds"].histogram.data_points[0].bucket_counts) == [0, 1, 0]
    assert metrics["gen_ai.client.operation.duration"].unit == "s"
    told = figures(telemetry)
    assert (told["sent_total", "traces"], told["up", "traces"], told["spool_bytes",]) == (SPANS, 1.0, 0.0)
    assert not [key for key in told if key[0] == "dropped_total"]


async def test_while_the_collector_is_away_all_waits_on_disk_and_comes_once_it_is_back(tmp_path, caplog):
    now = [100.0]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]  # where nobody answers, once this is closed
    async with telling(f"http://127.0.0.1:{port}", tmp_path, clock=lambda: now[0]) as telemetry:
        for number in range(3):
            telemetry.answered(*make_told(number))
            await telemetry.sender.flush()
        gone = figures(telemetry)
        assert (gone["up", "traces"], gone["spool_bytes",] > 0) == (0.0, True)
        assert len(list(tmp_path.glob("*.pb"))) == 3
        async with receiving(port) as receiver:
            now[0] += 60.0
            telemetry.answered(*make_told(3))
            await receiver.has(4)
            await telemetry.sender.flush()
            names = {one["answerable.trace.id"] for one in receiver.spans() if "answerable.trace.id" in one}
        back = figures(telemetry)
    assert names == {f"tr_{number:04d}" for number in range(4)}
    assert (back["up", "traces"], back["spool_bytes",], back["sent_total", "traces"]) == (1.0, 0.0, 4 * SPANS)
    assert not [key for key in back if key[0] == "dropped_total"]
    assert [one.getMessage().split(":")[0] for one in caplog.records].count("telemetry") == 2


async def test_what_an_earlier_process_left_on_disk_is_sent(tmp_path):
    async with receiving() as receiver:
        receiver.status = 503
        async with telling(receiver.address, tmp_path) as before:
            before.answered(*make_told())
            await before.sender.flush()
        receiver.status = 200
        async with telling(receiver.address, tmp_path):
            await receiver.has(1)
        assert len(receiver.spans()) == SPANS


async def test_a_collector_that_takes_the_request_and_never_answers_holds_nobody_up(tmp_path):
    async with receiving() as receiver:
        receiver.status = 0
        async with telling(receiver.address, tmp_path, queue=3, timeout_s=0.05, close_s=5.0) as telemetry:
            for number in range(5):
                telemetry.answered(*make_told(number))
            await telemetry.sender.flush()
            told = figures(telemetry)
    assert told["dropped_total", "traces", "queue_full"] == 2
    assert len(list(tmp_path.glob("*.pb"))) == 1


@pytest.mark.parametrize(("status", "kept"), [(401, True), (429, True), (400, False), (404, False)])
async def test_what_is_refused_for_good_is_dropped_and_counted_and_the_rest_is_kept(tmp_path, status, kept):
    async with receiving() as receiver:
        receiver.status = status
        async with telling(receiver.address, tmp_path) as telemetry:
            telemetry.answered(*make_told())
            await telemetry.sender.flush()
            told = figures(telemetry)
    assert (("dropped_total", "traces", "rejected") in told) is not kept
    assert bool(list(tmp_path.glob("*.pb"))) is kept
    assert f"HTTP {status}" in telemetry.sender.tally.errors["traces"]


async def test_what_a_collector_leaves_out_of_a_request_is_counted(tmp_path):
    partly = ExportTraceServiceResponse(
        partial_success=ExportTracePartialSuccess(rejected_spans=3, error_message="too old")
    )
    async with receiving() as receiver, telling(receiver.address, tmp_path) as telemetry:
        receiver.reply = partly.SerializeToString()
        telemetry.answered(*make_told())
        await telemetry.sender.flush()
        told = figures(telemetry)
    assert (told["dropped_total", "traces", "rejected"], told["sent_total", "traces"]) == (3, SPANS - 3)
    assert "too old" in telemetry.sender.tally.errors["traces"]


async def test_a_collector_that_takes_no_logs_still_gets_traces(tmp_path):
    async with receiving() as receiver, telling(receiver.address, tmp_path) as telemetry:
        telemetry.happened(Event(name="judge.scored", tenant="acme", props={"criterion": "safe"}))
        receiver.status = 404
        await telemetry.sender.flush()
        receiver.status = 200
        telemetry.answered(*make_told())
        await telemetry.sender.flush()
        assert len(receiver.spans()) == SPANS
        assert figures(telemetry)["up", "logs"] == 0.0


def test_a_full_folder_loses_the_oldest_and_says_so(tmp_path):
    outbox = Outbox(folder=tmp_path / "new", most_bytes=100)
    assert outbox.put(Request(signal="traces", many=5, body=b"a" * 60)) == (60, [])
    assert outbox.put(Request(signal="logs", many=2, body=b"b" * 60)) == (60, [("traces", 5)])
    assert outbox.put(Request(signal="traces", many=9, body=b"c" * 101)) == (60, [("traces", 9)])
    (tmp_path / "new" / "notes.txt").write_text("mine")
    assert outbox.oldest("traces") is None
    path, found = outbox.oldest("logs")
    assert (found.many, found.body, outbox.size()) == (2, b"b" * 60, 60)
    outbox.remove(path)
    assert outbox.oldest("logs") is None


def test_half_a_request_does_not_stay_where_the_disk_is_full(tmp_path, monkeypatch):
    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        Outbox(folder=tmp_path, most_bytes=100).put(Request(signal="traces", many=5, body=b"a" * 60))
    assert not list(tmp_path.iterdir())


async def test_log_lines_go_along_with_their_trace_and_without_personal_data(tmp_path):
    log = logging.getLogger("answerable.somewhere")
    trace = make_told()[0]
    async with receiving() as receiver, telling(receiver.address, tmp_path) as telemetry:
        with telling_logs(telemetry.logged, bare=mask):
            token = current.set(trace)
            log.warning("no answer for %s", SECRET)
            current.reset(token)
            try:
                raise ValueError(SECRET)
            except ValueError as error:
                await asyncio.to_thread(log.error, "it broke", exc_info=error)
            log.info("not worth it")
            logging.getLogger("answerable.adapters.exporters.sender").warning("of itself")
            await asyncio.sleep(0)
        log.warning("nobody hears")
        await telemetry.sender.flush()
        records = receiver.records()
    assert [one["severity"] for one in records] == [13, 17]
    first, second = records
    assert (first["body"], first["answerable.trace.id"]) == ("no answer for [EMAIL_1]", trace.id)
    assert (len(first["trace_id"]), len(first["span_id"])) == (32, 16)
    assert second["error.type"] == "ValueError"
    assert SECRET not in str(records)


async def test_a_cancelled_sender_keeps_what_was_under_way(tmp_path):
    async with receiving() as receiver:
        receiver.status = 0
        async with telling(receiver.address, tmp_path, close_s=0.01) as telemetry:
            telemetry.answered(*make_told())
        assert len(list(tmp_path.glob("*.pb"))) == 1


async def test_what_cannot_be_packed_is_lost_alone_and_the_sending_goes_on(tmp_path):
    async with receiving() as receiver, telling(receiver.address, tmp_path) as telemetry:
        telemetry.sender.tell("logs", Record(at_ns=1, severity=WARN, body="before"))
        telemetry.sender.tell("logs", Record(at_ns="never", severity=WARN, body="odd"))
        telemetry.sender.tell("logs", Record(at_ns=1, severity=WARN, body="half \ud800", attributes={"n": 2**70}))
        await telemetry.sender.flush()
        telemetry.sender.tell("logs", Record(at_ns=1, severity=WARN, body="after"))
        await telemetry.sender.flush()
        assert len(receiver.records()) == 3
        assert figures(telemetry)["dropped_total", "logs", "rejected"] == 1.0


async def test_a_collector_that_answers_a_byte_at_a_time_is_left():
    over = asyncio.Event()

    async def drip(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n")
        for _ in range(40):
            writer.write(b"x")
            await asyncio.sleep(0.02)
        writer.close()
        over.set()

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        collector = Collector(address=f"http://127.0.0.1:{port}", timeout_s=0.3)
        with pytest.raises(Unreachable):
            await collector.send("traces", b"x")
        await over.wait()
        await collector.close()
