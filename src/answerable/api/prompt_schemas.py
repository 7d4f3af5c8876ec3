"""Bodies about prompts: drafts that are sent, and what is told of prompts, of work under way and of proposals."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from answerable.api.schemas import Body


class PromptDraft(Body):
    """A prompt file's whole text, as somebody is writing it."""

    text: Annotated[str, Field(min_length=1, max_length=64_000)]


class PromptQuestion(PromptDraft):
    """One question to try it on."""

    question: Annotated[str, Field(min_length=1, max_length=4000)]


class PromptProposal(PromptDraft):
    """A draft that leaves as a branch. `run`: the suite that was run on this very text."""

    note: Annotated[str, Field(max_length=2000)] = ""
    run: Annotated[str, Field(max_length=64)] = ""


class PromptsObject(BaseModel):
    """Every prompt, a row each."""

    prompts: list[dict[str, Any]]


class PromptObject(BaseModel):
    """A prompt with its versions, newest first, its contract, lint, and what differs between two versions."""

    model_config = ConfigDict(extra="allow")

    id: str
    version: str
    sha256: str
    state: str
    versions: list[dict[str, Any]]
    contract: dict[str, str]
    lint: list[dict[str, Any]]
    difference: dict[str, Any] | None
    evidence: dict[str, dict[str, Any]]


class PromptCheckObject(BaseModel):
    """What lint says of a draft, its size in tokens before and after, and what stands against handing it over."""

    problems: list[str]
    lint: list[dict[str, Any]]
    tokens: tuple[int, int]
    fixed: tuple[int, int]
    lines: list[str]
    version: str
    next: str


class PromptTryObject(BaseModel):
    """The answer that a draft gives, and the model's own words."""

    answer: dict[str, Any]
    raw: list[str]
    asked: bool


class JobObject(BaseModel):
    """Work under way: running, done, failed or cancelled."""

    id: str
    state: str
    said: list[str]
    result: dict[str, Any]
    fault: str


class BranchObject(BaseModel):
    """Where a proposal lies, and the command that takes it in. Without a repository: a folder."""

    branch: str
    commit: str
    folder: str
    merge: str


class PromptTextObject(BaseModel):
    """The exact text of a hash, and where it was found."""

    model_config = ConfigDict(extra="allow")

    sha256: str
    version: str
    found: str
    text: str
    inputs: list[dict[str, str]]
