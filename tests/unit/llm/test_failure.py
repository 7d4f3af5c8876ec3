"""Foreign failures become ours, and no key comes along."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.adapters.models.complaint import read_complaint
from answerable.adapters.models.failure import MAX_DETAIL, retry_after_s, scrubbed, status_error
from answerable.adapters.models.provider import Provider
from answerable.core.errors import ConfigError, PermanentModelError, TransientModelError

KEY = "sk-proj-AbCdEf0123456789"


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
def test_what_may_pass_is_transient(status):
    error = status_error("main", status, {"retry-after": "3"}, b"{}", key=KEY)
    assert isinstance(error, TransientModelError)
    assert (error.status, error.retry_after_s) == (status, 3.0)


@pytest.mark.parametrize("status", [301, 307, 400, 401, 403, 404, 413, 422])
def test_what_stays_wrong_is_permanent(status):
    error = status_error("main", status, {}, b"{}", key=KEY)
    assert isinstance(error, PermanentModelError)
    assert error.status == status


def test_a_redirect_is_named_as_what_it_is():
    assert "redirects are not followed" in str(status_error("main", 302, {}, b"", key=""))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": {"message": "too long", "type": "x"}}, "too long"),
        ({"type": "error", "error": {"type": "x", "message": "overloaded"}}, "overloaded"),
        ({"error": "model not found"}, "model not found"),
        ({"detail": "nope"}, "nope"),
        ({"message": "no"}, "no"),
    ],
)
def test_the_providers_words_are_found(body, message):
    assert read_complaint(json.dumps(body).encode()).message == message


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"[1]", b'{"error": 7}', b"\xff\xfe{"])
def test_an_unknown_shape_is_shown_as_it_is(body):
    assert read_complaint(body).message == body.decode("utf-8", "replace")


@pytest.mark.parametrize(
    "text",
    [
        f"Incorrect API key provided: {KEY}.",
        "Incorrect API key provided: sk-proj-********6789.",
        "Incorrect key: abcd****6789",
        f"header was Authorization: Bearer {KEY}",
        "key-1234567890 is wrong",
        f"token {'a1B2' * 12}",
    ],
)
def test_nothing_that_looks_like_a_key_stays(text):
    said = scrubbed(text, key=KEY)
    assert "6789" not in said
    assert "a1B2a1B2" not in said
    assert "***" in said


@given(st.text(max_size=600))
def test_words_are_short_on_one_line_and_without_the_key(text):
    said = scrubbed(text + "hunter2-key-of-ours", key="hunter2-key-of-ours")
    assert len(said) <= MAX_DETAIL
    assert "\n" not in said
    assert "hunter2-key-of-ours" not in said


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:30 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry-after": "Sun, 22 Nov 2026 09:00:00 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 0.0),
    ],
)
def test_retry_after_is_understood(headers, seconds):
    assert retry_after_s(headers) == seconds


def test_a_date_without_the_providers_clock_is_measured_by_ours():
    then = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert retry_after_s({"retry-after": then}) == pytest.approx(3600, abs=60)


def provider(**values: str) -> Provider:
    return Provider(
        **{"name": "main", "kind": "openai-compatible", "model": "m", "base_url": "http://x/v1", **values}
    )


def test_a_provider_never_shows_its_key():
    assert KEY not in repr(provider(api_key=KEY))


@pytest.mark.parametrize("url", ["", "ftp://x", "api.example.com/v1", "http://"])
def test_a_base_url_must_be_an_address(url):
    with pytest.raises(ConfigError, match="base_url"):
        provider(base_url=url)


@pytest.mark.parametrize("key", ["sk 1", "sk\r\nx: y", "schlüssel", "sk\n"])
def test_a_key_that_no_header_carries_is_refused_unseen(key):
    with pytest.raises(ConfigError) as caught:
        provider(api_key=key)
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "given", "url"),
    [
        ("openai-compatible", "http://x/v1/", "http://x/v1"),
        ("anthropic", "http://x/v1", "http://x"),
        ("anthropic", "", "https://api.anthropic.com"),
    ],
)
def test_the_url_fits_the_protocols_paths(kind, given, url):
    assert provider(kind=kind, base_url=given).url == url
