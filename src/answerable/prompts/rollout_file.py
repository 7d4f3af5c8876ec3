"""`rollouts.toml`: the rollouts of a project as a file in git, read and written."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError

from answerable.core.errors import ConfigError
from answerable.prompts.rollout import STEPS, USES, Pin, Rollout, read_share, say_share

_HEAD = """\
# Which version of a prompt serves which share of people; `answerable prompt rollout` writes this file.
# Both texts are prompt files, and a text that is not the one of its sha256 is not served.
"""


def _share(text: str) -> str:
    try:
        read_share(text)
    except ConfigError as error:
        raise ValueError(f"{error}; {error.hint}") from error
    return text


_Version = Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Share = Annotated[str, AfterValidator(_share)]


class _Pin(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: _Version
    sha256: _Sha256


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid")

    stable: _Pin
    candidate: _Pin
    share: _Share
    salt: Annotated[str, StringConstraints(min_length=8)]
    guards: list[str] = []
    auto_rollback: bool = False
    steps: list[_Share] = [say_share(step) for step in STEPS]
    started: AwareDatetime
    by: str = ""
    why: str = ""


def load(path: Path) -> tuple[Rollout, ...]:
    """Empty where there is no file. Raises ConfigError that names the file, the line and the fix."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path.name} cannot be read: {exc}", hint="check the file") from exc
    return parse(text, where=path.name)


def parse(text: str, *, where: str) -> tuple[Rollout, ...]:
    """The rollouts of a file's text, one for a prompt. Raises ConfigError."""
    try:
        sections = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(
            f"{where} is not valid TOML: {exc}", hint="put it right, or `git checkout` the last one"
        ) from exc
    return tuple(_rollout(name, section, text, where) for name, section in sections.items())


def _rollout(name: str, given: Any, text: str, where: str) -> Rollout:
    if name not in USES:
        raise ConfigError(
            f"{where}:{_line(text, (name,))}: {name} cannot be rolled out to a share of people: nobody asks it",
            hint=f"one of {', '.join(USES)}; other prompts change for all at once, behind the gate",
        )
    try:
        read = _Section.model_validate(given)
    except ValidationError as exc:
        raise ConfigError(_explain(exc, name, text, where), hint="`answerable prompt rollout` writes it") from exc
    if read.stable.sha256 == read.candidate.sha256 or read.stable.version == read.candidate.version:
        raise ConfigError(
            f"{where}:{_line(text, (name,))}: stable and candidate are the same {name}@{read.stable.version}",
            hint="give the changed text a version of its own",
        )
    if read.auto_rollback and not read.guards:
        raise ConfigError(
            f"{where}:{_line(text, (name, 'auto_rollback'))}: {name}.auto_rollback: no guard watches it",
            hint='guards = ["task_completion"], or auto_rollback = false',
        )
    return Rollout(
        prompt=name,
        stable=Pin(version=read.stable.version, sha256=read.stable.sha256),
        candidate=Pin(version=read.candidate.version, sha256=read.candidate.sha256),
        share=read_share(read.share),
        salt=read.salt,
        guards=tuple(read.guards),
        auto_rollback=read.auto_rollback,
        steps=tuple(read_share(step) for step in read.steps),
        started=read.started,
        by=read.by,
        why=read.why,
    )


def _explain(error: ValidationError, name: str, text: str, where: str) -> str:
    """Each fault with its line."""
    faults = []
    for one in error.errors():
        keys = (name, *(str(part) for part in one["loc"]))
        said = {"extra_forbidden": "there is no such key", "missing": "is required"}.get(one["type"], one["msg"])
        faults.append(f"{where}:{_line(text, keys)}: {'.'.join(keys)}: {said.removeprefix('Value error, ')}")
    return "; ".join(faults)


def _line(text: str, keys: tuple[str, ...]) -> int:
    """Where the innermost key of the path that the text has is set, counted from 1."""
    table, found = "", 1
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[([\w.-]+)\]", line):
            table = header[1]
            found = number if table == keys[0] else found
        elif table == keys[0] and re.match(rf"\s*{re.escape(keys[min(1, len(keys) - 1)])}\s*=", line):
            return number
    return found


def dump(rollouts: Iterable[Rollout]) -> str:
    """The file's text; empty for no rollout. What it says reads back as the same rollouts."""
    sections = [_section(one) for one in sorted(rollouts, key=lambda one: one.prompt)]
    return "\n".join((_HEAD, *sections)) if sections else ""


def _section(one: Rollout) -> str:
    values: Mapping[str, str] = {
        "stable": _pin(one.stable),
        "candidate": _pin(one.candidate),
        "share": _text(say_share(one.share)),
        "guards": _list(one.guards),
        "auto_rollback": "true" if one.auto_rollback else "false",
        "steps": _list(say_share(step) for step in one.steps),
        "salt": _text(one.salt),
        "started": _moment(one.started),
        "by": _text(one.by),
        "why": _text(one.why),
    }
    return "\n".join((f"[{one.prompt}]", *(f"{key} = {value}" for key, value in values.items()), ""))


def _pin(pin: Pin) -> str:
    return f"{{ version = {_text(pin.version)}, sha256 = {_text(pin.sha256)} }}"


def _list(items: Iterable[str]) -> str:
    return f"[{', '.join(_text(one) for one in items)}]"


def _text(text: str) -> str:
    """JSON's strings are TOML's, but for a character that JSON need not escape."""
    return json.dumps(text.encode(errors="replace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
