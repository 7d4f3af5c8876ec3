"""Canaries: documents that no honest question is answered from and nobody is shown; whoever finds one is told of.

They are documents of one reserved source. A search that puts one first is an alarm, and so is its mark in an
answer or anywhere outside of the database.
"""

from __future__ import annotations

import re
from contextvars import ContextVar

SOURCE = "canary"  # the reserved source
MARK = re.compile(r"\bcnry-[0-9a-f]{16}\b")  # in each one's text, once for each canary

# Ids of canaries that the searches of the current question put first; None: nobody listens.
tripped: ContextVar[list[str] | None] = ContextVar("answerable_tripped", default=None)


def trip(document_id: str) -> None:
    """Note that a search put a canary first."""
    if (found := tripped.get()) is not None and document_id not in found:
        found.append(document_id)
