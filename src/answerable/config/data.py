"""Settings of data quality: what a look at the documents reports, and when."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from answerable.config.section import Section
from answerable.config.values import Duration


class DataSection(Section):
    """`answerable data`: when it looks, from where on it reports. docs/decisions/0130-data-quality-defaults.md"""

    conflicts: Literal["on_sync", "on_demand"] = Field(
        "on_sync",
        description="Look for contradictions after each sync that changed something, or only when asked.",
    )
    sync_documents: Annotated[int, Field(ge=1)] = Field(
        200, description="With more documents than this, on_sync leaves the search to `data conflicts`."
    )
    accepted: str = Field("data/accepted.toml", description="Findings that somebody accepted: id, reason, expiry.")
    empty_chars: Annotated[int, Field(ge=0)] = Field(80, description="A page with less text is reported as empty.")
    huge_chars: Annotated[int, Field(ge=1000)] = Field(200000, description="A page with more is reported as huge.")
    boilerplate_share: Annotated[float, Field(gt=0, le=1)] = Field(
        0.2, description="A paragraph on this share of a source's pages, 5 at least, is boilerplate."
    )
    duplicate_likeness: Annotated[float, Field(gt=0.5, le=1)] = Field(
        0.85, description="Jaccard likeness of 5-word runs from which two pages are near-duplicates."
    )
    stale_after: Duration = Field(
        730 * 86400.0, description="A page without review_by that nobody updated for so long is reported."
    )
