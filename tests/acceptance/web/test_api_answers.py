"""POST /v1/answers and what belongs to an answer, over a real socket."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import httpx2
import pytest
from scenes import ANSWERS, TENANT, Scene, answer_for, build
from sse import ask_streaming, events

from answerable.api.schemas import AnswerObject
from answerable.core.errors import DatabaseUnreachable
from answerable.core.event import event_id
from answerable.core.events import Accepted, Stage
from answerable.core.outcome import Outcome
from conftest import bearer, talking


class Patient:
    """An asker that goes on until it is stopped, and remembers that it was."""

    def __init__(self) -> None:
        self.stopped = asyncio.Event()
        self.queries = []

    async def ask(self, query, *, listen):
        self.queries.append(query)
        await listen(Accepted(id="an_patient", trace_id="tr_patient", deadline_ms=4000))
        try:
            while True:
                await listen(Stage(name="retrieving"))
                await asyncio.sleep(0.02)
        finally:
            self.stopped.set()


class Broken:
    def __init__(self, error: Exception) -> None:
        self.error = error

    async def ask(self, query, *, listen):
        await listen(Accepted(id="an_broken", trace_id="tr_broken", deadline_ms=4000))
        raise self.error


def asking(scene: Scene, web, asker):
    """Ann's client of the system with another asker."""
    return talking(replace(scene.system, asker=asker), web, scene.people.ann)


@pytest.mark.parametrize("outcome", [one.value for one in Outcome])
async def test_every_outcome_comes_as_an_answer_object(ann: httpx2.AsyncClient, outcome: str) -> None:
    reply = await ann.post("/v1/answers", json={"question": f"please {outcome}"})
    assert reply.status_code == 200
    answer = AnswerObject.model_validate(reply.json())
    assert answer.outcome == outcome
    assert answer.text == ANSWERS[outcome].text
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("outcome", [one.value for one in Outcome if not one.answers])
async def test_every_non_answer_offers_two_next_steps(ann: httpx2.AsyncClient, outcome: str) -> None:
    reply = await ann.post("/v1/answers", json={"question": f"please {outcome}"})
    assert len(reply.json()["next_steps"]) >= 2


async def test_the_stream_tells_sources_before_text_and_ends_with_the_answer(ann: httpx2.AsyncClient) -> None:
    sent = await ask_streaming(ann, "please partial")
    names = [one.event for one in sent]
    assert names[0] == "accepted"
    assert names[-1] == "done"
    assert names.index("sources") < names.index("text")
    assert [one.id for one in sent] == sorted({one.id for one in sent})
    stored = await ann.get(f"/v1/answers/{sent[0].data['id']}")
    assert stored.json() == sent[-1].data


async def test_the_streamed_text_is_the_answer_in_whole_sentences(ann: httpx2.AsyncClient) -> None:
    sent = await ask_streaming(ann, "please partial")
    answer = sent[-1].data
    deltas = [one.data["delta"] for one in sent if one.event == "text"]
    assert "".join(deltas) == answer["text"]
    assert [delta.strip() for delta in deltas] == [
        answer["text"][claim["span"][0] : claim["span"][1]] for claim in answer["claims"]
    ]


async def test_citation_spans_cut_the_marks_out_of_the_text(ann: httpx2.AsyncClient) -> None:
    sent = await ask_streaming(ann, "please partial")
    text = sent[-1].data["text"]
    cited = [one.data for one in sent if one.event == "citation"]
    assert [text[one["span"][0] : one["span"][1]] for one in cited] == ["[1]", "[2]"]
    assert [one["source"]["n"] for one in cited] == [1, 2]


async def test_accept_event_stream_streams_as_well(ann: httpx2.AsyncClient) -> None:
    headers = {"Accept": "text/event-stream"}
    async with ann.stream("POST", "/v1/answers", json={"question": "hi answered"}, headers=headers) as reply:
        assert [one.event async for one in events(reply)][-1] == "done"


async def test_a_stream_resumes_after_the_last_event_id(ann: httpx2.AsyncClient) -> None:
    sent = await ask_streaming(ann, "please partial")
    headers = {"Accept": "text/event-stream", "Last-Event-ID": "4"}
    async with ann.stream("GET", f"/v1/answers/{sent[0].data['id']}", headers=headers) as reply:
        again = [one async for one in events(reply)]
    assert again == sent[4:]


