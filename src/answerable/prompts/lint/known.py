"""What is known of a prompt besides its text."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from answerable.prompts.include import Read, shipped_part

Spans = Callable[[str], Sequence[tuple[int, int, str]]]
"""Text → [start, end) and kind of what must not be in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a prompt besides its text; what is not known is not checked."""

    secrets: Spans | None = None
    read: Read = shipped_part  # of the parts that it includes
    base: str | None = None  # the text of the commit that a change is compared with
    read_base: Read = shipped_part  # of parts, at that commit
    covered: Collection[str] | None = None  # the failures that behavior cases are about
