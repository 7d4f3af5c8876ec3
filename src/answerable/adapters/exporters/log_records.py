"""Log lines of a process as records for the collector: warnings and worse, without keys and personal data."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from answerable.adapters.exporters import conventions as otel
from answerable.adapters.exporters.signals import ERROR, FATAL, INFO, WARN, Record, Value
from answerable.adapters.log_ids import ids_of_now
from answerable.text.printable import one_line

_OWN = __name__.rpartition(".")[0]  # what the exporters say of themselves would tell of itself without end
_MOST_CHARS = 8000


class LogRecords(logging.Handler):
    """`bare` is applied to every text. Any thread may log."""

    def __init__(self, tell: Callable[[Record], None], *, bare: Callable[[str], str]) -> None:
        super().__init__(logging.WARNING)
        self._tell, self._bare = tell, bare
        self._loop = asyncio.get_running_loop()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue it, in the loop's own time."""
        if record.name.startswith(_OWN) or self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._tell, self._read(record))

    def _read(self, record: logging.LogRecord) -> Record:
        ids = ids_of_now()
        attributes: dict[str, Value] = {"logger.name": record.name}
        if ids.trace:
            attributes[otel.TRACE] = ids.trace
        if record.exc_info and record.exc_info[0] is not None:
            attributes[otel.ERROR_TYPE] = record.exc_info[0].__name__
            told = logging.Formatter().formatException(record.exc_info)
            attributes[otel.EXCEPTION_STACK] = self._bare(told)[:_MOST_CHARS]
        return Record(
            at_ns=int(record.created * 1e9),
            severity=_severity(record.levelno),
            body=one_line(self._bare(record.getMessage()))[:_MOST_CHARS],
            trace_id=ids.trace_id,
            span_id=ids.span_id,
            attributes=attributes,
        )


@contextmanager
def telling_logs(tell: Callable[[Record], None], *, bare: Callable[[str], str]) -> Iterator[None]:
    """Within the block the root logger's records go along, besides where they went before."""
    root, handler = logging.getLogger(), LogRecords(tell, bare=bare)
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)


def _severity(level: int) -> int:
    return next(
        (found for least, found in ((50, FATAL), (40, ERROR), (30, WARN)) if level >= least),
        INFO,
    )
