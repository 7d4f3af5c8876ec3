"""Fixtures for tests that talk to a model over a real socket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from answerable.testing.model_server.server import ModelServer


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    """A scripted model server that answers from the context with correct citations until told otherwise."""
    with ModelServer() as server:
        yield server
