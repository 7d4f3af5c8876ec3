"""Whose address a request has, and what form a question has."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from starlette.requests import Request

from answerable.api.networks import address_of, network_of
from answerable.config import Settings
from answerable.config.values import parse_rates, rates_text
from answerable.core.toll import Rate
from answerable.text.shapes import question_shape

PROXIES = ("10.0.0.0/8", "192.0.2.7")


def request(peer: str, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    return Request({"type": "http", "client": (peer, 1), "headers": headers})


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.5", (), "203.0.113.5"),
        ("203.0.113.5", ("198.51.100.1",), "203.0.113.5"),  # nobody believes a stranger
        ("10.1.2.3", ("198.51.100.1",), "198.51.100.1"),
        ("10.1.2.3", ("6.6.6.6, 198.51.100.1, 192.0.2.7",), "198.51.100.1"),
        ("10.1.2.3", ("6.6.6.6", "198.51.100.1"), "198.51.100.1"),
        ("10.1.2.3", ("10.9.9.9",), "10.1.2.3"),
        ("10.1.2.3", (" ,",), "10.1.2.3"),
    ],
)
def test_only_what_a_trusted_proxy_added_says_where_a_request_came_from(
    peer: str, forwarded: tuple[str, ...], address: str
) -> None:
    assert address_of(request(peer, *forwarded), trusted=PROXIES) == address


def test_a_network_is_an_ipv4_address_or_the_64_of_an_ipv6_one() -> None:
    assert network_of("203.0.113.5") == network_of("::ffff:203.0.113.5") == "203.0.113.5"
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9") != network_of("2001:db8:1:3::1")
    assert network_of("' or 1=1") == network_of("") == "unknown"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What does the manual say about pumps?", "What does the manual say about green blue cars?"),
        ("Tell me everything about Ada Lovelace", "tell me everything about   Grace-Hopper"),
        ("Wie lange dauert der Versand nach Norwegen?", "Wie lange dauert der Umtausch nach Schweden?"),
    ],
)
def test_questions_of_one_template_have_one_shape(one: str, other: str) -> None:
    assert question_shape(one) == question_shape(other)


def test_other_questions_and_searches_for_words_have_shapes_of_their_own() -> None:
    told = ["What is the price?", "How much is it?", "Who can return it and when?", "returns policy", "price list"]
    assert len({question_shape(one) for one in told}) == 5


def test_rates_are_read_and_written_as_people_write_them() -> None:
    assert parse_rates("20/min, 300/day") == (Rate(most=20, period_s=60), Rate(most=300, period_s=86400))
    assert parse_rates("200k/h") == (Rate(most=200_000, period_s=3600),)
    assert parse_rates("1000/30d") == (Rate(most=1000, period_s=30 * 86400),)
    assert parse_rates("off") == parse_rates("") == ()
    assert rates_text(parse_rates("20/min, 300/day, 1500/30d")) == "20/min, 300/day, 1500/30d"
    assert rates_text(()) == "off"


@pytest.mark.parametrize("value", ["20", "0/min", "-1/min", "20/week", "20/0min", "many/min", "20/min;3/h"])
def test_what_is_no_rate_is_refused_with_an_example(value: str) -> None:
    with pytest.raises(ValidationError, match="20/min"):
        Settings.model_validate({"limits": {"per_user": value}})


def test_limits_survive_being_written_and_read_again() -> None:
    settings = Settings.model_validate({"limits": {"people": {"batch": "600/min"}, "per_key": "off"}})
    again = Settings.model_validate(settings.model_dump(mode="json", by_alias=True))
    assert again.limits == settings.limits
