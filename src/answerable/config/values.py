"""The kinds of values a configuration has beyond TOML's own: durations and references to secrets."""

from __future__ import annotations

import os
import re
from ipaddress import IPv6Network, ip_network
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

from answerable.core.errors import ConfigError
from answerable.core.toll import Rate

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def parse_duration(value: object) -> float:
    """Seconds, from `4s`, `200ms`, `5m`, `24h`, `90d` or a plain number of seconds. Raises ValueError."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return float(value)
    match = _DURATION.fullmatch(str(value).strip())
    if match is None or float(match.group(1)) <= 0:
        raise ValueError(f"{value!r} is no duration; write for example 4s, 200ms, 5m, 24h or 90d")
    return float(match.group(1)) * _SECONDS[match.group(2)]


def check_reference(value: object) -> str:
    """A reference to a secret: `env:NAME` or `file:PATH`; a bare secret is refused. Raises ValueError."""
    text = str(value)
    if not text.startswith(("env:", "file:")):
        raise ValueError("a secret does not belong into the file; write env:NAME or file:PATH")
    return text


def check_address(value: object) -> str:
    """A database address, bare where it holds no password, or a reference to one. Raises ValueError."""
    text = str(value)
    if text.startswith(("env:", "file:")) or not re.search(r"://[^/@]*:[^/@]*@", text):
        return text
    raise ValueError("an address with a password does not belong into the file; write env:NAME or file:PATH")


def check_web_address(value: object) -> str:
    """Where an HTTP service listens; empty stands for the vendor's own. Raises ValueError."""
    text = str(value)
    if text and not re.match(r"https?://[^/\s]", text):
        raise ValueError(f"{text!r} is no http(s) address; write for example https://api.example.com/v1")
    return text


def check_network(value: object) -> str:
    """An address or a network of a proxy, e.g. 10.0.0.5 or fd00:1::/64. Raises ValueError."""
    text = str(value).strip()
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"{text!r} is no address or network; write for example 10.0.0.5 or fd00:1::/64") from None
    if not network.prefixlen:
        raise ValueError(f"{text!r} is everybody, who could then say to be anybody; name the proxies alone")
    if isinstance(network, IPv6Network) and network.network_address.ipv4_mapped is not None:
        raise ValueError(f"{text!r} is an IPv4 address inside of IPv6; write it as 10.0.0.5")
    return text


def parse_duration_or_off(value: object) -> float | None:
    """The same, or None for `off`. Raises ValueError."""
    return None if value is None or str(value).strip() in ("off", "") else parse_duration(value)


_RATE = re.compile(r"(\d+(?:\.\d+)?)\s*([kM]?)\s*/\s*(\d*)\s*(s|min|h|d|day)")
_THOUSANDS = {"": 1.0, "k": 1e3, "M": 1e6}
_PERIOD_S = {"s": 1, "min": 60, "h": 3600, "d": 86400, "day": 86400}


def parse_rates(value: object) -> tuple[Rate, ...]:
    """`20/min, 300/day`, `200k/h`, `1000/30d`; none for `off` or nothing. Raises ValueError."""
    if isinstance(value, tuple) and all(isinstance(one, Rate) for one in value):
        return value
    text = str(value).strip()
    return () if text in ("", "off") else tuple(_rate(one.strip()) for one in text.split(","))


def _rate(text: str) -> Rate:
    match = _RATE.fullmatch(text)
    if match is None or not float(match.group(1)) or match.group(3) == "0":
        raise ValueError(f"{text!r} is no rate; write for example 20/min, 300/day, 200k/h, 1000/30d or off")
    many, thousands, periods, unit = match.groups()
    return Rate(most=float(many) * _THOUSANDS[thousands], period_s=int(periods or 1) * _PERIOD_S[unit])


def rates_text(rates: tuple[Rate, ...]) -> str:
    """As it stands in a file."""
    return ", ".join(f"{one.most:g}/{_period_text(one.period_s)}" for one in rates) or "off"


def _period_text(seconds: int) -> str:
    unit = next(one for one in ("day", "h", "min", "s") if seconds % _PERIOD_S[one] == 0)
    many = seconds // _PERIOD_S[unit]
    return f"{many if many > 1 else ''}{unit if many == 1 or unit != 'day' else 'd'}"


Rates = Annotated[tuple[Rate, ...], BeforeValidator(parse_rates), PlainSerializer(rates_text, return_type=str)]
Duration = Annotated[float, BeforeValidator(parse_duration)]
OptionalDuration = Annotated[float | None, BeforeValidator(parse_duration_or_off)]
Network = Annotated[str, BeforeValidator(check_network)]
Reference = Annotated[str, BeforeValidator(check_reference)]
Address = Annotated[str, BeforeValidator(check_address)]
WebAddress = Annotated[str, BeforeValidator(check_web_address)]


def resolve(reference: str, *, base: Path) -> str:
    """What a reference stands for; anything else stands for itself. Raises ConfigError naming what is missing."""
    kind, _, rest = reference.partition(":")
    if kind == "env":
        value = os.environ.get(rest)
        if not value:
            raise ConfigError(f"the environment variable {rest} is not set", hint=f"export {rest}=…")
        return value
    if kind == "file":
        path = (base / rest).expanduser()
        try:
            return path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(f"cannot read the secret file {path}: {error.strerror}") from error
    return reference
