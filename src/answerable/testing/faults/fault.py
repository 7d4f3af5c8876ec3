"""What can go wrong, and where: ten components of the answering path, five ways in which each can fail."""

from __future__ import annotations

from enum import StrEnum


class Component(StrEnum):
    """A step of the answering path, or what a step stands on."""

    EMBED = "embed"
    DENSE = "dense"
    LEXICAL = "lexical"
    RERANK = "rerank"
    MODEL = "model"
    VERIFY = "verify"
    GUARD = "guard"
    CACHE = "cache"
    DATABASE = "database"
    TELEMETRY = "telemetry"


class Fault(StrEnum):
    """A way to fail."""

    ERROR = "error"  # it says that it cannot
    TIMEOUT = "timeout"  # it never says anything
    SLOW = "slow"  # it is right, and too late for its share of the time
    EMPTY = "empty"  # it says nothing, as if there were nothing
    GARBAGE = "garbage"  # it says what cannot be so