@pytest.mark.parametrize("other", ["bob", "rita"])
async def test_only_its_owner_may_resume_stop_read_or_rate(ann, anybody, scene: Scene, other: str) -> None:
    answer_id = (await ask_streaming(ann, "please partial"))[0].data["id"]
    headers = bearer(getattr(scene.people, other))
    resumed = await anybody.get(f"/v1/answers/{answer_id}", headers={**headers, "Accept": "text/event-stream"})
    read = await anybody.get(f"/v1/answers/{answer_id}", headers=headers)
    stopped = await anybody.post(f"/v1/answers/{answer_id}/stop", headers=headers)
    rated = await anybody.post(f"/v1/answers/{answer_id}/feedback", headers=headers, json={"value": "up"})
    nothing = await anybody.get("/v1/answers/an_0000000000000000", headers=headers)
    assert {one.status_code for one in (resumed, read, stopped, rated, nothing)} == {404}
    assert len({_without_trace(one) for one in (resumed, read, stopped, rated, nothing)}) == 1
    assert await scene.feedback() == []


def _without_trace(reply: httpx2.Response) -> str:
    body = reply.json()
    del body["trace_id"]
    return str(sorted(body.items()))


async def test_a_revoked_token_cannot_resume(ann, scene: Scene) -> None:
    answer_id = (await ask_streaming(ann, "please partial"))[0].data["id"]
    token = next(one for one in await scene.tokens.tokens(tenant="techcorp") if one.label == "ann")
    await scene.tokens.revoke(tenant="techcorp", token_id=token.id)
    reply = await ann.get(f"/v1/answers/{answer_id}", headers={"Accept": "text/event-stream"})
    assert reply.status_code == 401


async def test_a_client_that_stops_waiting_cancels_the_work(scene: Scene, web) -> None:
    asker = Patient()
    async with asking(scene, web, asker) as client:
        with pytest.raises(httpx2.ReadTimeout):
            await client.post("/v1/answers", json={"question": "x"}, timeout=httpx2.Timeout(5, read=0.1))
        await asyncio.wait_for(asker.stopped.wait(), 5)
    assert asker.stopped.is_set()


@pytest.mark.parametrize("prefer", ["", "resume"])
async def test_a_client_that_leaves_the_stream_cancels_the_work(scene: Scene, web, prefer: str) -> None:
    asker, body = Patient(), {"question": "x", "stream": True}
    async with asking(scene, web, asker) as client:
        async with client.stream("POST", "/v1/answers", json=body, headers={"Prefer": prefer}) as reply:
            assert (await anext(events(reply))).event == "accepted"
        assert reply.headers.get("preference-applied", "") == prefer
        await asyncio.sleep(web.resume_s / 3)
        assert asker.stopped.is_set() == (prefer == "")  # for a moment it may be resumed by who said so
        await asyncio.wait_for(asker.stopped.wait(), 5)
    assert asker.stopped.is_set()


async def test_a_stopped_answer_ends_at_once_with_an_error_event(scene: Scene, web) -> None:
    asker = Patient()
    async with asking(scene, web, asker) as client:
        async with client.stream("POST", "/v1/answers", json={"question": "x", "stream": True}) as reply:
            last = None
            async for last in events(reply):
                if last.id == 2:
                    assert (await client.post("/v1/answers/an_patient/stop")).status_code == 204
        assert (last.event, last.data["code"], last.data["trace_id"]) == ("error", "cancelled", "tr_patient")
    assert asker.stopped.is_set()


async def test_a_quiet_stream_has_heartbeats(scene: Scene, web) -> None:
    class Quiet(Patient):
        async def ask(self, query, *, listen):
            await listen(Accepted(id="an_q", trace_id="tr_q", deadline_ms=4000))
            await asyncio.sleep(30)

    body = {"question": "x", "stream": True}
    async with (
        asking(scene, replace(web, heartbeat_s=0.05), Quiet()) as client,
        client.stream("POST", "/v1/answers", json=body) as reply,
    ):
        comments = (line async for line in reply.aiter_lines() if line.startswith(":"))
        assert await asyncio.wait_for(anext(comments), 5) == ": still here"


async def test_the_same_idempotency_key_gives_the_same_answer(ann: httpx2.AsyncClient) -> None:
    headers = {"Idempotency-Key": "once-1"}
    body = {"question": "please partial"}
    first = await ann.post("/v1/answers", json=body, headers=headers)
    second = await ann.post("/v1/answers", json=body, headers=headers)
    streamed = await ann.post("/v1/answers", json={**body, "stream": True}, headers=headers)
    assert first.json() == second.json()
    assert first.json()["id"] in streamed.text


