"""Price tables as TOML files: the shipped ones, one a vendor, and a project's own in the same form."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from answerable.core.errors import ConfigError
from answerable.core.identity import sha256_hex
from answerable.llm.price import Price

Money = Annotated[Decimal, Field(ge=0)]


class _Rates(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    input: Money
    output: Money = Decimal(0)
    cached: Money | None = None
    written: Money | None = None
    search: Money | None = None

    def price(self) -> Price:
        return Price(
            input=self.input, output=self.output, cached=self.cached, written=self.written, search=self.search
        )


class _Above(_Rates):
    tokens: Annotated[int, Field(gt=0)]


class _Tiered(_Rates):
    above: tuple[_Above, ...] = ()

    def price(self) -> Price:
        base = super().price()
        tiers = sorted(self.above, key=lambda one: one.tokens)
        return Price(
            input=base.input,
            output=base.output,
            cached=base.cached,
            written=base.written,
            search=base.search,
            above=tuple((one.tokens, one.price()) for one in tiers),
        )


class _Later(_Tiered):
    start: date


class _Listed(_Tiered):
    dated: bool = False
    also: tuple[str, ...] = ()
    later: tuple[_Later, ...] = ()


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = ""
    model: dict[str, _Listed]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFile:
    """What a file says. `dated`: names whose dated snapshots cost the same."""

    version: str
    prices: Mapping[str, Price]
    dated: frozenset[str]


def read_prices(text: str, *, where: str) -> PriceFile:
    """A file's table; without a version of its own it goes by its content. Raises ConfigError naming `where`."""
    try:
        found = _File.model_validate(tomllib.loads(text, parse_float=Decimal))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{where}: {error}", hint="it holds [model] with NAME = { input = …, output = … }"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError(
            f"{where}: {key}: {first['msg']}", hint="money per million tokens; search: per thousand"
        ) from error
    prices: dict[str, Price] = {}
    dated: set[str] = set()
    for name, one in found.model.items():
        for each in (name, *one.also):
            if each in prices:
                raise ConfigError(f"{where}: {each!r} has two prices", hint="leave one of them out")
            prices[each] = _with_later(one)
            dated |= {each} if one.dated else set()
    return PriceFile(version=found.version or sha256_hex(text)[:12], prices=prices, dated=frozenset(dated))


def _with_later(one: _Listed) -> Price:
    bare = one.price()
    later = sorted(one.later, key=lambda each: each.start)
    return Price(
        input=bare.input,
        output=bare.output,
        cached=bare.cached,
        written=bare.written,
        search=bare.search,
        above=bare.above,
        later=tuple((each.start, each.price()) for each in later),
    )


def shipped_prices(host: str) -> PriceFile | None:
    """The table of the vendor whose endpoints are at this host; None for any other host: it may cost anything."""
    vendor = next((name for end, name in _vendors().items() if _is_at(host, end)), None)
    return None if vendor is None else _vendor(vendor)


def _is_at(host: str, end: str) -> bool:
    return host == end or (end.startswith(".") and host.endswith(end))


@cache
def _vendors() -> Mapping[str, str]:
    """By host; one that begins with a dot stands for all hosts that end so."""
    found: dict[str, str] = tomllib.loads((_folder() / "hosts.toml").read_text(encoding="utf-8"))["host"]
    return found


@cache
def _vendor(name: str) -> PriceFile:
    return read_prices((_folder() / f"{name}.toml").read_text(encoding="utf-8"), where=f"{name}.toml")


def _folder() -> Traversable:
    return resources.files(__package__) / "prices"
