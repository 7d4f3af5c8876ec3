"""A prompt and a way to read streams."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from answerable.core.completion import Completion
from answerable.core.prompt import Rendered


@pytest.fixture
def prompt() -> Rendered:
    return Rendered(prompt_id="p", version="1.0.0", sha256="0" * 64, system="S", user="U", question="Q")


@pytest.fixture
def read():
    async def read(stream: AsyncIterator[str | Completion]) -> tuple[str, Completion]:
        *pieces, last = [piece async for piece in stream]
        return "".join(pieces), last

    return read
