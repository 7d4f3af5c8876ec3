"""Settings of one reranker: a local model, an API, a language model, learned weights, or a function of yours."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from answerable.config.section import Section
from answerable.config.values import Duration, Reference

SHIPPED_RERANKERS = ("late", "proximity", "none")  # what retrieval.reranker may name without a table
_SHA256 = r"^[0-9a-f]{64}$"
Sha256 = Annotated[str, Field(pattern=_SHA256)]

_NEEDS = {
    "http": (("shape",),),
    "learned": (("path",),),
    "function": (("target",),),
    "cross-encoder": (("path", "model"),),
    "llm": (),
}
_TAKES = {
    "http": {"shape", "base_url", "api_key", "model", "timeout", "depth"},
    "learned": {"path"},
    "function": {"target", "depth"},
    "cross-encoder": {"path", "model", "revision", "sha256", "engine", "max_tokens", "workers", "depth"},
    "llm": {"prompt", "depth"},
}


class RerankerSection(Section):
    """One reranker; retrieval.reranker names it."""

    kind: Literal["cross-encoder", "http", "llm", "learned", "function"] = Field(description="What it is.")
    path: str | None = Field(
        None, description="cross-encoder: a folder with model.onnx and tokenizer.json; learned: the weights' file."
    )
    model: str | None = Field(None, description="http: the API's name; cross-encoder: a repository on the hub.")
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = Field(
        None, description="cross-encoder from the hub: the commit."
    )
    sha256: dict[str, Sha256] = Field({}, description="cross-encoder: file in the repository → its SHA-256.")
    engine: Literal["onnx", "sentence-transformers"] = Field("onnx", description="What runs a cross-encoder.")
    max_tokens: Annotated[int, Field(ge=32, le=8192)] = Field(512, description="Of a pair; the rest is cut.")
    workers: Annotated[int, Field(ge=1, le=64)] = Field(2, description="Threads of a cross-encoder.")
    shape: Literal["cohere", "jina", "voyage", "tei"] | None = Field(None, description="http: the API's form.")
    base_url: str | None = Field(None, description="http: up to /rerank; the vendor's own when empty.")
    api_key: Reference | None = Field(None, description="http: env:NAME or file:PATH.")
    timeout: Duration = Field(1.0, description="http: for the request; retrieval.rerank_budget holds besides.")
    prompt: str | None = Field(
        None, description="llm: a prompt file; empty: prompts/rerank.md, or the shipped one."
    )
    target: str | None = Field(None, description="function: FILE.py:FUNCTION in the project folder.")
    depth: Annotated[int, Field(ge=1, le=100)] | None = Field(None, description="Passages it orders anew.")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> RerankerSection:
        for names in _NEEDS[self.kind]:
            if not any(getattr(self, name) for name in names):
                raise ValueError(f"a reranker of kind {self.kind!r} needs {' or '.join(names)}")
        if extra := sorted(self.model_fields_set - _TAKES[self.kind] - {"kind"}):
            raise ValueError(f"a reranker of kind {self.kind!r} has no {extra[0]}")
        if self.kind == "http" and self.shape == "tei" and not self.base_url:
            raise ValueError("a tei server has no common address: set base_url")
        if self.kind == "http" and self.shape != "tei" and not self.model:
            raise ValueError(f"shape {self.shape!r} needs model")
        if self.kind == "cross-encoder":
            self._fits_the_hub()
        return self

    def _fits_the_hub(self) -> None:
        if not self.model:
            return
        files = tuple(self.sha256)
        whole = "tokenizer.json" in files and sum(one.endswith(".onnx") for one in files) == 1
        if self.path or self.engine != "onnx" or not self.revision or not whole:
            raise ValueError(
                "a model from the hub needs revision, and sha256 for tokenizer.json and one .onnx file; no path"
            )
