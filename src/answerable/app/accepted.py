"""Findings that somebody accepted, in a file that is kept with the project: id, reason, who, and until when."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from answerable.core.errors import ConfigError


class Accepted(BaseModel):
    """One finding that does not come back until its day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^(?:dq|cf)_[0-9a-f]{24}$")
    reason: str = Field(min_length=3)
    by: str = ""
    until: date | None = None


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    accepted: tuple[Accepted, ...] = ()


def read_accepted(path: Path) -> dict[str, Accepted]:
    """By id; nothing where there is no file. Raises ConfigError, which names the file, the entry and the key."""
    if not path.is_file():
        return {}
    try:
        parsed = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}", hint="it holds [[accepted]] tables with id and reason") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(
            f"{path}: {where}: {first['msg']}", hint="id, reason, by and until = 2027-01-31"
        ) from error
    return {one.id: one for one in parsed.accepted}


def add_accepted(path: Path, one: Accepted) -> None:
    """Append it; the rest of the file stays as it is. Raises ConfigError where the id is there already."""
    if one.id in read_accepted(path):
        raise ConfigError(f"{one.id} is accepted already", hint=f"edit {path}")
    lines = [
        "[[accepted]]",
        f"id = {json.dumps(one.id)}",
        f"reason = {json.dumps(one.reason, ensure_ascii=False)}",
    ]
    lines += [f"by = {json.dumps(one.by, ensure_ascii=False)}"] if one.by else []
    lines += [f"until = {one.until.isoformat()}"] if one.until else []
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    gap = "\n" if before and not before.endswith("\n\n") else ""
    path.write_text(before + gap + "\n".join(lines) + "\n", encoding="utf-8")
