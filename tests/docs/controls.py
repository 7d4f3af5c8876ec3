"""docs/security/controls.md out of docs/security/rows/*.toml: `python -m tests.docs.controls --write`.

One file a threat, so that whoever changes a control changes its row and no other.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from tests.docs.drawing import drawn
from tests.docs.reference import ROOT

FOLDER = ROOT / "docs" / "security"
PAGE = FOLDER / "controls.md"
INDEX = FOLDER / "README.md"
COUNT = 28
_PAGES = re.compile(r"(<!-- pages: [^\n]*-->)\n.*?(<!-- end -->)", re.S)
_MADE = "<!-- Made by `python -m tests.docs.controls --write` from rows/*.toml; do not edit. -->"
_HEAD = f"""{_MADE}

# Threats and controls

Each threat with what stops it, the tests that fail when it does not, and what was measured. Zero of N is given
with its 95 % upper bound. What a row cannot show here is said in its row, and again below the table.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One threat. Paths count from the root; a test is `file::function` or `file::Class::function`."""

    id: str
    threat: str
    control: tuple[str, ...]
    test: tuple[str, ...]
    figure: str
    command: str
    result: str
    gap: str


def read(path: Path) -> Row:
    """Raises ValueError for a missing, an unknown or a mistyped key."""
    given = tomllib.loads(path.read_text(encoding="utf-8"))
    known = {one.name for one in fields(Row)}
    if set(given) != known:
        raise ValueError(f"{path.name}: keys {sorted(set(given) ^ known)} are missing or unknown")
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    wrong = [key for key, value in values.items() if isinstance(value, tuple) is not (key in ("control", "test"))]
    if wrong:
        raise ValueError(f"{path.name}: {', '.join(wrong)} has the wrong type")
    return Row(**values)


def rows() -> list[Row]:
    """All of them, T1 to T28."""
    return [read(path) for path in sorted((FOLDER / "rows").glob("T*.toml"))]


def faults(row: Row) -> Iterator[str]:
    """What does not hold in a row: a name of nothing, a cell that is empty without a reason."""
    if not row.control:
        yield f"{row.id}: no control"
    for name in ("test", "figure", "command"):
        if not getattr(row, name) and not row.gap:
            yield f"{row.id}: {name} is empty and gap does not say why"
    for name in (*row.control, *filter(None, [row.result])):
        if not (ROOT / name).exists():
            yield f"{row.id}: there is no {name}"
    for name in row.test:
        if not is_test(name):
            yield f"{row.id}: there is no test {name}"


def is_test(name: str) -> bool:
    """Whether the file is there and has the named function, by its syntax tree."""
    path, _, inside = name.partition("::")
    return inside.partition("[")[0] in _names(ROOT / path) if inside else (ROOT / path).is_file()


@cache
def _names(path: Path) -> frozenset[str]:
    if not path.is_file():
        return frozenset()
    found: set[str] = set()
    for one in ast.parse(path.read_text(encoding="utf-8")).body:
        found.update(_within(one))
    return frozenset(found)


def _within(node: ast.stmt, prefix: str = "") -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield prefix + node.name
    elif isinstance(node, ast.ClassDef):
        yield prefix + node.name
        for one in node.body:
            yield from _within(one, f"{prefix}{node.name}::")


def page() -> str:
    """The table, and below it what is not shown."""
    found = rows()
    heads = ("", "threat", "control", "tests", "figure", "made by")
    table = drawn(heads, [_cells(one) for one in found])
    gaps = "".join(f"- **{one.id}** {one.gap}\n" for one in found if one.gap)
    return f"{_HEAD}\n{table}\n## What is not shown\n\n{gaps or 'Nothing is left open.'}".rstrip() + "\n"


def index() -> str:
    """docs/security/README.md with the list of all pages beside it, each by its heading."""
    pages = [path for path in sorted(FOLDER.glob("*.md")) if path != INDEX]
    listed = "".join(f"- [{_heading(path)}]({path.name})\n" for path in pages)
    return _PAGES.sub(lambda found: f"{found[1]}\n{listed}{found[2]}", INDEX.read_text(encoding="utf-8"))


def _heading(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((line.removeprefix("# ") for line in lines if line.startswith("# ")), path.stem)


def _cells(row: Row) -> list[str]:
    made = [f"`{row.command}`"] if row.command else []
    made += [f"[{Path(row.result).name}](../../{row.result})"] if row.result else []
    return [
        row.id,
        _flat(row.threat),
        "<br>".join(f"[{Path(one).name}](../../{one})" for one in row.control),
        "<br>".join(_test(one) for one in row.test) or "–",
        _flat(row.figure) or "–",
        "<br>".join(made) or "–",
    ]


def _test(name: str) -> str:
    path, _, inside = name.partition("::")
    return f"[{inside.replace('_', ' ').removeprefix('test ') or Path(path).name}](../../{path})"


def _flat(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").strip()


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
        INDEX.write_text(index(), encoding="utf-8")
    else:
        sys.stdout.write(page())
