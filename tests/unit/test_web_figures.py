"""Numbers as each language writes them; what was not measured is a dash."""

from datetime import UTC, datetime, timedelta

import pytest

from answerable.app.provider_rows import share
from answerable.web.figures import UNKNOWN, Numbers, told
from answerable.web.messages import load

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def numbers(language="en"):
    return Numbers(language=language, say=load((language,))[language].say)


def test_few_are_shown_as_k_of_n_and_many_with_their_interval():
    assert (numbers().share(share(3, 4)), numbers().interval(share(3, 4))) == ("3 of 4", "")
    many = share(59, 60)
    assert numbers("de").share(many) == "98,3\u202f%"
    assert numbers("de").interval(many) == "91,1–99,7\u202f%, n\u00a0=\u00a060"
    assert numbers().share(share(0, 0)) == UNKNOWN


@pytest.mark.parametrize(
    ("value", "shown"), [(None, UNKNOWN), (0.4, "0\u202fms"), (9999, "9999\u202fms"), (12340, "12,3\u202fs")]
)
def test_times_are_milliseconds_up_to_ten_seconds(value, shown):
    assert numbers("es").ms(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(5, "5 s ago"), (61, "1 min ago"), (7300, "2 h ago"), (86_400, "1 day ago")]
)
def test_ages_are_told_in_their_largest_unit(seconds, shown):
    assert numbers().ago(NOON - timedelta(seconds=seconds), NOON) == shown
    assert numbers().ago(None, NOON) == UNKNOWN


def test_a_happening_tells_where_and_from_what_to_what():
    where = {"provider": "main", "endpoint": "main"}
    assert told({"props": {**where, "old": "a", "new": "b"}}) == "main: a → b"
    resolved = {**where, "asked": "x", "reported": "x-2026-05-01", "fingerprint": "fp", "alias": True}
    assert told({"props": resolved}) == "main: x → x-2026-05-01"
    assert told({"props": {**resolved, "reported": "x", "alias": False}}) == "main: x"
    assert told({"props": {"scope": "daily"}}) == "scope daily"
    refused = {**where, "reason": "it does not take our key"}
    assert told({"props": refused}) == "main: it does not take our key"
