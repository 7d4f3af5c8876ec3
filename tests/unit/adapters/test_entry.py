"""Journal entries are plain values that JSON and Postgres can hold, whatever was put into a trace."""

import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.adapters.entry import plain
from answerable.core.outcome import Outcome

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()))
    | st.dates()
    | st.decimals()
    | st.binary(),
    lambda inner: (
        st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner) | st.sets(st.text())
    ),
    max_leaves=20,
)


@given(anything)
def test_anything_becomes_strict_json_that_jsonb_takes_and_is_then_left_alone(value):
    made = plain(value)
    text = json.dumps(made, allow_nan=False)
    assert "\\u0000" not in text
    json.dumps(made, ensure_ascii=False).encode()  # no lone surrogates
    assert plain(made) == made == json.loads(text)


@given(st.text())
def test_text_without_nul_stays_as_it_is(text):
    assert plain(text) == text.replace("\x00", "\ufffd")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.float64("nan"), None),
        (math.inf, None),
        (Decimal("0.00210"), "0.00210"),
        (Outcome.CONFLICT, "conflict"),
        (date(2026, 11, 22), "2026-11-22"),
        (datetime(2026, 11, 22, tzinfo=UTC), "2026-11-22T00:00:00+00:00"),
        ({1: (2,)}, {"1": [2]}),
    ],
)
def test_each_kind_of_value_has_its_form(value, expected):
    made = plain(value)
    assert made == expected
    assert type(made) is type(expected)
