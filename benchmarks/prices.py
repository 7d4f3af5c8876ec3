"""Makes the shipped price tables: `uv run --with genai-prices==0.2.3 python benchmarks/prices.py`.

Taken are models that cost by text tokens alone. Left out are those that cost nothing there, by the hour, by the
request or by the time of day: no price is better than a wrong one. A name is taken only where the source's own
rules give it to the model; dated snapshots where they do so for two dates that never were.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

from genai_prices.data import providers
from genai_prices.types import ModelInfo, ModelPrice, Provider, StartDateConstraint, TieredPrices

OUT = Path(__file__).parents[1] / "src" / "answerable" / "llm" / "prices"
HOSTS = {
    "api.anthropic.com": "anthropic",
    ".openai.azure.com": "azure",
    ".services.ai.azure.com": "azure",
    ".cognitiveservices.azure.com": "azure",
    "api.cerebras.ai": "cerebras",
    "api.cohere.com": "cohere",
    "api.cohere.ai": "cohere",
    "api.fireworks.ai": "fireworks",
    "generativelanguage.googleapis.com": "google",
    "api.groq.com": "groq",
    "api.mistral.ai": "mistral",
    "api.moonshot.ai": "moonshotai",
    "api.openai.com": "openai",
    "openrouter.ai": "openrouter",
    "oai.endpoints.kepler.ai.cloud.ovh.net": "ovhcloud",
    "api.together.xyz": "together",
    "api.together.ai": "together",
    "api.voyageai.com": "voyageai",
    "api.x.ai": "x-ai",
    "api.z.ai": "zai",
}
KEYS = {
    "input_mtok": "input",
    "output_mtok": "output",
    "cache_read_mtok": "cached",
    "cache_write_mtok": "written",
}
# What a call with text alone, and without tools, is never charged for.
BESIDE = {
    "cache_write_1h_mtok", "web_searches_kcount", "storage_searches_kcount", "input_audio_mtok",
    "output_audio_mtok",
    "cache_audio_read_mtok", "input_image_mtok", "cache_image_read_mtok", "input_video_mtok",
}  # fmt: skip
NEVER = ("-2031-01-02", "-2033-11-12"), ("-20310102", "-20331112")


def main() -> None:
    OUT.mkdir(exist_ok=True)
    today = datetime.now(UTC).date()
    label = f"genai-prices {version('genai-prices')} of {today}"
    counts = {}
    for vendor in sorted(set(HOSTS.values())):
        provider = next(one for one in providers if one.id == vendor)
        entries = dict(_entries(provider, today))
        head = f"# USD per million tokens, {vendor}. Made by benchmarks/prices.py out of genai-prices (MIT).\n"
        lines = [f"{_quoted(name)} = {entry}" for name, entry in sorted(entries.items())]
        text = f'{head}version = "{label}"\n\n[model]\n' + "\n".join(lines) + "\n"
        (OUT / f"{vendor}.toml").write_text(text, encoding="utf-8")
        counts[vendor] = f"{len(entries)} of {len(provider.models)}, {len(text)} bytes"
    hosts = "\n".join(f"{_quoted(host)} = {_quoted(vendor)}" for host, vendor in HOSTS.items())
    (OUT / "hosts.toml").write_text(
        f"# Whose endpoints are where. Made by benchmarks/prices.py.\n[host]\n{hosts}\n", encoding="utf-8"
    )
    sys.stdout.write("\n".join(f"{vendor}: {count}" for vendor, count in counts.items()) + "\n")


def _entries(provider: Provider, today: date) -> Iterator[tuple[str, str]]:
    """By name, as inline tables."""
    others = [one for one in providers if one.id in (provider.fallback_model_providers or ())]
    seen: set[str] = set()
    for source in (provider, *others):
        for model in source.models:
            names = [name for name in _names(model) if _found(provider, name) is model and name not in seen]
            prices = _periods(model, today)
            if not names or prices is None:
                continue
            seen |= set(names)
            dated = [name for name in names if _is_dated(provider, model, name)]
            for several, snapshots in ((dated, True), ([name for name in names if name not in dated], False)):
                if several:
                    yield several[0], _inline(prices, also=several[1:], dated=snapshots)


def _is_dated(provider: Provider, model: ModelInfo, name: str) -> bool:
    """Whether a snapshot of any date goes by this name and costs the same."""
    return any(all(_found(provider, name + day) is model for day in kind) for kind in NEVER)


def _found(provider: Provider, name: str) -> ModelInfo | None:
    return provider.find_model(name, all_providers=providers)


def _names(model: ModelInfo) -> list[str]:
    """The id, and every whole name and beginning of a name that its rules speak of; lower case only."""
    found = [model.id]
    todo: list[Any] = [model.match]
    while todo:
        clause = todo.pop(0)
        todo += getattr(clause, "or_", [])
        for key in ("equals", "starts_with"):
            found += [getattr(clause, key)] if hasattr(clause, key) else []
    return [name for name in dict.fromkeys(found) if name == name.strip("-:/.@ ")]


def _periods(model: ModelInfo, today: date) -> list[tuple[date | None, dict[str, Any]]] | None:
    """What holds now, then what is announced; None where tokens alone do not tell the price."""
    if isinstance(model.prices, ModelPrice):
        found = [(None, model.prices)]
    else:
        found = []
        for one in model.prices:
            if one.constraint is not None and not isinstance(one.constraint, StartDateConstraint):
                return None
            start = one.constraint.start_date if one.constraint else None
            if start is None or start <= today:
                found, start = [], None
            found.append((start, one.prices))
    rates = [(start, _rates(prices)) for start, prices in found]
    return None if any(each is None for _, each in rates) else [(start, each) for start, each in rates if each]


def _rates(prices: ModelPrice) -> dict[str, Any] | None:
    given = {key: value for key, value in vars(prices).items() if value is not None}
    if "input_mtok" not in given or set(given) - set(KEYS) - BESIDE:
        return None
    rates = {KEYS[key]: value for key, value in given.items() if key in KEYS}
    return rates if any(map(_positive, rates.values())) else None


def _positive(value: Decimal | TieredPrices) -> bool:
    return (value.base if isinstance(value, TieredPrices) else value) > 0


def _inline(periods: list[tuple[date | None, dict[str, Any]]], *, also: list[str], dated: bool) -> str:
    parts = _parts(periods[0][1])
    parts += ["dated = true"] if dated else []
    parts += [f"also = [{', '.join(map(_quoted, also))}]"] if also else []
    later = [f"{{ start = {start}, {', '.join(_parts(rates))} }}" for start, rates in periods[1:]]
    parts += [f"later = [{', '.join(later)}]"] if later else []
    return f"{{ {', '.join(parts)} }}"


def _parts(rates: dict[str, Any]) -> list[str]:
    bases = {key: value.base if isinstance(value, TieredPrices) else value for key, value in rates.items()}
    parts = [f"{key} = {value}" for key, value in bases.items()]
    starts = sorted({tier.start for one in rates.values() if isinstance(one, TieredPrices) for tier in one.tiers})
    tiers = []
    for start in starts:
        above = {key: _above(one, start) for key, one in rates.items()}
        tiers.append(f"{{ tokens = {start}, {', '.join(f'{key} = {value}' for key, value in above.items())} }}")
    return parts + ([f"above = [{', '.join(tiers)}]"] if tiers else [])


def _above(price: Decimal | TieredPrices, tokens: int) -> Decimal:
    if not isinstance(price, TieredPrices):
        return price
    return next((tier.price for tier in reversed(price.tiers) if tier.start <= tokens), price.base)


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


if __name__ == "__main__":
    main()
