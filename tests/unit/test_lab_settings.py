"""What the lab is asked to compare is refused with a reason where it cannot be made."""

from __future__ import annotations

import pytest

from answerable.app.lab_settings import chunkings
from answerable.config import Settings
from answerable.core.errors import ConfigError


@pytest.mark.parametrize("size", [0, -1, 10_000_000])
def test_a_size_that_no_strategy_takes_is_named(size):
    base = Settings.model_validate({"project": {"name": "x"}, "source": [{"id": "a", "uri": "a"}]})
    with pytest.raises(ConfigError, match=str(size)):
        chunkings(base, "a", strategies=["structure"], sizes=[size])
