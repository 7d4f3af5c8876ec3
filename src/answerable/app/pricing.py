"""The price table of each of a project's models: shipped by vendor, then an own file, then the configuration."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlsplit

from answerable.adapters.models.provider import ANTHROPIC_URL
from answerable.adapters.rerankers.shapes import SHAPES
from answerable.app.project import Project
from answerable.config.gateway import ProviderSection
from answerable.core.errors import ConfigError
from answerable.core.identity import sha256_hex
from answerable.llm.price import Price, PriceTable
from answerable.llm.price_file import PriceFile, read_prices, shipped_prices

SHIPPED_CURRENCY = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A part of a table, and where it comes from."""

    where: str
    file: PriceFile


def price_table(project: Project, provider: str) -> PriceTable:
    """What the models behind a [provider.NAME] cost. A model that is not in it has no cost, not a cost of 0.

    Raises ConfigError for a price file that is none.
    """
    section = project.settings.provider[provider]
    return table_at(project, provider_url(section), otherwise=section.price)


def table_at(project: Project, url: str, *, otherwise: str = "") -> PriceTable:
    """What models at an address cost: a vendor's shipped prices hold at its own endpoints, and nowhere else."""
    layers = price_layers(project, url)
    prices: dict[str, Price] = {}
    dated: set[str] = set()
    for layer in layers:
        prices |= layer.file.prices
        dated = (dated - set(layer.file.prices)) | layer.file.dated
    return PriceTable(
        prices=prices,
        currency=project.settings.budget.currency,
        version="; ".join(f"{layer.where} {layer.file.version}" for layer in layers),
        dated=frozenset(dated),
        otherwise=otherwise,
    )


def price_layers(project: Project, url: str) -> list[Layer]:
    """From the weakest to the strongest. The shipped ones are in dollars, and left out for another currency."""
    layers = []
    shipped = shipped_prices(urlsplit(url).hostname or "")
    if shipped is not None and project.settings.budget.currency == SHIPPED_CURRENCY:
        layers.append(Layer(where="shipped", file=shipped))
    if own := project.settings.budget.prices:
        layers.append(Layer(where=own, file=_own_file(project, own)))
    if project.settings.price:
        layers.append(Layer(where="config", file=_configured(project)))
    return layers


def unpriced_models(project: Project) -> dict[str, str]:
    """Configured models without a price, with what they are for: a provider's name, `embedding` or a reranker."""
    found = {}
    for name, section in project.settings.provider.items():
        if price_table(project, name).find(section.model) is None:
            found[name] = section.model
    embedding = project.settings.embedding
    model = embedding.model.partition(":")[2]
    if embedding.base_url and table_at(project, embedding.base_url).find(model) is None:
        found["embedding"] = model
    for name, reranker in project.settings.reranker.items():
        if reranker.kind == "http" and (model := reranker.model or ""):
            url = reranker.base_url or SHAPES[reranker.shape or ""].base_url
            if table_at(project, url).find(model) is None:
                found[f"reranker {name}"] = model
    return found


def provider_url(section: ProviderSection) -> str:
    """Where its endpoints are; of several the first."""
    given = section.base_url or next(iter(section.base_urls), "")
    return given or (ANTHROPIC_URL if section.kind == "anthropic" else "")


def _own_file(project: Project, named: str) -> PriceFile:
    path = project.path(named)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"budget.prices names {path}, which cannot be read", hint=f"{error}") from error
    return read_prices(text, where=named)


def _configured(project: Project) -> PriceFile:
    sections = project.settings.price
    prices: Mapping[str, Price] = {
        name: Price(
            input=Decimal(str(one.input)),
            output=Decimal(str(one.output)),
            cached=_decimal(one.cached),
            written=_decimal(one.written),
            search=_decimal(one.search),
        )
        for name, one in sections.items()
    }
    text = json.dumps({name: one.model_dump() for name, one in sections.items()}, sort_keys=True)
    return PriceFile(version=sha256_hex(text)[:8], prices=prices, dated=frozenset())


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))
