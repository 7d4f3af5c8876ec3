"""Settings of the store: where the vectors lie."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from answerable.config.section import Section
from answerable.config.values import Duration, Reference


class StoreSection(Section):
    """Where the vectors lie. Texts, words and everything else are in Postgres always."""

    kind: Literal["pgvector", "qdrant", "weaviate", "pinecone"] = Field(
        "pgvector", description="pgvector: in Postgres, too; the others need their extra, e.g. answerable[qdrant]."
    )
    url: str = Field("", description="The service's address; empty for Pinecone's own.")
    grpc: str = Field("", description="For Weaviate: host:port of gRPC; empty: the same host, 50051 or 443.")
    api_key: Reference | None = Field(None, description="env:NAME or file:PATH.")
    prefix: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,23}$")] = Field(
        "answerable", description="Of the collections; two projects on one service need two."
    )
    timeout: Duration = Field(10.0, description="For one request to the service.")
    grace: Duration = Field(60.0, description="How long replaced vectors stay for searches that are under way.")
    cloud: str = Field("aws", description="For Pinecone: where an index is made that is not there.")
    region: str = Field("us-east-1", description="For Pinecone: where an index is made that is not there.")

    @model_validator(mode="after")
    def _is_somewhere(self) -> StoreSection:
        if self.kind in ("qdrant", "weaviate") and not self.url.startswith(("http://", "https://")):
            raise ValueError(f"store.kind {self.kind!r} needs store.url, an http or https address")
        if self.kind == "pinecone" and not self.api_key:
            raise ValueError("store.kind 'pinecone' needs store.api_key")
        return self
