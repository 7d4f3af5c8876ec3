"""A model that asks for a tool gets none: nothing is offered, nothing is run, and its reply is a failed one."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

import answerable
from answerable.adapters.models.anthropic import Messages
from answerable.adapters.models.openai_compatible import ChatCompletions
from answerable.adapters.models.provider import Provider
from answerable.adapters.models.reply import Reply
from answerable.core.errors import TransientModelError
from answerable.core.prompt import Rendered

PROMPT = Rendered(prompt_id="answer", version="1.0.0", sha256="ab" * 32, system="Be true.", user="How long?")
OPENAI = ChatCompletions(
    Provider(name="main", kind="openai-compatible", model="m", base_url="https://api.example.com/v1")
)
CLAUDE = Messages(Provider(name="main", kind="anthropic", model="m"))
CALL = {"id": "call_1", "type": "function", "function": {"name": "delete_all", "arguments": '{"really": true}'}}
OLD = {"name": "delete_all", "arguments": "{}"}
USE = {"type": "tool_use", "id": "tu_1", "name": "delete_all", "input": {"really": True}}
TEXT = {"type": "text", "text": "I will look that up."}


def whole(message: dict[str, object], finish: str) -> bytes:
    return json.dumps({"choices": [{"message": message, "finish_reason": finish}]}).encode()


def used(content: list[dict[str, object]], stop: str) -> bytes:
    return json.dumps({"model": "m", "content": content, "stop_reason": stop}).encode()


@pytest.mark.parametrize("text", [None, "", "I will look that up."])
@pytest.mark.parametrize(
    ("protocol", "data"),
    [
        (OPENAI, lambda text: whole({"content": text, "tool_calls": [CALL]}, "tool_calls")),
        (OPENAI, lambda text: whole({"content": text, "function_call": OLD}, "function_call")),
        (CLAUDE, lambda text: used([*([TEXT] if text else []), USE], "tool_use")),
        (CLAUDE, lambda text: used([*([TEXT] if text else []), {"type": "server_tool_use", **OLD}], "pause_turn")),
    ],
)
def test_a_whole_reply_that_asks_for_a_tool_is_a_failed_one(protocol, data, text) -> None:
    reply = Reply(provider="main", model="m", rendered=PROMPT)
    protocol.take_whole(reply, data(text))
    with pytest.raises(TransientModelError, match="asked for a tool"):
        reply.completion()


STREAMS = (
    (
        OPENAI,
        {"choices": [{"delta": {"content": "I will "}}]},
        {"choices": [{"delta": {"content": "", "tool_calls": [{"index": 0, **CALL}]}}]},
        {"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}}]},
        {"choices": [{"delta": {}, "finish_reason": "tool_calls"}]},
    ),
    (
        CLAUDE,
        {"type": "message_start", "message": {"model": "m", "content": []}},
        {"type": "content_block_start", "index": 0, "content_block": USE},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": "{}"}},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}},
    ),
)


@pytest.mark.parametrize(("protocol", "events"), [(one[0], one[1:]) for one in STREAMS])
def test_a_stream_that_asks_for_a_tool_is_a_failed_one(protocol, events) -> None:
    reply = Reply(provider="main", model="m", rendered=PROMPT)
    for event in events:
        said = protocol.take_event(reply, json.dumps(event))
        assert "delete_all" not in (said or "")
    with pytest.raises(TransientModelError, match="asked for a tool"):
        reply.completion()


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("protocol", [OPENAI, CLAUDE])
def test_no_tool_is_ever_offered(protocol, stream: bool) -> None:
    body = protocol.body(PROMPT, stream=stream)
    sent = "model messages system stream stream_options temperature max_tokens max_completion_tokens"
    assert set(body) <= set(sent.split())


def test_what_reads_models_cannot_run_anything() -> None:
    """The answering path imports nothing that starts programs, and names nothing that runs text."""
    package = Path(answerable.__file__).parent
    found = []
    for folder in ("answer", "guards", "llm", "prompts", "adapters/models", "api", "web"):
        for path in sorted((package / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
                names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
                names += [node.func.id] if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else []
                found += [(path.name, one) for one in names if one.split(".")[0] in FORBIDDEN]
    assert found == []


FORBIDDEN = {
    "subprocess",
    "multiprocessing",
    "pty",
    "eval",
    "exec",
    "compile",
    "__import__",
    "pickle",
    "runpy",
    "code",
}
