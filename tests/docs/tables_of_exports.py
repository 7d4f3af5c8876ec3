"""The table of exported tables in docs/reference/figures.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn


def _spreadsheet(result: Mapping[str, Any]) -> str:
    rows = [
        [name, *(f"{row[key]}" for key in ("texts", "computed as they are", "computed by `cell`"))]
        for name, row in result["separators"].items()
    ]
    return drawn(("read with", "texts", "computed, as they are", "computed, as we write them"), rows)


EXPORT_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {"spreadsheet": _spreadsheet}
