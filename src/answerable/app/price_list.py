"""Which price holds for which model, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

from answerable.app.pricing import price_layers, price_table, provider_url
from answerable.app.project import Project
from answerable.llm.price import Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A model's price, and where it comes from."""

    model: str
    endpoint: str
    price: Price | None
    where: str
    version: str


def prices(settings: Project, model: str = "") -> list[Priced]:
    """The configured models' prices; with `model` that one's at every configured endpoint."""
    return [
        _listed(settings, name, model or section.model) for name, section in settings.settings.provider.items()
    ]


def _listed(settings: Project, provider: str, model: str) -> Priced:
    table = price_table(settings, provider)
    listed = table.listed(model)
    layers = price_layers(settings, provider_url(settings.settings.provider[provider]))
    source = next((layer for layer in reversed(layers) if listed in layer.file.prices), None)
    return Priced(
        model=model,
        endpoint=provider,
        price=table.find(model),
        where=source.where if source else "",
        version=source.file.version if source else "",
    )
