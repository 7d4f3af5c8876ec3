"""Durations, and what is switched off instead of having one."""

from __future__ import annotations

import pytest

from answerable.config.load import load
from answerable.core.errors import ConfigError


def settings(tmp_path, text):
    path = tmp_path / "answerable.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_a_cache_and_probes_are_switched_off_by_a_word(tmp_path):
    found = settings(tmp_path, '[cache]\nexact = "off"\n[balance]\nprobe_every = "off"\n')
    assert (found.cache.exact, found.balance.probe_every) == (None, None)


def test_they_take_a_time_as_any_other_key_does(tmp_path):
    found = settings(tmp_path, '[cache]\nexact = "2h"\n[balance]\nprobe_every = "7d"\n')
    assert (found.cache.exact, found.balance.probe_every) == (7200.0, 604800.0)


@pytest.mark.parametrize("value", ['"never"', "0", "true"])
def test_what_is_neither_is_refused(tmp_path, value):
    with pytest.raises(ConfigError, match=r"cache\.exact"):
        settings(tmp_path, f"[cache]\nexact = {value}\n")


def test_proxies_are_addresses_or_networks(tmp_path):
    found = settings(tmp_path, '[server]\ntrusted_proxies = ["10.0.0.5", "fd00:1::/64"]\n')
    assert found.server.trusted_proxies == ("10.0.0.5", "fd00:1::/64")


@pytest.mark.parametrize(
    ("value", "why"),
    [("nginx", "no address"), ("0.0.0.0/0", "everybody"), ("::/0", "everybody"), ("::ffff:10.0.0.5", "IPv4")],
)
def test_what_would_fail_each_request_or_trust_everybody_is_no_proxy(tmp_path, value, why):
    with pytest.raises(ConfigError, match=why):
        settings(tmp_path, f'[server]\ntrusted_proxies = ["{value}"]\n')
