"""Collections of texts with labels, read from a folder: one folder a set, whatever the sets are called.

A set is `data.jsonl` or `data.jsonl.gz` (or any file so ending) of rows with `text` and `label` (1: an attack or a
hit, 0: harmless) and more columns where its kind has them. What a row is measured as is decided, in this order, by
its own column `kind` or `source_type`, by the columns that only one kind has, by the set's kind in the table of a
README.md beside the folders, and at last by length: texts with a median of 600 characters and more are documents.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Literal

from injection_sets import SOURCES, groups, part_of

Kind = Literal["question", "document", "disguise", "personal data", "credentials", "harm", "other"]
Row = dict[str, object]
LONG_CHARS = 600
_FITTED = ("question", "document")  # to other kinds no weights were fitted: all rows count
_DOCUMENTS = ("document", "documents", "rag_chunk", "ticket", "email", "e-mail", "web", "page", "tool", "chunk")
_QUESTIONS = ("question", "questions", "user", "prompt", "chat")
# In the words of a README; the first that is found decides.
_WORDS: tuple[tuple[str, Kind], ...] = (
    (r"ssrf|csv|xss|fuzz|poison|exfil|fixture|leakage|sanitis|payload", "other"),
    (r"secret|credential", "credentials"),
    (r"\bpii\b|personal data", "personal data"),
    (r"unicode|obfuscation|disguise", "disguise"),
    (r"harmful|toxic", "harm"),
    (r"document|indirect", "document"),
    (r"question|instruction|inject|jailbreak|extraction|topic|mixed|prompt", "question"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Rows of one set that are measured as one kind; `trained`: weights were fitted to other rows of the set."""

    name: str
    kind: Kind
    rows: list[Row]
    trained: bool

    def labelled(self, label: int) -> list[Row]:
        """The rows with this label."""
        return [row for row in self.rows if row["label"] == label]


def collections(data: Path) -> Iterator[Measured]:
    """Every set under the folder; of one that the classifiers were trained on only the test part."""
    said = _said(data / "README.md")
    for folder in sorted(path for path in data.iterdir() if path.is_dir()):
        rows = [row for row in _rows(folder) if isinstance(row.get("text"), str) and row.get("label") in (0, 1)]
        if not rows:
            continue
        trained = folder.name in SOURCES
        kinds = [_kind(row) or _by_columns(row) or said.get(folder.name) for row in rows]
        rest: Kind = "document" if median(len(str(row["text"])) for row in rows) >= LONG_CHARS else "question"
        kept = _unseen(rows) if trained else [True] * len(rows)
        for kind in dict.fromkeys(one or rest for one in kinds):
            chosen = [
                row
                for row, one, keep in zip(rows, kinds, kept, strict=True)
                if (keep or kind not in _FITTED) and (one or rest) == kind
            ]
            yield Measured(name=folder.name, kind=kind, rows=chosen, trained=trained)


def _rows(folder: Path) -> Iterator[Row]:
    for path in sorted(folder.iterdir()):
        if path.name.endswith(".jsonl"):
            text = path.read_text("utf-8")
        elif path.name.endswith(".jsonl.gz"):
            text = gzip.decompress(path.read_bytes()).decode()
        else:
            continue
        yield from (json.loads(line) for line in text.split("\n") if line.strip())


def _kind(row: Row) -> Kind | None:
    said = str(row.get("kind") or row.get("source_type") or "").casefold()
    return "document" if said in _DOCUMENTS else "question" if said in _QUESTIONS else None


def _by_columns(row: Row) -> Kind | None:
    if "transform" in row:
        return "disguise"
    return "personal data" if isinstance(row.get("spans"), list) else None


def _said(readme: Path) -> dict[str, Kind]:
    """set → kind, by a table with the columns `set` and `kind`."""
    if not readme.exists():
        return {}
    cells = [[cell.strip() for cell in line.strip()[1:-1].split("|")] for line in readme.read_text().splitlines()]
    heads = next((row for row in cells if {"set", "kind"} <= set(row)), None)
    if heads is None:
        return {}
    found = {row[heads.index("set")]: row[heads.index("kind")] for row in cells if len(row) == len(heads)}
    return {
        name: kind
        for name, words in found.items()
        if (kind := next((one for pattern, one in _WORDS if re.search(pattern, words.casefold())), None))
    }


def _unseen(rows: list[Row]) -> list[bool]:
    """Which rows no weight was fitted to: those of the test part, by payload kind where there is one."""
    texts = [str(row["text"]) for row in rows]
    group = groups(texts)
    keys = [
        str(row.get("jailbreak") or row.get("category") or row.get("instruction") or texts[group[i]][:400])
        if row["label"] == 1
        else texts[group[i]][:400]
        for i, row in enumerate(rows)
    ]
    return [part_of(key) == "test" for key in keys]
