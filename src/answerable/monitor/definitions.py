"""The metrics of production by name: what each one says, how it is reckoned, and what it cannot tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from answerable.core.errors import ConfigError
from answerable.monitor.definition import Definition
from answerable.monitor.definitions_answers import FEEDBACK, LATENCY, QUALITY, REFUSALS
from answerable.monitor.definitions_money import COST, TASK_COST, TOKENS
from answerable.monitor.definitions_service import (
    CACHE,
    CONFLICTS,
    FALLBACK,
    FRESHNESS,
    REVIEW,
    SPEED,
    STALENESS,
)
from answerable.monitor.definitions_tasks import (
    ABSTENTION,
    COMPLETION,
    CONTAINMENT,
    DEFLECTION,
    ESCALATION,
    FOLLOW_UPS,
    GAPS,
    HARM,
    SATISFACTION,
)


def registry(definitions: Iterable[Definition]) -> Mapping[str, Definition]:
    """By name. Raises ValueError for a name or a part that comes twice, and for a charted part that is none."""
    found: dict[str, Definition] = {}
    for one in definitions:
        names = [part.name for part in one.parts]
        if one.name in found or len(set(names)) < len(names) or not set(one.charted) <= set(names):
            raise ValueError(
                f"the metric {one.name} comes twice, or one of its parts, or one that is charted is none"
            )
        found[one.name] = one
    return MappingProxyType(found)


PRODUCT = registry((COMPLETION, ESCALATION, SATISFACTION, HARM, TASK_COST))  # what is looked at first
VERSIONED = registry((QUALITY, REFUSALS, LATENCY, TOKENS, COST, FEEDBACK))  # by the text of a prompt
_OTHERS = (ABSTENTION, FOLLOW_UPS, GAPS, STALENESS, FRESHNESS, CONFLICTS, DEFLECTION, CONTAINMENT, SPEED)
_HEALTH = (FALLBACK, CACHE, REVIEW)
METRICS = registry((*PRODUCT.values(), *VERSIONED.values(), *_OTHERS, *_HEALTH))


def definition(name: str) -> Definition:
    """Raises ConfigError for a metric that there is not."""
    if name not in METRICS:
        raise ConfigError(f"there is no metric {name!r}", hint=f"one of {', '.join(METRICS)}")
    return METRICS[name]
