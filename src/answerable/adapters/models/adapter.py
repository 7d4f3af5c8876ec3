"""The adapter that speaks a provider's protocol."""

from __future__ import annotations

from answerable.adapters.models.anthropic import Anthropic
from answerable.adapters.models.azure import Azure
from answerable.adapters.models.http_model import HTTPModel, Observer
from answerable.adapters.models.openai_compatible import OpenAICompatible
from answerable.adapters.models.provider import Provider


def model_at(provider: Provider, *, on_rate: Observer | None = None) -> HTTPModel:
    """Opens no connection yet; close it at the end."""
    kinds = {"openai-compatible": OpenAICompatible, "azure": Azure, "anthropic": Anthropic}
    return kinds[provider.kind](provider, on_rate=on_rate)
