"""The scripted model server on the wire."""

from __future__ import annotations

import asyncio
import json

import httpx2
import pytest

from answerable.testing.model_server import ModelServer
from answerable.testing.model_server.behaviors import Cut, Echo, Garbage, Hang, Refuse, Status, Truncated
from answerable.testing.model_server.process import ServerProcess

CHAT = {"model": "m", "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "U U"}]}
MESSAGE = {"model": "m", "system": "S", "max_tokens": 9, "messages": [{"role": "user", "content": "U U"}]}


def events(body: str) -> list[tuple[str, str]]:
    found = []
    for block in body.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        found.append((fields.get("event", ""), fields["data"]))
    return found


def test_it_starts_and_stops_often_and_leaves_the_port():
    for _ in range(3):
        with ModelServer() as server:
            assert httpx2.get(f"{server.openai_url}/models").json()["object"] == "list"
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(server.url)


def test_a_taken_port_is_an_error():
    with ModelServer() as server, pytest.raises(OSError, match="address already in use"):
        ModelServer(port=int(server.url.rsplit(":", 1)[1])).start()


def test_openai_whole(model_server):
    model_server.script(Echo("Hello there."))
    reply = httpx2.post(f"{model_server.openai_url}/chat/completions", json=CHAT).json()
    assert reply["choices"][0]["message"]["content"] == "Hello there."
    assert reply["choices"][0]["finish_reason"] == "stop"
    assert (reply["usage"]["prompt_tokens"], reply["usage"]["completion_tokens"]) == (3, 3)


def test_openai_stream_has_usage_only_where_asked(model_server):
    model_server.script(Echo("Hello there."))
    for options, count in (({}, 4), ({"stream_options": {"include_usage": True}}, 5)):
        reply = httpx2.post(
            f"{model_server.openai_url}/chat/completions", json={**CHAT, "stream": True, **options}
        )
        assert reply.headers["content-type"] == "text/event-stream"
        *chunks, done = [data for _, data in events(reply.text)]
        assert done == "[DONE]"
        assert len(chunks) == count
        choices = [json.loads(one)["choices"] for one in chunks]
        assert "".join(one[0]["delta"].get("content", "") for one in choices if one) == "Hello there."


def test_anthropic_stream_has_the_documented_order(model_server):
    model_server.script(Echo("Hello there."))
    reply = httpx2.post(f"{model_server.url}/v1/messages", json={**MESSAGE, "stream": True})
    names = [name for name, _ in events(reply.text)]
    assert names == [
        "message_start", "content_block_start", "ping", "content_block_delta", "content_block_delta",
        "content_block_stop", "message_delta", "message_stop",
    ]  # fmt: skip
    assert all(json.loads(data)["type"] == name for name, data in events(reply.text))


def test_anthropic_whole_and_refusal(model_server):
    model_server.script(Echo("Hello."), Refuse())
    url = f"{model_server.url}/v1/messages"
    said, refused = httpx2.post(url, json=MESSAGE).json(), httpx2.post(url, json=MESSAGE).json()
    assert (said["content"][0]["text"], said["stop_reason"]) == ("Hello.", "end_turn")
    assert (refused["content"], refused["stop_reason"]) == ([], "refusal")


def test_steps_are_used_up_and_the_last_one_stays(model_server):
    model_server.script(Status(429, retry_after="7"), Status(503), Echo("ok"))
    replies = [httpx2.post(f"{model_server.openai_url}/chat/completions", json=CHAT) for _ in range(4)]
    assert [one.status_code for one in replies] == [429, 503, 200, 200]
    assert replies[0].headers["retry-after"] == "7"
    assert [one.behavior for one in model_server.requests] == ["Status", "Status", "Echo", "Echo"]


def test_a_request_can_name_its_behavior(model_server):
    url = f"{model_server.openai_url}/chat/completions"
    by_model = httpx2.post(url, json={**CHAT, "model": "scripted:no-answer"})
    by_header = httpx2.post(url, json=CHAT, headers={"x-scripted": "503"})
    unknown = httpx2.post(url, json={**CHAT, "model": "scripted:nonsense"})
    assert by_model.json()["choices"][0]["message"]["content"] == "NO_ANSWER"
    assert (by_header.status_code, unknown.status_code) == (503, 404)


def test_requests_are_recorded_without_their_keys(model_server):
    headers = {"authorization": "Bearer sk-very-secret", "x-api-key": "sk-very-secret"}
    httpx2.post(f"{model_server.openai_url}/chat/completions", json=CHAT, headers=headers)
    (one,) = model_server.requests
    assert (one.system, one.user, one.model, one.input_tokens, one.completed) == ("S", "U U", "m", 3, True)
    assert one.headers["authorization"] == "***"
    assert "very-secret" not in repr(one)
    assert model_server.tokens == 3 + one.output_tokens


def test_a_wrong_key_is_refused():
    with ModelServer(api_key="right") as server:
        url = f"{server.openai_url}/chat/completions"
        assert httpx2.post(url, json=CHAT).status_code == 401
        assert httpx2.post(url, json=CHAT, headers={"authorization": "Bearer right"}).status_code == 200
        assert (
            httpx2.post(f"{server.url}/v1/messages", json=MESSAGE, headers={"x-api-key": "right"}).status_code
            == 200
        )


@pytest.mark.parametrize("stream", [False, True])
def test_an_open_cut_breaks_the_framing(model_server, stream):
    model_server.script(Cut(after=3, say=Echo("Hello there.")))
    with pytest.raises(httpx2.RemoteProtocolError):
        httpx2.post(f"{model_server.openai_url}/chat/completions", json={**CHAT, "stream": stream})
    assert not model_server.requests[0].completed


def test_a_clean_cut_looks_like_an_end(model_server):
    model_server.script(Cut(after=3, ending="clean", say=Echo("Hello there.")))
    reply = httpx2.post(f"{model_server.openai_url}/chat/completions", json={**CHAT, "stream": True})
    assert '"Hel"' in reply.text
    assert "[DONE]" not in reply.text
    assert '"finish_reason": "stop"' not in reply.text


def test_garbage_is_garbage(model_server):
    model_server.script(Garbage(), Truncated(), Garbage(form="http"))
    url = f"{model_server.openai_url}/chat/completions"
    for _ in range(2):
        with pytest.raises(ValueError, match=r"codec|Unterminated|delimiter"):
            httpx2.post(url, json=CHAT).json()
    with pytest.raises(httpx2.RemoteProtocolError):
        httpx2.post(url, json=CHAT)


async def test_many_connections_are_answered_at_once_while_some_hang(model_server):
    url = f"{model_server.openai_url}/chat/completions"
    async with httpx2.AsyncClient(timeout=20) as client:
        hanging = [
            asyncio.create_task(client.post(url, json={**CHAT, "model": "scripted:hang"})) for _ in range(10)
        ]
        while len(model_server.requests) < 10:
            await asyncio.sleep(0.01)
        replies = await asyncio.gather(
            *(client.post(url, json={**CHAT, "model": "scripted:echo"}) for _ in range(40))
        )
        assert {one.status_code for one in replies} == {200}
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)


