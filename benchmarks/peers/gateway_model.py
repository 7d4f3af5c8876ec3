"""A scripted model at 0 ms, from prepared bytes: what it costs itself does not stand in anybody's way.

    python benchmarks/peers/gateway_model.py     prints its port, then answers until its input is closed

`POST /v1/chat/completions`, whole and as a stream of one event a word. Below `/late/250/v1` it waits so many
milliseconds first, below `/down/v1` it answers 503. Standard library only; HTTP as far as these clients speak it.
"""

from __future__ import annotations

import asyncio
import json
import sys

REPLY = (
    "You can return headphones within 30 days of delivery [1]. Ear cups must be clean and the seal of the bag "
    "unbroken [2]. The refund goes to the card that paid, less the share of the voucher, within five days [3]."
)
MODEL = "gpt-4o-mini"  # a name that price tables know; no such model is asked
USAGE = {
    "prompt_tokens": 1000,
    "completion_tokens": 50,
    "total_tokens": 1050,
    "prompt_tokens_details": {"cached_tokens": 0},
}
_BASE = {"id": "chatcmpl-scripted", "created": 1_767_225_600, "model": MODEL}


def whole() -> bytes:
    """The complete response."""
    message = {"role": "assistant", "content": REPLY, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    body = json.dumps({**_BASE, "object": "chat.completion", "choices": [choice], "usage": USAGE}).encode()
    return _head(f"content-type: application/json\r\ncontent-length: {len(body)}") + body


def events() -> list[bytes]:
    """The response in the pieces that are written one by one: its head, an event a word, the usage, the end."""
    words = [{"content": word} for word in REPLY.replace(" ", " \0").split("\0")]
    deltas = [{"role": "assistant", "content": ""}, *words]
    chunks = [_chunk([{"index": 0, "delta": delta, "finish_reason": None}]) for delta in deltas]
    chunks.append(_chunk([{"index": 0, "delta": {}, "finish_reason": "stop"}]))
    chunks.append(_chunk([], usage=USAGE))
    framed = [_framed(f"data: {json.dumps(chunk)}\n\n".encode()) for chunk in chunks]
    head = _head("content-type: text/event-stream\r\ntransfer-encoding: chunked")
    return [head, *framed, _framed(b"data: [DONE]\n\n"), b"0\r\n\r\n"]


def _chunk(choices: list[dict], usage: dict | None = None) -> dict:
    return {**_BASE, "object": "chat.completion.chunk", "choices": choices, "usage": usage}


def _framed(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def _head(headers: str, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\n{headers}\r\n\r\n".encode()


WHOLE, EVENTS = whole(), events()
DOWN = _head("content-type: application/json\r\ncontent-length: 2", "503 Service Unavailable") + b"{}"


class Model(asyncio.Protocol):
    """One connection; requests one after the other."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport, self.held = transport, b""

    def data_received(self, data: bytes) -> None:
        self.held += data
        head, found, rest = self.held.partition(b"\r\n\r\n")
        if not found:
            return
        size = next((int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"), 0)
        if len(rest) < size:
            return
        self.held = rest[size:]
        self._answer(head.split(b" ", 2)[1].decode(), json.loads(rest[:size] or b"{}"))

    def _answer(self, path: str, body: dict) -> None:
        pieces = EVENTS if body.get("stream") else [WHOLE]
        if path.startswith("/down/"):
            pieces = [DOWN]
        if path.startswith("/late/"):
            delay = int(path.split("/")[2]) / 1000
            asyncio.get_running_loop().call_later(delay, self._write, pieces)
        else:
            self._write(pieces)

    def _write(self, pieces: list[bytes]) -> None:
        for piece in pieces:
            self.transport.write(piece)


async def main() -> None:
    """Serve until the input is closed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Model, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
