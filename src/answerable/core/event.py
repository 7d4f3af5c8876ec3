"""An event: one thing that happened with an answer, as figures and ids, without a word that a person wrote."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID


def event_id(at: datetime | None = None) -> UUID:
    """A fresh id that sorts by time (version 7, RFC 9562 section 5.7)."""
    ms = time.time_ns() // 1_000_000 if at is None else int(at.timestamp() * 1000)
    return _version7(ms, os.urandom(10))


def event_id_of(at: datetime, *parts: str) -> UUID:
    """The id that the same parts always have, so that an event that is told twice is there once."""
    return _version7(int(at.timestamp() * 1000), sha256("\x1f".join(parts).encode()).digest()[:10])


def _version7(ms: int, random: bytes) -> UUID:
    tail = int.from_bytes(random, "big")
    bits = (ms & (1 << 48) - 1) << 80 | tail
    return UUID(int=bits & ~(0xF << 76) & ~(0b11 << 62) | 0x7 << 76 | 0b10 << 62)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row of the product's log. Names and their props are in core/event_names.py; the same id is one event.

    `person` is a keyed hash (monitor/pseudonym.py) or None where nobody is to be known; ids are our own. Empty
    text: it does not apply. Times in milliseconds. `cost` is None where it is unknown, 0 where it is nothing.
    """

    name: str
    tenant: str
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    id: UUID = field(default_factory=event_id)
    assistant: str = ""
    environment: str = ""
    person: bytes | None = None
    conversation: str = ""
    task: str = ""
    turn: str = ""
    answer: str = ""
    trace: str = ""
    channel: str = ""
    language: str = ""
    topic: str = ""
    outcome: str = ""
    confidence: str = ""
    degraded: tuple[str, ...] = ()
    prompt_id: str = ""
    prompt_version: str = ""
    prompt_sha256: str = ""
    model: str = ""
    provider: str = ""
    index_version: str = ""
    code_version: str = ""
    rollout: str = ""
    holdout: bool = False
    latency_ms: int | None = None
    first_text_ms: int | None = None
    tokens_in: int | None = None
    tokens_cached: int | None = None
    tokens_out: int | None = None
    cost: Decimal | None = None
    currency: str = ""
    props: Mapping[str, Any] = field(default_factory=dict)