async def test_an_idempotency_key_with_another_body_is_refused(ann: httpx2.AsyncClient) -> None:
    headers = {"Idempotency-Key": "once-2"}
    await ann.post("/v1/answers", json={"question": "please partial"}, headers=headers)
    other = await ann.post("/v1/answers", json={"question": "please abstained"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")


async def test_idempotency_keys_of_two_people_do_not_meet(ann, anybody, scene: Scene) -> None:
    headers = {"Idempotency-Key": "once-3"}
    body = {"question": "please partial"}
    mine = await ann.post("/v1/answers", json=body, headers=headers)
    yours = await anybody.post("/v1/answers", json=body, headers={**headers, **bearer(scene.people.bob)})
    assert mine.json()["id"] != yours.json()["id"]


async def test_the_deadline_header_is_taken_and_bounded(scene: Scene, web) -> None:
    seen = []

    def note(query):
        seen.append(query.deadline.total_s)
        return answer_for(query)

    scene = await build(answer_for=note)
    async with talking(scene.system, web, scene.people.ann) as client:
        for value in ("1500", "999999999"):
            await client.post("/v1/answers", json={"question": "x"}, headers={"X-Deadline-Ms": value})
        await client.post("/v1/answers", json={"question": "x"})
        wrong = await client.post("/v1/answers", json={"question": "x"}, headers={"X-Deadline-Ms": "soon"})
    assert seen == [1.5, web.max_deadline_s, web.deadline_s]
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "X-Deadline-Ms")


async def test_the_question_reaches_the_asker_with_its_tenant_history_and_narrowing(scene: Scene, web) -> None:
    asker = Patient()
    body = {
        "question": "x",
        "history": [{"role": "user", "text": "before"}],
        "filters": {"sources": ["policies"]},
        "conversation": "cv_1",
    }
    async with asking(scene, web, asker) as client:
        with pytest.raises(httpx2.ReadTimeout):
            await client.post("/v1/answers", json=body, timeout=httpx2.Timeout(5, read=0.2))
    query = asker.queries[0]
    assert (query.tenant, query.principal.id, query.conversation) == ("techcorp", "ann", "cv_1")
    assert [(turn.role, turn.text) for turn in query.history] == [("user", "before")]
    assert (query.filter.sources, query.filter.status) == (("policies",), ("published",))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"question": "x", "temperature": 1}, "temperature"),
        ({"question": "x", "filters": {"status": ["draft"]}}, "filters.status"),
        ({"question": "x", "history": [{"role": "system", "text": "y"}]}, "history.0.role"),
        ({"question": ""}, "question"),
        ({}, "question"),
    ],
)
async def test_an_unknown_or_wrong_field_is_named(ann: httpx2.AsyncClient, body, field: str) -> None:
    reply = await ann.post("/v1/answers", json=body)
    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/problem+json"
    assert [one["field"] for one in reply.json()["errors"]] == [field]


async def test_a_body_that_is_no_json_is_malformed(ann: httpx2.AsyncClient) -> None:
    reply = await ann.post("/v1/answers", content=b"{", headers={"Content-Type": "application/json"})
    assert (reply.status_code, reply.json()["code"]) == (400, "malformed")


async def test_a_body_that_is_too_large_is_refused_with_and_without_its_length(ann, web) -> None:
    big = b'{"question": "' + b"x" * web.body_bytes + b'"}'

    async def drip():
        for start in range(0, len(big), 65536):
            yield big[start : start + 65536]

    declared = await ann.post("/v1/answers", content=big, headers={"Content-Type": "application/json"})
    chunked = await ann.post("/v1/answers", content=drip(), headers={"Content-Type": "application/json"})
    assert (declared.status_code, chunked.status_code) == (413, 413)
    assert declared.json()["code"] == "too_large"


async def test_feedback_is_kept_and_may_be_given_again(ann: httpx2.AsyncClient, scene: Scene) -> None:
    answer_id = (await ann.post("/v1/answers", json={"question": "x"})).json()["id"]
    path = f"/v1/answers/{answer_id}/feedback"
    assert (await ann.post(path, json={"value": "up"})).status_code == 204
    again = {"value": "down", "solved": "no", "reasons": ["outdated"], "comment": "that was last year"}
    assert (await ann.post(path, json=again)).status_code == 204
    assert (await ann.post(path, json={"value": "sideways"})).status_code == 422
    first, last = await scene.feedback()
    assert first["value"] == "up"
    assert (last["value"], last["solved"], last["reasons"]) == ("down", "no", ["outdated"])


async def test_more_questions_than_allowed_are_told_to_come_back(scene: Scene, web) -> None:
    async with (
        asking(scene, replace(web, concurrent=1, queue_s=0.05), Patient()) as client,
        client.stream("POST", "/v1/answers", json={"question": "x", "stream": True}) as first,
    ):
        told = events(first)  # kept: a stream that nobody holds is closed
        assert (await anext(told)).event == "accepted"
        whole = await client.post("/v1/answers", json={"question": "y"})
        streamed = await client.post("/v1/answers", json={"question": "y", "stream": True})
    for refused in (whole, streamed):
        assert (refused.status_code, refused.json()["code"]) == (503, "busy")
        assert refused.headers["retry-after"] == "1"
        assert refused.headers["ratelimit"] == '"questions";r=0;t=1'


