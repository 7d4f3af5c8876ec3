"""A finished question to tell of, and telemetry that brings it to a receiver."""

from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal

from answerable.adapters.exporters.collector import Collector
from answerable.adapters.exporters.content import masked
from answerable.adapters.exporters.outbox import Outbox
from answerable.adapters.exporters.sender import Sender
from answerable.adapters.exporters.telemetry import Packing, Telemetry
from answerable.adapters.exporters.wire import Wire
from answerable.core.call import Call
from answerable.core.completion import Usage
from answerable.core.outcome import Outcome
from answerable.core.prompt import Rendered
from answerable.core.trace import Step
from answerable.guards.pii import redact
from answerable.testing.journal import NOON, make_answer, make_query, make_trace

CALLER = "4bf92f3577b34da6a3ce929d0e0e4736"
SECRET = "ann@example.com"


def mask(text):
    return redact(text)[0]


def make_call(**changes):
    values = {
        "use": "answer", "provider": "main", "endpoint": "main", "model": "m-1", "outcome": "ok",
        "at": NOON + timedelta(minutes=1, milliseconds=180), "duration_ms": 100.0, "first_text_ms": 30.0,
        "reported": "m-1-0613", "prompt_id": "answer", "prompt_version": "2.3.0", "prompt_sha256": "ab",
        "usage": Usage(input=100, cached=40, written=8, output=20, cost=Decimal("0.25")), "status": 200,
    }  # fmt: skip
    return Call(**values | changes)


def make_told(number=1, *, outcome=Outcome.ANSWERED, calls=(), parent=None):
    """trace, query, answer and prompt, as a journal gets them."""
    trace = make_trace(number)
    trace.parent = parent
    trace.steps = [
        Step(name="guard_question", started_ms=0, duration_ms=5, detail={"verdicts": [
            {"name": "pii", "rule": "EMAIL", "action": "mask", "reason": SECRET, "score": 1.0}]}),
        Step(name="retrieve", started_ms=5, duration_ms=40),
        Step(name="embed", started_ms=6, duration_ms=10, inside=1),
        Step(name="lexical", started_ms=7, duration_ms=5, inside=1),
        Step(name="generate", started_ms=60, duration_ms=130, detail={"reply": SECRET, "sentences": 2}),
        Step(name="failure", started_ms=200, status="error", detail={"error": f"Boom: {SECRET}"}),
    ]  # fmt: skip
    trace.calls = list(calls) or [make_call()]
    answer = make_answer(
        trace, outcome=outcome, timing_ms={"total": 210.0, "first_text": 90.0}, prompt=("answer", "2.3.0", "ab")
    )
    query = make_query(text=f"Is it {SECRET}?")
    rendered = Rendered(
        prompt_id="answer",
        version="2.3.0",
        sha256="ab",
        system="Be brief. Never say kingfisher-7.",
        user=f"Ask {SECRET}",
        canary="kingfisher-7",
    )
    return trace, query, answer, rendered


def make_packing(content="none", *, key="sk-ours"):
    wire = Wire(resource={"service.name": "support", "service.instance.id": key}, version="0.1.0")
    return Packing(wire=wire, service="support", mask=masked(content, mask))


@asynccontextmanager
async def telling(address, folder, *, content="none", sample=1.0, most_bytes=1_000_000, timeout_s=20.0, **options):
    """Telemetry that does not linger."""
    sender = Sender(
        collector=Collector(address=address, headers={"authorization": "Bearer x"}, timeout_s=timeout_s),
        outbox=Outbox(folder=folder, most_bytes=most_bytes),
        pack=make_packing(content).pack,
        linger_s=0.0,
        **options,
    )  # fmt: skip
    async with sender:
        yield Telemetry(
            sender=sender, packing=make_packing(content), sample=sample, since_ns=1, clock_ns=lambda: 2
        )
