"""A small SMTP server on loopback that keeps what it is sent: enough of RFC 5321 for a client to say its mail."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(slots=True, kw_only=True)
class SmtpServer:
    """`async with SmtpServer() as server`. `mails` are as they came; `refuse` is said to every sender instead."""

    refuse: str = ""
    mails: list[str] = field(default_factory=list)
    port: int = 0
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _say(writer, "220 ready")
        while line := (await reader.readline()).decode().strip():
            verb = line.split(":")[0].split(" ")[0].upper()
            if verb == "DATA":
                await _say(writer, "354 go on")
                self.mails.append((await reader.readuntil(b"\r\n.\r\n")).decode())
            await _say(writer, self.refuse if verb == "MAIL" and self.refuse else _REPLIES.get(verb, "250 ok"))
            if verb == "QUIT":
                break
        writer.close()


_REPLIES = {"QUIT": "221 bye", "STARTTLS": "502 not here"}


async def _say(writer: asyncio.StreamWriter, line: str) -> None:
    writer.write(f"{line}\r\n".encode())
    await writer.drain()