async def test_a_tenant_with_all_the_places_is_told_that_it_is_its_own_share(scene: Scene, web) -> None:
    limits = replace(web, concurrent=2, queue_s=1.0)  # the other one still waits when ours is looked at
    async with asking(scene, limits, Patient()) as ann:
        other = {"Authorization": f"Bearer {scene.people.rita}"}
        body = {"question": "x", "stream": True}
        async with ann.stream("POST", "/v1/answers", json=body), ann.stream("POST", "/v1/answers", json=body):
            waiting = asyncio.create_task(ann.post("/v1/answers", json=body, headers=other))
            mine = await ann.post("/v1/answers", json=body)
            theirs = await waiting
    assert (mine.status_code, mine.json()["code"]) == (429, "own_share")
    assert (theirs.status_code, theirs.json()["code"]) == (503, "busy")


async def test_an_unreachable_database_is_said_without_its_address(scene: Scene, web) -> None:
    asker = Broken(DatabaseUnreachable("cannot reach postgres://secret@10.0.0.1"))
    async with asking(scene, web, asker) as client:
        whole = await client.post("/v1/answers", json={"question": "x"})
        streamed = await ask_streaming(client, "x")
    assert (whole.status_code, whole.json()["code"]) == (503, "database_unreachable")
    assert (streamed[-1].event, streamed[-1].data["code"]) == ("error", "database_unreachable")
    assert "secret" not in whole.text + str(streamed)


async def test_a_bug_is_an_internal_error_without_its_words(scene: Scene, web) -> None:
    async with asking(scene, web, Broken(ZeroDivisionError("private detail"))) as client:
        reply = await client.post("/v1/answers", json={"question": "x"})
    assert (reply.status_code, reply.json()["code"]) == (500, "internal")
    assert "private detail" not in reply.text


async def test_what_a_client_saw_is_in_the_log_once_and_only_of_its_own_answers(scene: Scene, web) -> None:
    emission, client = scene.system.emission, talking(scene.system, web, scene.people.ann)
    await emission.ring.renew(datetime.now(UTC))
    own, old = str(event_id()), str(event_id(datetime(2020, 1, 1, tzinfo=UTC)))
    seen = {"events": [{"id": own, "name": "citation_opened", "n": 1, "ms": 5200}]}
    async with client as ann:
        answer_id = (await ann.post("/v1/answers", json={"question": "please answered"})).json()["id"]
        path = f"/v1/answers/{answer_id}/events"
        for body, status in (
            (seen, 204),
            (seen, 204),  # sent again: nobody knows whether the first arrived
            ({"events": [{"id": own, "name": "sung"}]}, 422),
            ({"events": [{"id": "00000000-0000-4000-8000-000000000000", "name": "shown"}]}, 422),
            ({"events": [{"id": old, "name": "shown"}]}, 422),
            ({"events": [{"id": own, "name": "shown", "note": "free text"}]}, 422),
        ):
            assert (await ann.post(path, json=body)).status_code == status, body
        rating = {"value": "down", "reasons": ["wrong", "because I say so"], "comment": "no!"}
        assert (await ann.post(f"/v1/answers/{answer_id}/feedback", json=rating)).status_code == 204
        await ann.post(
            path, json={"events": [{"id": str(event_id()), "name": "shown", "ms": 900}]}, headers={"DNT": "1"}
        )
        many = {"events": [{"id": str(event_id()), "name": "copied"} for _ in range(50)]}
        taken = [(await ann.post(path, json=many)).status_code for _ in range(4)]
        assert taken == [204, 204, 204, 429]
    async with talking(scene.system, web, scene.people.bob) as bob:
        assert (await bob.post(path, json=seen)).status_code == 404
    told = [one for one in emission.events.written if one.name != "answer.copied"]
    assert [(one.name, dict(one.props)) for one in told] == [
        ("citation.opened", {"n": 1, "dwell_ms": 5200}),
        ("feedback.given", {"value": "down", "solved": "", "reasons": ["other", "wrong"], "has_comment": True}),
        ("answer.displayed", {"ms": 900}),
    ]
    person = emission.ring.pseudonyms.of(TENANT, "ann", told[0].at)
    assert [one.person for one in told] == [person, person, None]  # whoever is not to be followed is nobody
    assert {(one.answer, one.outcome, one.channel) for one in told} == {(answer_id, "answered", "api")}
