"""reStructuredText's drawn tables, simple and grid, as rows of cells."""

from __future__ import annotations

import re

_BORDER = re.compile(r"=+(?: +=+)+\s*\Z")


def is_simple_border(line: str) -> bool:
    """`====  ====`"""
    return _BORDER.match(line) is not None


def simple_rows(lines: list[str]) -> list[list[str]]:
    """Of a simple table, borders included; a row whose first cell is blank goes on with the row above."""
    starts = [match.start() for match in re.finditer(r"=+", lines[0])]
    ends = [*starts[1:], None]
    rows: list[list[str]] = []
    for line in lines:
        if not line.strip() or is_simple_border(line) or set(line.strip()) <= set("- "):
            continue
        cells = [line[start:end].strip() for start, end in zip(starts, ends, strict=True)]
        if rows and not cells[0]:
            rows[-1] = [f"{above} {cell}".strip() for above, cell in zip(rows[-1], cells, strict=True)]
        else:
            rows.append(cells)
    return rows


def grid_rows(lines: list[str]) -> list[list[str]]:
    """Of a grid table: rows stand between lines that start with `+`."""
    rows: list[list[str]] = []
    current: list[str] = []
    for line in lines:
        if line.startswith("+"):
            rows += [current] if any(current) else []
            current = []
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(current) == len(cells):
            current = [f"{above} {cell}".strip() for above, cell in zip(current, cells, strict=True)]
        else:
            current = cells
    return rows
