"""A prompt as its file has it: who it is, what it needs, and the two parts that a model is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

USER_PART = "--- user ---"  # the line between the system part and the user part


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """Unrendered. `sha256` is of the whole file, with line ends as \\n, so that it is the same on every system."""

    id: str
    version: str
    owner: str
    purpose: str
    inputs: tuple[str, ...]  # every one is used in the body, and nothing else is
    body: str
    sha256: str
    route: str = "answer"
    handles: Mapping[str, str] = field(default_factory=dict)
    change: str = ""

    @property
    def system(self) -> str:
        """The template of the system part."""
        return self.body.partition(f"\n{USER_PART}\n")[0].strip()

    @property
    def user(self) -> str:
        """The template of the user part."""
        return self.body.partition(f"\n{USER_PART}\n")[2].strip()
