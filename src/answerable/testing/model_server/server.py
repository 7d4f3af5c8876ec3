"""The server: a thread with its own event loop on a free loopback port."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from answerable.testing.model_server.anthropic import AnthropicDialect
from answerable.testing.model_server.behaviors import NAMED, Behavior
from answerable.testing.model_server.dialect import Dialect
from answerable.testing.model_server.embeddings import embeddings_reply
from answerable.testing.model_server.exchange import Exchange
from answerable.testing.model_server.openai import OpenAIDialect
from answerable.testing.model_server.recording import Recorded, masked
from answerable.testing.model_server.rerank import RERANKS
from answerable.testing.model_server.script import PREFIX, Script
from answerable.testing.model_server.tokens import count_tokens
from answerable.testing.model_server.wire import Request, Responder, read_request

_HOST = "127.0.0.1"
_START_S = 10.0


class ModelServer:
    """Started by `with`. `requests` holds what it was sent, in order of arrival.

    `api_key`: when set, a request without it gets the provider's 401. `port` 0 takes a free one.
    """

    def __init__(self, *steps: Behavior, port: int = 0, api_key: str = "") -> None:
        self._port = port
        self._api_key = api_key
        self._script = Script(*steps)
        self._dialects: dict[str, Dialect] = {
            "/v1/chat/completions": OpenAIDialect(),
            "/v1/messages": AnthropicDialect(),
            **RERANKS,
        }
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self.requests: list[Recorded] = []
        self.connections = 0

    @property
    def url(self) -> str:
        """Where it answers, without a path, e.g. http://127.0.0.1:40123."""
        return f"http://{_HOST}:{self._port}"

    @property
    def openai_url(self) -> str:
        """The base URL of an OpenAI-compatible provider."""
        return f"{self.url}/v1"

    @property
    def tokens(self) -> int:
        """All tokens taken in and given out."""
        return sum(one.input_tokens + one.output_tokens for one in self.requests)

    def script(self, *steps: Behavior) -> None:
        """Behave like this from the next request on."""
        self._script = Script(*steps)

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
        tasks: set[asyncio.Task[None]] = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            if task is not None:
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            await self._connection(reader, writer)

        server = await asyncio.start_server(connected, _HOST, self._port)
        self._port = server.sockets[0].getsockname()[1]
        started.set()
        await self._stopping.wait()
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while (request := await read_request(reader)) is not None:
                responder = Responder(writer)
                await _unless_client_leaves(self._answer(request, responder), reader)
                if not responder.open:
                    return
        except (ConnectionError, ValueError):
            return  # the client left or speaks no HTTP: nobody to tell
        except asyncio.CancelledError:
            writer.transport.abort()  # the server stops: do not wait until the client has read what is queued
        finally:
            writer.close()

    async def _answer(self, request: Request, responder: Responder) -> None:
        body = _json_object(request.body)
        recorded = Recorded(
            method=request.method, path=request.path, headers=masked(request.headers), body=body,
            model=str(body.get("model", "")),
        )  # fmt: skip
        self.requests.append(recorded)
        dialect = self._dialects.get(request.path)
        if self._api_key and not _knows(self._api_key, request.headers):
            await responder.json(401, (dialect or OpenAIDialect()).error(401, "Incorrect API key provided."))
        elif dialect is not None:
            await self._chat(request, Exchange(
                prompt=dialect.parse(body), dialect=dialect, responder=responder, recorded=recorded
            ))  # fmt: skip
        else:
            await _plain(request, body, responder, recorded)

    async def _chat(self, request: Request, exchange: Exchange) -> None:
        prompt, recorded = exchange.prompt, exchange.recorded
        recorded.system, recorded.user, recorded.stream = prompt.system, prompt.user, prompt.stream
        recorded.input_tokens = count_tokens(prompt.system) + count_tokens(prompt.user)
        try:
            behavior = self._script.behavior(headers=request.headers, model=prompt.model)
        except KeyError as unknown:
            return await exchange.fail(
                404, f"No scripted behavior is called {unknown}; there are {sorted(NAMED)}."
            )
        recorded.behavior = type(behavior).__name__
        await behavior.perform(exchange)


async def _plain(request: Request, body: Mapping[str, Any], responder: Responder, recorded: Recorded) -> None:
    """The parts without a script: the list of models, and embeddings."""
    recorded.completed = True
    if request.path == "/v1/models" and request.method == "GET":
        names = [f"{PREFIX}{name}" for name in NAMED]
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "answerable"} for name in names]
        await responder.json(200, {"object": "list", "data": data})
    elif request.path == "/v1/embeddings":
        reply = embeddings_reply(body)
        recorded.input_tokens = reply["usage"]["prompt_tokens"]
        await responder.json(200, reply)
    else:
        await responder.json(
            404, OpenAIDialect().error(404, f"Unknown request URL: {request.method} {request.path}")
        )


async def _unless_client_leaves(work: Any, reader: asyncio.StreamReader) -> None:
    """Do the work, and give it up when the client closes the connection; what it sends early is lost."""
    doing, gone = asyncio.ensure_future(work), asyncio.ensure_future(reader.read(1))
    try:
        await asyncio.wait({doing, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            raise ConnectionResetError("the client left")
        doing.result()
    finally:
        for task in (doing, gone):
            task.cancel()
        await asyncio.gather(doing, gone, return_exceptions=True)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _knows(key: str, headers: Mapping[str, str]) -> bool:
    return headers.get("authorization") == f"Bearer {key}" or headers.get("x-api-key") == key
