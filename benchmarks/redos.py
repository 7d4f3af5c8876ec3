"""Feed every pattern over strangers' text what makes it slow: 100,000 characters made from the pattern itself.

    python benchmarks/redos.py [--out benchmarks/results/redos.json]

All `re` patterns of the packages below and all RE2 rules, each run as the code runs it (search, or match at the
beginning), over at most 60 texts made from it (answerable.testing.redos). A pattern whose input is cut before is
fed what is left then; CAPPED names the cut. CPU time of this process.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import os
import pkgutil
import platform
import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

from answerable.guards.detection import MAX_CHARS
from answerable.guards.rulebook import _KINDS, rulebook
from answerable.guards.secrets import _rules
from answerable.testing.redos import adversaries

PACKAGES = ("guards", "text", "ingest", "web", "prompts")
CHARS = 100_000
LIMIT_MS = 50.0
_GIVE_UP_S = 2.0
# Beginning of a pattern's name → characters it is given at most, and where they are cut.
CAPPED: dict[str, tuple[int, str]] = {
    "guards.injection._OPEN_QUOTE": (80, "quoted_chars reads 80 characters before a hit"),
    "guards.injection._CLOSE_QUOTE": (130, "quoted_chars reads 130 characters after a hit"),
    "guards.injection._SPOKEN_OF": (160, "_is_mentioned reads 160 characters before a hit"),
    "guards.injection._FOLLOWED": (160, "_is_mentioned reads 160 characters before a hit"),
    "guards.documents._SPOKEN_OF": (120, "_is_spoken_of reads 120 characters before a hit"),
    "guards.documents._HIDDEN_MARKUP": (8_000, "pieces of a document"),
    "guards.detection.": (20_000, "MAX_CHARS of one text"),
    "guards.phones._OTHER_NUMBER": (200, "a match of the telephone library"),
    "text.statements.": (2_000, "a sentence of a chunk, and chunks have 200 to 800 tokens"),
    "guards.scope_file.": (20_000, "a line of the project's own scope.md"),
    "text.cells.": (8_000, "a cell of a table in a chunk"),
    "text.facts.": (8_000, "a chunk"),
    "text.quantities.": (8_000, "a chunk"),
    "text.inert.": (8_000, "a passage, a question or a line of a conversation"),
    "prompts.": (20_000, "a prompt file of the project, written by its owner"),
    "web.messages.": (1_000, "a header: the server takes no longer line"),
    "ingest.": (20_000, "a line or a table cell; parsers run in a process with a time limit"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A pattern by the name of its module and variable, and how the code runs it."""

    name: str
    pattern: str
    flags: int
    run: Callable[[str], object]
    engine: str
    chars: int


def tried() -> Iterator[Tried]:
    """Every pattern of the packages and every rule."""
    for name, pattern, anchored in patterns():
        yield Tried(
            name=name,
            pattern=pattern.pattern,
            flags=pattern.flags,
            run=pattern.match if anchored else _all(pattern),
            engine="re",
            chars=next((cut for start, (cut, _) in CAPPED.items() if name.startswith(start)), CHARS),
        )
    for book in ("injection", "safety", "scope"):
        for rule in rulebook(book):
            yield Tried(
                name=f"rules/{book}.toml {rule.id}",
                pattern=rule.pattern,
                flags=0,
                run=lambda text, rule=rule: rule.first(text, text.translate(_KINDS)),  # type: ignore[misc]
                engine="re2",
                chars=MAX_CHARS,  # of one view: a document is read in pieces, a question is shorter
            )


def patterns() -> Iterator[tuple[str, re.Pattern[str], bool]]:
    """Name, pattern, and whether the code only runs it from the beginning of a text."""
    seen: set[re.Pattern[str]] = set()
    for package in PACKAGES:
        root = importlib.import_module(f"answerable.{package}")
        for info in pkgutil.walk_packages(root.__path__, root.__name__ + "."):
            module = importlib.import_module(info.name)
            searched = _searched(module)
            for name, value in vars(module).items():
                for full, pattern in _found(name, value):
                    if pattern not in seen:
                        seen.add(pattern)
                        anchored = full == name and name not in searched
                        yield f"{info.name.removeprefix('answerable.')}.{full}", pattern, anchored
    for rule, pattern, _ in _rules():
        yield f"rules/secrets.toml {rule}", pattern, False


def _found(name: str, value: object) -> Iterator[tuple[str, re.Pattern[str]]]:
    if isinstance(value, re.Pattern):
        yield name, value
    elif isinstance(value, tuple | list):
        for place, one in enumerate(value):
            yield from _found(f"{name}[{place}]", one)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _found(f"{name}[{key}]", one)
    elif isinstance(getattr(value, "pattern", None), re.Pattern):
        yield name, value.pattern  # type: ignore[attr-defined]


def _searched(module: ModuleType) -> set[str]:
    """Names that the module uses otherwise than by match and fullmatch."""
    tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    anchored: dict[str, int] = {}
    used: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            used[node.id] = used.get(node.id, 0) + 1
        if (
            isinstance(node, ast.Attribute)
            and node.attr in ("match", "fullmatch")
            and isinstance(node.value, ast.Name)
        ):
            anchored[node.value.id] = anchored.get(node.value.id, 0) + 1
    return {name for name, times in used.items() if times > anchored.get(name, 0)}


def _all(pattern: re.Pattern[str]) -> Callable[[str], object]:
    return lambda text: sum(1 for _ in pattern.finditer(text))


class _TooSlowError(Exception):
    pass


def _give_up(*_: object) -> None:
    raise _TooSlowError


def milliseconds(one: Tried, text: str) -> float:
    """CPU of one run; a run is given up after two seconds."""
    start = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, _GIVE_UP_S)
    try:
        one.run(text)
    except _TooSlowError:
        pass
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return (time.process_time() - start) * 1000


def measured() -> dict[str, object]:
    """The slowest text of each pattern, and how all of them lie."""
    signal.signal(signal.SIGVTALRM, _give_up)
    every: list[float] = []
    rows = []
    for one in tried():
        texts = adversaries(one.pattern, one.flags, chars=one.chars)
        taken = sorted(milliseconds(one, text) for text in texts) or [0.0]
        every += taken
        rows.append(
            {"pattern": one.name, "engine": one.engine, "chars": one.chars, "texts": len(texts),
             "p99_ms": round(float(np.percentile(taken, 99)), 2), "max_ms": round(taken[-1], 2)}
        )  # fmt: skip
    rows.sort(key=lambda row: -float(str(row["max_ms"])))
    over = [row["pattern"] for row in rows if float(str(row["p99_ms"])) > LIMIT_MS]
    return {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "limit_ms": LIMIT_MS,
        "patterns": len(rows),
        "texts": len(every),
        "p50_ms": round(float(np.percentile(every, 50)), 3),
        "p99_ms": round(float(np.percentile(every, 99)), 3),
        "max_ms": round(max(every), 3),
        "over_the_limit": over,
        "capped": {name: f"{cut:,}: {why}" for name, (cut, why) in CAPPED.items()},
        "slowest": rows[:40],
    }


def main() -> None:
    """Measure; write JSON and print the slowest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/redos.json"))
    arguments = parser.parse_args()
    result = measured()
    arguments.out.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps({key: value for key, value in result.items() if key not in ("slowest", "capped")}, indent=1))
    for row in result["slowest"]:  # type: ignore[attr-defined]
        print(f"{row['pattern']:60s} {row['engine']:4s} {row['chars']:8,} {row['max_ms']:9.1f} ms")


if __name__ == "__main__":
    main()
