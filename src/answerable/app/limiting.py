"""How much may be asked and seen, from the configuration."""

from __future__ import annotations

from answerable.config import Settings
from answerable.core.bounds import Bounds


def bounds_of(settings: Settings) -> Bounds:
    """The bounds of the project."""
    limits = settings.limits
    questions = {
        "key": limits.per_key,
        "user": limits.per_user,
        "network": limits.per_network,
        "tenant": limits.per_tenant,
    }
    tokens = {
        "key": limits.per_key_tokens,
        "user": limits.per_user_tokens,
        "network": limits.per_network_tokens,
        "tenant": limits.per_tenant_tokens,
    }
    return Bounds(
        questions=questions,
        tokens=tokens,
        people=limits.people,
        passages=limits.passages,
        spent=limits.passages_spent,
        sweep=limits.sweep,
        concurrent_user=limits.concurrent_user,
        reserve_tokens=settings.answer.context_tokens + settings.answer.max_output_tokens,
        per_document=limits.document_passages,
    )
