"""Which chain serves which use: `answer`, `judge`, `rewrite` …"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from answerable.core.errors import ConfigError
from answerable.core.ports import LLM


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """Chains by use."""

    chains: Mapping[str, LLM]

    def llm(self, use: str) -> LLM:
        """The chain for the use. Raises ConfigError where there is none."""
        if use not in self.chains:
            known = ", ".join(sorted(self.chains)) or "none"
            raise ConfigError(
                f"no route for use {use!r}; there are: {known}", hint="add a [[route]] with this use"
            )
        return self.chains[use]
