"""Settings of the cache of replies."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from answerable.config.section import Section
from answerable.config.values import OptionalDuration


class SemanticSection(Section):
    """Replies to questions that mean the same. Off until `lab cache` has told how often it errs."""

    enabled: bool = Field(False, description="Needs a cache.lock that fits; `lab cache` writes it.")
    threshold: Annotated[float, Field(gt=0, le=1)] = Field(0.97, description="Least cosine of two questions.")


class CacheSection(Section):
    """Replies that need no second call."""

    exact: OptionalDuration = Field(
        86400.0, description="How long a reply serves for the same context; off: never."
    )
    semantic: SemanticSection = SemanticSection()
