"""Rate limits are read from the headers of every provider that tells them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.adapters.models.rates import rate_limit
from answerable.core.rate import RateLimit

DATE = {"date": "Sun, 22 Nov 2026 12:00:00 GMT"}


@pytest.mark.parametrize(
    ("headers", "requests", "tokens", "reset_s"),
    [
        ({"x-ratelimit-remaining-requests": "42", "x-ratelimit-reset-requests": "1s",
          "x-ratelimit-remaining-tokens": "18000", "x-ratelimit-reset-tokens": "6m0s"}, 42, 18000, 360.0),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2.5s",
          "x-ratelimit-remaining-tokens": "18000", "x-ratelimit-reset-tokens": "6m0s"}, 0, 18000, 2.5),
        ({"x-ratelimit-remaining-tokens": "5", "x-ratelimit-reset-tokens": "1h2m3.5s"}, None, 5, 3723.5),
        ({"x-ratelimit-remaining-tokens": "5", "x-ratelimit-reset-tokens": "20ms"}, None, 5, 0.02),
        ({"x-ratelimit-remaining-req-minute": "3", "x-ratelimit-remaining-tokens-minute": "7"}, 3, 7, None),
        ({"x-ratelimit-remaining-requests-day": "90", "x-ratelimit-remaining-requests-minute": "2",
          "x-ratelimit-reset-requests-minute": "12.5"}, 2, None, 12.5),
        ({"anthropic-ratelimit-requests-remaining": "49", "anthropic-ratelimit-input-tokens-remaining": "30000",
          "anthropic-ratelimit-output-tokens-remaining": "8000",
          "anthropic-ratelimit-output-tokens-reset": "2026-11-22T12:00:30Z", **DATE}, 49, 8000, 30.0),
        ({"x-ratelimit-remaining": "9", "x-ratelimit-reset": "1795348860000", **DATE}, 9, None, 60.0),
        ({"ratelimit-remaining": "9", "ratelimit-reset": "50"}, 9, None, 50.0),
        ({"ratelimit": '"default";r=50;t=30'}, 50, None, 30.0),
        ({"ratelimit": "limit=100, remaining=50, reset=5"}, 50, None, 5.0),
        ({"retry-after-ms": "1500"}, None, None, 1.5),
        ({"x-ratelimit-remaining-requests": "0", "retry-after": "20"}, 0, None, 20.0),
        ({"x-ratelimit-remaining-requests": "many", "x-ratelimit-reset-requests": "soon", "retry-after": "3"},
         None, None, 3.0),
    ],
)  # fmt: skip
def test_each_form_is_read(headers, requests, tokens, reset_s):
    limit = rate_limit(headers)
    assert limit is not None
    assert (limit.remaining_requests, limit.remaining_tokens) == (requests, tokens)
    assert limit.reset_s == (None if reset_s is None else pytest.approx(reset_s))


def test_headers_that_say_nothing_give_nothing():
    assert rate_limit({"content-type": "text/event-stream", "x-ratelimit-limit-requests": "500"}) is None


@given(st.sampled_from(["x-ratelimit-reset-tokens", "x-ratelimit-remaining-requests", "ratelimit"]), st.text())
def test_no_header_is_an_error(name, value):
    limit = rate_limit({name: value})
    assert limit is None or isinstance(limit, RateLimit)
    assert limit is None or (limit.remaining_requests or 0) >= 0
