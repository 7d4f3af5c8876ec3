"""Lists of exceptions that people keep in git: quarantined cases and waivers. Read strictly, appended to."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from answerable.core.errors import ConfigError

Words = Annotated[str, Field(min_length=1, max_length=2000)]


class Entry(BaseModel):
    """One exception. It ends: the last day that it counts is `expires`."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    reason: Words
    expires: date

    def expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return today > self.expires


E = TypeVar("E", bound=Entry)


def read_entries(path: Path, kind: type[E]) -> tuple[E, ...]:
    """All entries of a YAML list; none where there is no file. Raises ConfigError with file, entry and key."""
    if not path.is_file():
        return ()
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"cannot read {path.name}: {_short(error)}", hint="it is a YAML list") from error
    if not isinstance(given or [], list):
        raise ConfigError(f"{path.name} is not a list", hint="each entry begins with `- `")
    return tuple(checked_entry(one, kind, f"{path.name}, entry {n}") for n, one in enumerate(given or [], start=1))


def append_entry(path: Path, entry: Entry) -> None:
    """Add an entry at the end; what is there stays as it is, comments too."""
    written = entry.model_dump(mode="python", exclude_defaults=True)
    text = yaml.safe_dump([written], sort_keys=False, allow_unicode=True, width=110)
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(before + ("" if before.endswith("\n") or not before else "\n") + text, encoding="utf-8")


def checked_entry(given: Any, kind: type[E], place: str) -> E:
    """An entry from what a person gave at this place. Raises ConfigError with place and key."""
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the entry"
        cause = "is empty" if first["type"] == "string_too_short" else first["msg"].removeprefix("Value error, ")
        raise ConfigError(
            f"{place}: {key}: {cause}",
            hint=f"keys are {', '.join(kind.model_fields)}",
        ) from error


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
