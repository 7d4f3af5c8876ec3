"""What a target may be called: its name is written to runs, reports and bundles."""

from __future__ import annotations

from typing import cast

import pytest

from answerable.app.system import System
from answerable.app.targets import Aim, open_target
from answerable.core.errors import ConfigError


async def test_a_password_in_an_address_is_refused_and_not_repeated():
    nothing = cast(System, None)  # it is refused before anything is looked at
    with pytest.raises(ConfigError, match="no password") as caught:
        async with open_target(nothing, Aim(target="https://ann:s3cret@example.test/v1")):
            pass
    assert "s3cret" not in str(caught.value)
