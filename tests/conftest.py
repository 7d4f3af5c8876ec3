"""What every test lives under: no address outside this machine, no provider, no key."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("here", deadline=None)  # a busy machine is no failure
settings.load_profile("here")

pytest_plugins = ["answerable.testing.models", "answerable.testing.postgres", "answerable.testing.projects"]

_KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "DATABASE_URL")
_connect = socket.socket.connect


class ReachedOutsideError(Exception):
    """A test wanted to leave this machine."""


def _guarded(self: socket.socket, address: object) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6):
        host = str(address[0]) if isinstance(address, tuple) else str(address)
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise ReachedOutsideError(f"a test tried to reach {host}; only loopback is allowed")
    _connect(self, address)  # type: ignore[arg-type]


@pytest.fixture(autouse=True, scope="session")
def _stay_on_this_machine() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", _guarded)
    for key in _KEYS:
        patch.delenv(key, raising=False)
    for name in [name for name in os.environ if name.startswith("ANSWERABLE_")]:
        patch.delenv(name)
    yield
    patch.undo()