def test_a_hanging_request_does_not_hold_up_the_end():
    with ModelServer(Hang()) as server, pytest.raises(httpx2.ReadTimeout):
        httpx2.post(f"{server.openai_url}/chat/completions", json=CHAT, timeout=0.05)
    assert not server.requests[0].completed  # and `with` came to its end


def test_connections_are_kept_for_the_next_request(model_server):
    with httpx2.Client() as client:
        for _ in range(3):
            client.post(f"{model_server.openai_url}/chat/completions", json={**CHAT, "stream": True})
    assert model_server.connections == 1


def test_embeddings_and_unknown_paths(model_server):
    reply = httpx2.post(f"{model_server.openai_url}/embeddings", json={"model": "e", "input": ["a", "b"]}).json()
    assert [len(one["embedding"]) for one in reply["data"]] == [384, 384]
    assert httpx2.get(f"{model_server.url}/v1/nothing").status_code == 404


def test_one_server_plays_several_endpoints_and_counts_them(model_server):
    model_server.script(Echo("all"))
    model_server.script(Status(503), at="/a")
    model_server.script(Echo("mine"), at="key:k2")
    paths = ("/v1/chat/completions", "/a/v1/chat/completions", "/b/openai/deployments/d/chat/completions")
    replies = [httpx2.post(model_server.url + path, json=CHAT) for path in paths]
    keyed = httpx2.post(model_server.url + paths[1], json=CHAT, headers={"api-key": "k2"})
    assert [one.status_code for one in replies] == [200, 503, 200]
    assert keyed.json()["choices"][0]["message"]["content"] == "mine"
    assert model_server.seen.by_endpoint == {"": 1, "/a": 2, "/b": 1}
    assert model_server.seen.by_status == {"200": 3, "503": 1}


def test_it_is_scripted_and_looked_at_over_http_and_keeps_no_more_than_told():
    with ModelServer(keep=2) as server:
        told = httpx2.post(f"{server.url}/_script", json={"steps": [{"is": "Echo", "reply": "new"}]})
        wrong = httpx2.post(f"{server.url}/_script", json={"steps": ["nonsense"]})
        for _ in range(9):
            reply = httpx2.post(f"{server.openai_url}/chat/completions", json=CHAT).json()
        seen = httpx2.get(f"{server.url}/_seen").json()
    assert (told.status_code, wrong.status_code) == (200, 400)
    assert reply["choices"][0]["message"]["content"] == "new"
    assert (seen["requests"], seen["completed"], seen["under_way"], seen["left_early"]) == (9, 9, 0, 0)
    assert len(server.requests) <= 5


def test_as_a_process_of_its_own_it_ends_with_its_input():
    with ServerProcess("503", {"is": "Echo", "reply": "later"}, prompt_cache=2) as server:
        first, second = (httpx2.post(f"{server.openai_url}/chat/completions", json=CHAT) for _ in range(2))
        server.script("529", at="/a")
        busy = httpx2.post(f"{server.url}/a/v1/messages", json=MESSAGE)
        assert server.seen()["by_status"] == {"503": 1, "200": 1, "529": 1}
        process = server._process
    assert (first.status_code, second.json()["usage"]["prompt_tokens_details"]) == (503, {"cached_tokens": 2})
    assert busy.json()["error"]["type"] == "overloaded_error"
    assert process.returncode == 0
