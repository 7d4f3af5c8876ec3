"""Labeled answers to calibrate with: how sure the system was that it can answer, and whether it was wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from answerable.core.errors import ConfigError
from answerable.core.identity import sha256_hex
from answerable.evals.jsonl import read_lines, write_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One question, asked as if nothing were withheld. `wrong` None: no answer came of it at any threshold."""

    score: float  # the estimated probability that the passages hold the answer, in [0, 1]
    wrong: bool | None
    topic: str = ""
    language: str = "en"
    id: str = ""


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    score: Annotated[float, Field(ge=0, le=1)]
    wrong: bool | None
    topic: str = ""
    language: str = "en"
    id: str = ""


def read_answers(path: Path) -> list[Scored]:
    """JSON Lines {"score", "wrong", "topic", "language", "id"}. Raises ConfigError naming the line and the key."""
    found = [Scored(**dict(line)) for line in read_lines(path, _Line)]
    named = [one.id for one in found if one.id]
    if len(set(named)) < len(named):
        twice = next(one for one in named if named.count(one) > 1)
        raise ConfigError(f"{path}: {twice!r} is there twice", hint="one line a question: a copy is no evidence")
    return found


def write_answers(answers: Iterable[Scored], path: Path) -> None:
    """Replace the file."""
    write_lines([_Line.model_validate(asdict(one)) for one in answers], path)


def data_hash(answers: Sequence[Scored]) -> str:
    """Of the answers in any order."""
    lines = sorted(json.dumps(asdict(one), sort_keys=True, ensure_ascii=False) for one in answers)
    return sha256_hex("\n".join(lines))
