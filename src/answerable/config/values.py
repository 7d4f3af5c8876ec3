"""The kinds of values a configuration has beyond TOML's own: durations and references to secrets."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator

from answerable.core.errors import ConfigError

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def parse_duration(value: object) -> float:
    """Seconds, from `4s`, `200ms`, `5m`, `24h`, `90d` or a plain number of seconds. Raises ValueError."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return float(value)
    match = _DURATION.fullmatch(str(value).strip())
    if match is None or float(match.group(1)) <= 0:
        raise ValueError(f"{value!r} is no duration; write for example 4s, 200ms, 5m, 24h or 90d")
    return float(match.group(1)) * _SECONDS[match.group(2)]


def check_reference(value: object) -> str:
    """A reference to a secret: `env:NAME` or `file:PATH`; a bare secret is refused. Raises ValueError."""
    text = str(value)
    if not text.startswith(("env:", "file:")):
        raise ValueError("a secret does not belong into the file; write env:NAME or file:PATH")
    return text


def check_address(value: object) -> str:
    """A database address, bare where it holds no password, or a reference to one. Raises ValueError."""
    text = str(value)
    if text.startswith(("env:", "file:")) or not re.search(r"://[^/@]*:[^/@]*@", text):
        return text
    raise ValueError("an address with a password does not belong into the file; write env:NAME or file:PATH")


def check_web_address(value: object) -> str:
    """Where an HTTP service listens; empty stands for the vendor's own. Raises ValueError."""
    text = str(value)
    if text and not re.match(r"https?://[^/\s]", text):
        raise ValueError(f"{text!r} is no http(s) address; write for example https://api.example.com/v1")
    return text


def parse_duration_or_off(value: object) -> float | None:
    """The same, or None for `off`. Raises ValueError."""
    return None if value is None or str(value).strip() in ("off", "") else parse_duration(value)


Duration = Annotated[float, BeforeValidator(parse_duration)]
OptionalDuration = Annotated[float | None, BeforeValidator(parse_duration_or_off)]
Reference = Annotated[str, BeforeValidator(check_reference)]
Address = Annotated[str, BeforeValidator(check_address)]
WebAddress = Annotated[str, BeforeValidator(check_web_address)]


def resolve(reference: str, *, base: Path) -> str:
    """What a reference stands for; anything else stands for itself. Raises ConfigError naming what is missing."""
    kind, _, rest = reference.partition(":")
    if kind == "env":
        value = os.environ.get(rest)
        if not value:
            raise ConfigError(f"the environment variable {rest} is not set", hint=f"export {rest}=…")
        return value
    if kind == "file":
        path = (base / rest).expanduser()
        try:
            return path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(f"cannot read the secret file {path}: {error.strerror}") from error
    return reference
