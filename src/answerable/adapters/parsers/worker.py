"""A parser in a process of its own: reads files from its input, writes documents to its output, until either ends.

Started by the sandbox as `python -P -m answerable.adapters.parsers.worker FACTORY` and the limits of memory, CPU,
output and blocks, then the parent's process id.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable
from io import BufferedReader, BufferedWriter
from typing import cast

from answerable.adapters.parsers import wire
from answerable.adapters.parsers.confine import confine, die_with_parent, limit_cpu
from answerable.core.errors import ParseError
from answerable.core.ports import Parser, Raw

FILE_IS_LAST = 75  # exit status: the answer was sent, and this process must not go on


def main() -> int:
    factory, memory, cpu, output, blocks, parent = sys.argv[1:]
    die_with_parent(int(parent))
    source, target = _take_pipes()
    parser = _parser(factory)
    _send(target, json.dumps(confine(memory_bytes=int(memory))).encode())
    while (known := _read(source)) is not None and (data := _read(source)) is not None:
        limit_cpu(float(cpu))
        reply, healthy = _answer(parser, known, data, int(output), int(blocks))
        _send(target, reply)
        if not healthy:  # after a failed allocation nothing in this process is to be relied on
            return FILE_IS_LAST
    return 0


def _take_pipes() -> tuple[BufferedReader, BufferedWriter]:
    """Our ends of the pipes, out of the way of libraries that print."""
    source, target = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    return source, target


def _parser(factory: str) -> Parser:
    module, _, name = factory.partition(":")
    return cast(Callable[[], Parser], getattr(importlib.import_module(module), name))()


def _send(target: BufferedWriter, payload: bytes) -> None:
    target.write(wire.frame(payload))
    target.flush()


def _read(source: BufferedReader) -> bytes | None:
    header = source.read(wire.HEADER.size)
    if len(header) < wire.HEADER.size:
        return None
    (length,) = wire.HEADER.unpack(header)
    payload = source.read(length)
    return payload if len(payload) == length else None


def _answer(parser: Parser, known: bytes, data: bytes, limit: int, most_blocks: int) -> tuple[bytes, bool]:
    """(the reply, whether this process may read another file)."""
    raw = wire.raw_from(known, data)
    try:
        document = parser.parse(raw)
        if len(document.blocks) > most_blocks:
            raise _too_large(raw, f"it has {len(document.blocks):,} blocks, more than {most_blocks:,}")
        reply = wire.reply_from(document)
        if len(reply) > limit:
            raise _too_large(raw, f"its text takes {len(reply):,} bytes, more than {limit:,}")
        return reply, True
    except ParseError as exc:
        return wire.refusal_from(exc), exc.reason != "memory"
    except MemoryError:
        refusal = ParseError(f"{raw.uri}: reading it needs more memory than allowed", reason="memory")
        return wire.refusal_from(refusal), False


def _too_large(raw: Raw, what: str) -> ParseError:
    return ParseError(f"{raw.uri}: {what}", hint="Split the file.", reason="too_large")


if __name__ == "__main__":
    sys.exit(main())
