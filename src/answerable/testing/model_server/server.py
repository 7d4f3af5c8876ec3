"""The server: a thread with its own event loop on a free loopback port."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from answerable.testing.model_server.anthropic import AnthropicDialect
from answerable.testing.model_server.behaviors import NAMED, Behavior
from answerable.testing.model_server.dialect import Dialect
from answerable.testing.model_server.embeddings import embeddings_reply
from answerable.testing.model_server.exchange import Exchange
from answerable.testing.model_server.moderation import MODERATIONS, ModerationDialect
from answerable.testing.model_server.openai import OpenAIDialect
from answerable.testing.model_server.prompt_cache import PromptCache
from answerable.testing.model_server.recording import Recorded, Seen, masked
from answerable.testing.model_server.rerank import RERANKS
from answerable.testing.model_server.script import PREFIX, Scripts
from answerable.testing.model_server.spec import behavior_of
from answerable.testing.model_server.wire import Connection, Request, Responder

_HOST = "127.0.0.1"
_START_S = 10.0
_WAITING = 4096  # connections that may wait to be taken
_AZURE = re.compile(r"(.*)/openai/deployments/[^/]+/chat/completions")


class ModelServer:
    """Started by `with`. `requests` holds what it was sent, in order of arrival, and `seen` the sums.

    `api_key`: when set, a request without it gets the provider's 401. `port` 0 takes a free one. `keep`: how many
    requests are held at least, for a server that runs long; None holds all. `prompt_cache` simulates a provider's.
    """

    def __init__(
        self,
        *steps: Behavior,
        port: int = 0,
        api_key: str = "",
        keep: int | None = None,
        prompt_cache: PromptCache | None = None,
    ) -> None:
        self._port = port
        self._api_key = api_key
        self._keep = keep
        self._prompt_cache = prompt_cache
        self._scripts = Scripts(*steps)
        self._dialects: dict[str, Dialect] = {
            "/v1/chat/completions": OpenAIDialect(),
            "/v1/messages": AnthropicDialect(),
            MODERATIONS: ModerationDialect(),
            **RERANKS,
        }
        self._azure = OpenAIDialect(azure=True)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._connections: set[Connection] = set()
        self.requests: list[Recorded] = []
        self._seen = Seen()

    @property
    def seen(self) -> Seen:
        """The sums, with every request whose reply has been read: a reply leaves before it is counted."""
        loop, thread = self._loop, self._thread
        if thread is not None and loop is not None and thread is not threading.current_thread():
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result(_START_S)
        return self._seen

    @property
    def url(self) -> str:
        """Where it answers, without a path, e.g. http://127.0.0.1:40123."""
        return f"http://{_HOST}:{self._port}"

    @property
    def openai_url(self) -> str:
        """The base URL of an OpenAI-compatible provider."""
        return f"{self.url}/v1"

    @property
    def connections(self) -> int:
        """How many there have been."""
        return self._seen.connections

    @property
    def tokens(self) -> int:
        """All tokens taken in and given out."""
        return sum(one.input_tokens + one.output_tokens for one in self.requests)

    def script(self, *steps: Behavior, at: str = "") -> None:
        """Behave like this from the next request on.

        `at`: only where the path begins so (`/a`: base URL `{url}/a/v1`), or with `key:` and an API key.
        """
        self._scripts.put(*steps, at=at)

    def start(self) -> Self:
        """Listen. Raises OSError when the port is taken."""
        started: threading.Event = threading.Event()
        failure: list[OSError] = []
        self._thread = threading.Thread(
            target=self._run, args=(started, failure), name="model-server", daemon=True
        )
        self._thread.start()
        if not started.wait(_START_S):
            raise OSError("the model server did not start")
        if failure:
            self._thread.join()
            raise failure[0]
        return self

    def stop(self) -> None:
        """Close every connection and end the thread. May be called twice."""
        thread, self._thread = self._thread, None
        if thread is not None and self._loop is not None and self._stopping is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
            thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self, started: threading.Event, failure: list[OSError]) -> None:
        try:
            asyncio.run(self._serve(started))
        except OSError as error:
            failure.append(error)
        finally:
            started.set()

    async def _serve(self, started: threading.Event) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(self._connected, _HOST, self._port, backlog=_WAITING)
        self._port = server.sockets[0].getsockname()[1]
        started.set()
        await self._stopping.wait()
        server.close()
        for connection in list(self._connections):
            connection.abort()  # do not wait until the clients have read what is queued
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _connected(self) -> Connection:
        self._seen.connections += 1
        return Connection(self._answer, self._connections)

    async def _answer(self, request: Request, responder: Responder) -> None:
        if request.path == "/_seen":
            return await responder.json(200, self._seen.told())
        body = _json_object(request.body)
        if request.path == "/_script" and request.method == "POST":
            return await self._told(body, responder)
        endpoint, dialect = self._dialect(request.path)
        recorded = Recorded(
            method=request.method, path=request.path, headers=masked(request.headers), body=body,
            endpoint=endpoint, model=str(body.get("model", "")),
        )  # fmt: skip
        self._record(recorded)
        try:
            await self._recorded(request, body, dialect, responder, recorded)
        except (asyncio.CancelledError, ConnectionError):
            recorded.left = not recorded.completed
            raise
        finally:
            self._seen.ended(recorded)

    async def _recorded(
        self,
        request: Request,
        body: Mapping[str, Any],
        dialect: Dialect | None,
        responder: Responder,
        recorded: Recorded,
    ) -> None:
        key = _key(request.headers)
        if self._api_key and key != self._api_key:
            recorded.status = 401
            await responder.json(401, (dialect or OpenAIDialect()).error(401, "Incorrect API key provided."))
        elif dialect is not None:
            exchange = Exchange(
                prompt=dialect.parse(body), dialect=dialect, responder=responder, recorded=recorded
            )
            await self._chat(request, key, exchange)
        else:
            await _plain(request, body, responder, recorded)

    async def _chat(self, request: Request, key: str, exchange: Exchange) -> None:
        prompt, recorded = exchange.prompt, exchange.recorded
        if self._prompt_cache is not None:
            owner = f"{recorded.endpoint} {key}"
            prompt = self._prompt_cache.applied(prompt, owner=owner, marks=exchange.dialect.marks_cached)
            exchange = exchange.asked(prompt)
        recorded.system, recorded.user, recorded.stream = prompt.system, prompt.user, prompt.stream
        recorded.input_tokens, recorded.cached_tokens = prompt.input_tokens, prompt.cached_tokens
        script = self._scripts.for_request(endpoint=recorded.endpoint, key=key)
        try:
            behavior = script.behavior(headers=request.headers, model=prompt.model)
        except KeyError as unknown:
            return await exchange.fail(
                404, f"No scripted behavior is called {unknown}; there are {sorted(NAMED)}."
            )
        recorded.behavior = type(behavior).__name__
        await behavior.perform(exchange)

    async def _told(self, body: Mapping[str, Any], responder: Responder) -> None:
        """A new script while running: {"steps": [...], "at": "/a"}."""
        try:
            steps = [behavior_of(one) for one in body.get("steps", [])]
        except ValueError as error:
            return await responder.json(400, {"error": str(error)})
        self.script(*steps, at=str(body.get("at", "")))
        await responder.json(200, {"steps": len(steps)})

    def _record(self, recorded: Recorded) -> None:
        self._seen.began()
        self.requests.append(recorded)
        if self._keep is not None and len(self.requests) > 2 * self._keep + 1:
            del self.requests[: -self._keep or None]

    def _dialect(self, path: str) -> tuple[str, Dialect | None]:
        """What stands before the part that every provider has, and the protocol of that part."""
        if (dialect := self._dialects.get(path)) is not None:
            return "", dialect
        if (match := _AZURE.fullmatch(path)) is not None:
            return match[1], self._azure
        known = (one for one in self._dialects if path.endswith(one))
        suffix = next(known, None)
        return ("", None) if suffix is None else (path.removesuffix(suffix), self._dialects[suffix])


async def _plain(request: Request, body: Mapping[str, Any], responder: Responder, recorded: Recorded) -> None:
    """The parts without a script: the list of models, and embeddings."""
    recorded.completed, recorded.status = True, 200
    if request.path.endswith("/v1/models") and request.method == "GET":
        names = [f"{PREFIX}{name}" for name in NAMED]
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "answerable"} for name in names]
        await responder.json(200, {"object": "list", "data": data})
    elif request.path.endswith("/v1/embeddings"):
        reply = embeddings_reply(body)
        recorded.input_tokens = reply["usage"]["prompt_tokens"]
        await responder.json(200, reply)
    else:
        recorded.status = 404
        await responder.json(
            404, OpenAIDialect().error(404, f"Unknown request URL: {request.method} {request.path}")
        )


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _key(headers: Mapping[str, str]) -> str:
    """The API key, wherever the protocol has it."""
    bearer = headers.get("authorization", "").removeprefix("Bearer ")
    return bearer or headers.get("x-api-key", "") or headers.get("api-key", "")
