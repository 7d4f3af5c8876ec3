"""Settings of retrieval: the embedding model, how passages are found, and what orders them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from answerable.config.section import Section
from answerable.config.values import Duration, Reference


class EmbeddingSection(Section):
    """The embedding model."""

    model: str = Field("local:default", description="local:default, local:int8, or openai:MODEL with base_url.")
    path: str | None = Field(None, description="A folder with model.safetensors and tokenizer.json.")
    base_url: str | None = Field(None, description="For openai: any endpoint that speaks /v1/embeddings.")
    api_key: Reference | None = Field(None, description="env:NAME or file:PATH.")
    dim: Annotated[int, Field(ge=8, le=4000)] | None = Field(None, description="For openai: the dimension.")
    adapter: str | None = Field(None, description="A file of `lab embedding --adapt`.")
    adapter_at: Literal["query", "both"] = Field("query", description="Where it is applied; both: ingest again.")


class RetrievalSection(Section):
    """How passages are found."""

    mode: Literal["hybrid", "dense", "lexical"] = Field("hybrid", description="Which arms search.")
    top_k: Annotated[int, Field(ge=1, le=100)] = Field(10, description="Candidates after re-ranking.")
    keep: Annotated[int, Field(ge=1, le=50)] = Field(5, description="Passages an answer may use.")
    dense_weight: Annotated[float, Field(ge=0, le=1)] = Field(0.5, description="Of the dense arm in the fusion.")
    typo_tolerance: bool = Field(True, description="Read unknown words of a question as the index spells them.")
    decompose: Literal["auto", "off"] = Field("auto", description="Search each part of a question apart, too.")
    per_document: Annotated[int, Field(ge=1, le=50)] | None = Field(
        None,
        description="Kept passages of one document at most; no limit when not given.",
    )
    smoothing: Annotated[float, Field(ge=0, le=1)] = Field(
        0.3, description="How much of its neighbors' scores a passage takes."
    )
    reranker: str = Field("late", description="late, proximity, none, or the NAME of a [reranker.NAME].")
    rerank_budget: Duration = Field(1.0, description="For reranking; past it the fused order stands.")
    filter: dict[str, str | list[str]] = Field({"status": "published"}, description="Always inside the query.")
