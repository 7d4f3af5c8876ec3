"""What a server tells on standard error: one record, one line, with nothing in it that steers or gives away."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Literal

from answerable.adapters.log_ids import ids_of_now
from answerable.text.printable import one_line

LogFormat = Literal["text", "json"]


class LogLines(logging.Formatter):
    """`text` for people, `json` for machines. `bare` takes credentials out of a text, before anything is cut."""

    def __init__(self, *, form: LogFormat, bare: Callable[[str], str]) -> None:
        super().__init__()
        self._form, self._bare = form, bare

    def format(self, record: logging.LogRecord) -> str:
        """Never more than one line; a traceback is a part of its record."""
        message = self._bare(record.getMessage())
        error = self._bare(self.formatException(record.exc_info)) if record.exc_info else ""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        if self._form == "json":
            told = {"at": at, "level": record.levelname, "logger": record.name, "message": one_line(message)}
            told |= {key: one for key, one in asdict(ids_of_now()).items() if one}
            return json.dumps({**told, "error": one_line(error)} if error else told)
        line = f"{at} {record.levelname} {record.name}: {one_line(message)}"
        return f"{line} | {one_line(error)}" if error else line


def tell_on_stderr(*, form: LogFormat, bare: Callable[[str], str]) -> None:
    """From now on, for warnings and worse of this process; what was set before is replaced."""
    handler = logging.StreamHandler()
    handler.setFormatter(LogLines(form=form, bare=bare))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
