"""Settings of chunking: how documents are cut."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from answerable.config.section import Section


class ChunkingSection(Section):
    """How documents are cut."""

    strategy: Literal["structure", "fixed"] = Field("structure", description="Along headings, or by length.")
    max_tokens: Annotated[int, Field(ge=32, le=4000)] | None = Field(
        None, description="In the embedding model's tokens; 200 for structure, 500 for fixed."
    )
    overlap_tokens: Annotated[int, Field(ge=0, le=1000)] = Field(50, description="Only for fixed.")
    respect: Literal["sentence", "token"] = Field("sentence", description="Only for fixed: never cut a sentence.")
