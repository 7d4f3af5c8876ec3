"""Where a key stands in the configuration file, for messages that point at it."""

from __future__ import annotations

import re

_HEADER = re.compile(r"\s*\[(\[)?\s*([\w.\"'-]+)\s*\]?\]\s*(?:#.*)?$")


def line_of(text: str, section: str, key: str = "", *, nth: int = 0) -> int | None:
    """The 1-based line of a key, else of its section's header; None where the section is written another way.

    `nth` counts the tables of a list, such as `[[route]]`, from 0.
    """
    header: int | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _HEADER.match(line):
            if header is not None:
                return header
            if match[2].replace('"', "").replace("'", "") == section:
                if nth == 0:
                    header = number
                nth -= 1
        elif header is not None and key and re.match(rf"\s*{re.escape(key)}\s*=", line):
            return number
    return header
