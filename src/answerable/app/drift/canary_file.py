"""A provider canary: a question with its prompt and passages as they were, kept in a file, and what was replied.

Nothing of ours can change in it: what is different in a later reply is the provider's. Not to be taken for canary
documents (app/canaries.py), which tell of who walks through everything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from answerable.answer.frozen import passage_of
from answerable.core.errors import ConfigError
from answerable.core.prompt import ContextBlock

_ID = re.compile(r"[^a-z0-9]+")
_MARK = re.compile(r"\[(\d+)\]")


class Kept(BaseModel):
    """A model's reply when the canary was frozen. `distances` are of its repeats to it, in [0, 2]."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reply: str
    reported: str = ""
    distances: tuple[float, ...] = ()


class CanaryCase(BaseModel):
    """The file. `prompt` is the whole text of the prompt file, `passages` as traces keep them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")
    question: str = Field(min_length=1, max_length=2000)
    language: str = "en"
    today: str
    scope: str = ""
    prompt: str
    passages: tuple[dict[str, Any], ...] = Field(min_length=1, max_length=50)
    weights: dict[str, float] = Field(default_factory=dict)
    must: tuple[str, ...] = ()
    replies: dict[str, Kept] = Field(default_factory=dict)  # by provider

    def blocks(self) -> tuple[ContextBlock, ...]:
        """The context, numbered as it was. Raises ConfigError for passages that are none."""
        try:
            return tuple(ContextBlock(n=n, passage=passage_of(row)) for n, row in enumerate(self.passages, 1))
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(
                f"canary {self.id}: a passage is not as it was kept: {error!r}",
                hint="freeze it anew: `answerable canary freeze`",
            ) from error

    def passed(self, reply: str, finish: str) -> bool:
        """It ended by itself, cites a passage that is there and none that is not, and says what it must."""
        marks = [int(one) for one in _MARK.findall(reply)]
        text = reply.casefold()
        cites = bool(marks) and all(1 <= one <= len(self.passages) for one in marks)
        return finish == "stop" and cites and all(one.casefold() in text for one in self.must)


def canary_id(question: str) -> str:
    """A file name from a question."""
    return _ID.sub("-", question.casefold()).strip("-")[:60].strip("-") or "canary"


def read_canaries(folder: Path) -> list[CanaryCase]:
    """Every canary of the folder, by id. Raises ConfigError, naming file, place and fix."""
    return [_read(one) for one in sorted(folder.glob("*.json"))]


def write_canary(folder: Path, case: CanaryCase) -> Path:
    """Its file; one of the same id is written over."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{case.id}.json"
    path.write_text(json.dumps(case.model_dump(), ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    return path


def _read(path: Path) -> CanaryCase:
    try:
        told: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
        return CanaryCase.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(one) for one in first["loc"])
        raise ConfigError(
            f"{path}: {where or 'the file'}: {first['msg']}", hint="freeze it anew: `answerable canary freeze`"
        ) from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}", hint="freeze it anew, or delete it") from error
