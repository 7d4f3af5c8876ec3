"""What lint says of one place in one file: what is wrong, why it matters, and how it is put right."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from answerable.core.identity import sha256_hex

PAGE = "docs/prompts/lint.md"  # has an entry for each rule
_SHORT = 16  # hex digits of a fingerprint


class Level(StrEnum):
    """How much it matters."""

    ERROR = "error"  # exit 12
    WARNING = "warning"  # exit 12 with --strict


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One. `line` and `column` count from 1; a finding about the whole file points at its first line."""

    rule: str
    level: Level
    file: str  # as people name it: relative to the project where it is in it
    line: int
    column: int
    what: str
    why: str
    fix: str
    text: str = ""  # the line itself
    width: int = 1  # characters from `column` that it is about

    @property
    def place(self) -> str:
        """FILE:LINE:COLUMN."""
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def anchor(self) -> str:
        """Where the rule is explained."""
        return f"{PAGE}#{self.rule}"

    @property
    def fingerprint(self) -> str:
        """The same for the same finding after lines were added above it."""
        return sha256_hex(f"{self.rule}\n{self.file}\n{self.text.strip()}\n{self.what}")[:_SHORT]

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "rule": self.rule,
            "level": self.level.value,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "what": self.what,
            "why": self.why,
            "fix": self.fix,
            "text": self.text,
            "help": self.anchor,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """A finding that somebody put aside, with the reason that was given."""

    finding: Finding
    reason: str
