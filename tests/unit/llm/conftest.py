"""A prompt and a way to read streams."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from answerable.core.completion import Completion
from answerable.core.prompt import Rendered
from answerable.testing.prompts import sealed


@pytest.fixture
def prompt() -> Rendered:
    return replace(sealed("U", system="S"), question="Q")


@pytest.fixture
def read():
    async def read(stream: AsyncIterator[str | Completion]) -> tuple[str, Completion]:
        *pieces, last = [piece async for piece in stream]
        return "".join(pieces), last

    return read
