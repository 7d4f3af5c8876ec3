"""Sets of (context, response, human label) on disk, and scripted sentences of known truth."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from withheld import read_blocks, trials

SEED = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One response to a context. `label`: people (or the script) say that the context supports it."""

    context: str
    response: str
    label: bool
    kind: str = ""

    @property
    def held_out(self) -> bool:
        """By a hash of the context, so that no source is on both sides."""
        return hashlib.sha256(self.context.encode()).digest()[-1] % 2 == 1


def read_labeled(folder: Path) -> dict[str, list[Item]]:
    """Every items.jsonl below the folder, by the name of its own."""
    found = {path.parent.name: list(_items(path)) for path in sorted(folder.rglob("items.jsonl"))}
    return {name: items for name, items in found.items() if len({one.label for one in items}) == 2}


def _items(path: Path) -> Iterator[Item]:
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        if {"context", "response", "label"} <= row.keys():
            kind = "+".join(row.get("edit_types") or ()) or ("untouched" if row["label"] else "")
            yield Item(context=row["context"], response=row["response"], label=row["label"] == 1, kind=kind)


def script(folder: Path, *, count: int) -> dict[str, list[Item]]:
    """True and false sentences about the passages of every corpus.jsonl of a question set below the folder."""
    return {
        f"scripted {path.parent.name}": list(_scripted(path, count))
        for path in sorted(folder.rglob("corpus.jsonl"))
        if (path.parent / "queries.jsonl").is_file() and path.parent.parent.name == "qa"
    }


def _scripted(corpus: Path, count: int) -> Iterator[Item]:
    rng = random.Random(SEED)
    for blocks in read_blocks(corpus, count, rng):
        for trial in trials(blocks, rng):
            if trial.kind != "quoted":  # a quote is supported by its definition
                text = blocks[trial.n - 1].passage.chunk.text
                yield Item(context=text, response=trial.sentence, label=trial.true, kind=trial.kind)
