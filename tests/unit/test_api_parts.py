"""The pure parts of the HTTP face: narrowing, host names, trace ids, problems."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from answerable.api.middleware import Envelope, host_name
from answerable.api.narrowing import NOTHING, narrow
from answerable.api.problems import KINDS, ProblemError, problem_of
from answerable.api.schemas import Filters
from answerable.core import errors
from answerable.core.query import Filter
from answerable.core.trace import Trace
from answerable.core.traceparent import received, trace_id_of

NAMES = st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=3).map(tuple)


def allows(values: tuple[str, ...], one: str) -> bool:
    return not values or one in values


@given(NAMES, NAMES)
def test_narrowing_only_takes_away(always: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    both = narrow(Filter(sources=always), Filters(sources=list(wanted)))
    for one in "abc":
        assert allows(both.sources, one) == (allows(always, one) and allows(wanted, one))


def test_what_is_configured_stays() -> None:
    always = Filter(status=("published",), documents=("d1",), languages=("en",), meta={"product": "x"})
    both = narrow(always, Filters(documents=["d2"], meta={"product": "y", "region": "eu"}))
    assert both.status == ("published",)
    assert both.documents == NOTHING
    assert both.languages == ("en",)
    assert both.meta == {"product": "x", "region": "eu"}


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost:8787", "localhost"),
        ("LOCALHOST", "localhost"),
        ("[::1]:80", "[::1]"),
        ("[::1]", "[::1]"),
        ("evil.example:localhost", "evil.example:localhost"),
        ("", ""),
    ],
)
def test_a_host_name_is_the_header_without_its_port(host: str, name: str) -> None:
    assert host_name(host) == name


def test_a_well_formed_trace_is_continued_and_any_other_replaced() -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    assert received(f"00-{trace}-00f067aa0ba902b7-01").trace_id == trace
    headers = ("", f"00-{trace}", "00-" + "0" * 32 + "-00f067aa0ba902b7-01")
    others = {received(one).trace_id for one in headers}
    assert len(others) == 3
    assert all(len(one) == 32 for one in others)
    assert trace not in others


async def test_a_question_that_is_begun_within_a_request_is_in_its_callers_trace() -> None:
    begun: list[Trace] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def answering() -> None:
            begun.append(Trace(tenant="acme"))

        await asyncio.create_task(answering())
        await send({"type": "http.response.start", "status": 200, "headers": []})

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    header = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    for headers in ([(b"traceparent", header)], []):
        await asyncio.create_task(Envelope(app)({"type": "http", "headers": headers}, receive, send))
    first, second = begun
    assert (first.parent, second.parent and second.parent.span_id) == (received(header.decode()), "")
    ids = [dict(one["headers"])[b"traceparent"].decode().split("-")[1] for one in sent]
    assert ids == [trace_id_of(first.id, first.parent), trace_id_of(second.id, None)]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.NotAuthorized("x"), "not_authorized"),
        (errors.NotFound("x"), "not_found"),
        (errors.DatabaseUnreachable("x"), "database_unreachable"),
        (errors.ModelUnreachable("x"), "model_unreachable"),
        (errors.PermanentModelError("x"), "model_unreachable"),
        (errors.Unreachable("x"), "unreachable"),
        (errors.DeadlineExceeded("x"), "deadline"),
        (errors.IntegrityError("x"), "internal"),
    ],
)
def test_domain_errors_have_a_code_and_keep_their_words_to_themselves(error, code: str) -> None:
    problem = problem_of(error)
    document = problem.document("t")
    assert (problem.code, document["status"]) == (code, KINDS[code].status)
    assert document["detail"] == KINDS[code].title


def test_fields_are_named_only_where_there_are_some() -> None:
    assert "errors" not in ProblemError("not_found").document("t")
    fields = ({"field": "question", "message": "is missing"},)
    assert ProblemError("invalid_request", fields=fields).document("t")["errors"] == list(fields)
