"""The last good state of something, as a file on disk: for when what it is made from cannot be read."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from answerable.adapters.entry import plain
from answerable.core.identity import random_id, sha256_hex

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastGood:
    """JSON with its own hash; written whole or not at all. Several processes may write it: the last one counts."""

    path: Path

    def read(self) -> Mapping[str, Any]:
        """Empty where there is none, and where it is not what was written: nothing is believed by halves."""
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            state, told = kept["state"], kept["sha256"]
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("%s is not readable, and is left out: %s", self.path.name, error)
            return {}
        if not isinstance(state, dict) or told != _sum(state):
            log.warning("%s is not what was written, and is left out", self.path.name)
            return {}
        return state

    def write(self, state: Mapping[str, Any]) -> bool:
        """Whether it is on disk; a file system that takes nothing costs the copy, not the answers."""
        values = plain(state)
        kept = json.dumps({"sha256": _sum(values), "state": values}, ensure_ascii=False, indent=1)
        temporary = self.path.with_name(f".{self.path.name}.{random_id('tmp', length=8)}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(kept, encoding="utf-8")
            temporary.replace(self.path)
        except OSError as error:
            log.warning("%s cannot be written: %s", self.path.name, error)
            return False
        return True


def _sum(state: Mapping[str, Any]) -> str:
    return sha256_hex(json.dumps(state, sort_keys=True, ensure_ascii=False))
