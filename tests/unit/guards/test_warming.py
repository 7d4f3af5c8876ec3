"""What is loaded before the first question, so that no guard loads it within its time."""

from __future__ import annotations

import pytest

from answerable.app.system import WARMING
from answerable.guards.phones import _library, _planned


def test_the_question_that_warms_has_the_numbering_plans_read() -> None:
    if _library() is None:
        pytest.skip("the extra pii is not installed")
    assert next(WARMING[one.start : one.end] for one in _planned(WARMING)) == "+49 30 1234567"
