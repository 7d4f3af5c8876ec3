"""The answers that people labeled, as a file beside the labels: what a judge is asked about when it is checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from answerable.core.errors import ConfigError
from answerable.core.outcome import Outcome
from answerable.evals.jsonl import read_lines, write_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPassage:
    """A passage as it was shown: `n` is the number that the answer cites it by, or the next free one."""

    n: int
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTurn:
    """Something that was said before the question. `role` is user or assistant."""

    role: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabeledItem:
    """One answer with all that people saw of it. `item` is what labels name it by."""

    item: str
    question: str
    answer: str
    history: tuple[ShownTurn, ...] = ()
    context: tuple[ShownPassage, ...] = ()
    language: str = "en"
    outcome: Outcome = Outcome.ANSWERED
    reference: str = ""  # a right answer in words, where the case had one


_Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class _Passage(BaseModel):
    model_config = ConfigDict(extra="forbid")

    n: Annotated[int, Field(ge=1)]
    title: str = ""
    text: str


class _Turn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: Literal["user", "assistant"]
    text: str


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    item: _Name
    question: str
    answer: str
    history: tuple[_Turn, ...] = ()
    context: tuple[_Passage, ...] = ()
    language: _Name = "en"
    outcome: Outcome = Outcome.ANSWERED
    reference: str = ""


def read_items(path: Path) -> list[LabeledItem]:
    """In the file's order. Raises ConfigError naming the file, the line and the key, also for an id used twice."""
    items = [_item(line) for line in read_lines(path, _Line)]
    seen: set[str] = set()
    for one in items:
        if one.item in seen:
            raise ConfigError(f"{path}: two items are called {one.item!r}", hint="an item's name is unique")
        seen.add(one.item)
    return items


def write_items(items: Iterable[LabeledItem], path: Path) -> None:
    """Replace the file. Raises ConfigError for an item that could not be read back."""
    write_lines([_line(item) for item in items], path)


def _item(line: _Line) -> LabeledItem:
    context = tuple(ShownPassage(n=one.n, title=one.title, text=one.text) for one in line.context)
    history = tuple(ShownTurn(role=one.role, text=one.text) for one in line.history)
    return LabeledItem(**{**dict(line), "context": context, "history": history})


def _line(item: LabeledItem) -> _Line:
    try:
        return _Line.model_validate(asdict(item))
    except ValueError as exc:
        raise ConfigError(f"the item {item.item!r} cannot be written: {exc}") from exc
