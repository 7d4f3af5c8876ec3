"""Settings of chunking: how documents are cut."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from answerable.config.section import Section

Strategy = Literal["auto", "structure", "fixed", "semantic", "hierarchical", "email", "chat"]


class ChunkingSection(Section):
    """How documents are cut."""

    strategy: Strategy = Field(
        "structure",
        description="structure: along headings; fixed: by length; semantic: where the topic changes; hierarchical:"
        " sentences with their paragraphs and sections; email, chat: by message, by exchange; auto: as each"
        " document is.",
    )
    max_tokens: Annotated[int, Field(ge=32, le=4000)] | None = Field(
        None,
        description="In the embedding model's tokens; 500 for fixed, 800 (a section) for hierarchical, else 200.",
    )
    overlap_tokens: Annotated[int, Field(ge=0, le=1000)] = Field(50, description="Only for fixed.")
    respect: Literal["sentence", "token"] = Field("sentence", description="Only for fixed: never cut a sentence.")
