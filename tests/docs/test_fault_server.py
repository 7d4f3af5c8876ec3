"""The page on the fault server lists what there is."""

from __future__ import annotations

import re
from pathlib import Path

from answerable.testing.model_server import NAMED

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability" / "fault-server.md"


def test_every_behavior_is_listed_once():
    listed = re.findall(r"^\| `([\w-]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(NAMED)
