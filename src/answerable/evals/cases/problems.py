"""Something wrong with a case file: where it is, what it is and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from answerable.core.errors import ConfigError

_SHOWN = 5  # in one error; `case check` lists all


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One reason why a file, or one line of it, is no case. `line` is 1-based; 0 where the whole file is meant."""

    path: Path
    line: int = 0
    key: str = ""
    cause: str
    fix: str = ""

    @property
    def place(self) -> str:
        """`path:line: key`, as far as it is known."""
        where = f"{self.path}:{self.line}" if self.line else str(self.path)
        return f"{where}: {self.key}" if self.key else where

    def __str__(self) -> str:
        return f"{self.place}: {self.cause}"


def refuse(problems: Sequence[Problem]) -> ConfigError:
    """The error that says the first few problems, and how many more there are."""
    lines = [str(one) for one in problems[:_SHOWN]]
    if len(problems) > _SHOWN:
        lines.append(f"and {len(problems) - _SHOWN} more")
    fix = problems[0].fix if problems else ""
    everything = "" if len(problems) == 1 else "`answerable case check` lists them all"
    return ConfigError("\n".join(lines), hint="; ".join(one for one in (fix, everything) if one))
