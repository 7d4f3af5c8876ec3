"""Judgments in memory: what users test judges with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


class MemoryJudgments:
    """The Judgments port, until the process ends."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], str] = {}  # JSON: what is not JSON must fail here, too

    async def get(self, *, tenant: str, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """By key; what was never judged is left out."""
        return {key: json.loads(self._kept[tenant, key]) for key in keys if (tenant, key) in self._kept}

    async def put(self, *, tenant: str, key: str, judgment: Mapping[str, Any]) -> None:
        """Keep it; a key that is there already keeps what it has."""
        self._kept.setdefault((tenant, key), json.dumps(dict(judgment)))
