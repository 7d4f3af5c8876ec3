"""Request and response bodies: pydantic at the edge, an unknown field is an error."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from answerable.core.outcome import Outcome

Name = Annotated[str, Field(min_length=1, max_length=200)]
Phrase = Annotated[str, Field(min_length=1, max_length=1000)]
LanguageTag = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$", max_length=8)]


class Body(BaseModel):
    """What a caller sends."""

    model_config = ConfigDict(extra="forbid")


class Earlier(Body):
    """An earlier message of the conversation."""

    role: Literal["user", "assistant"]
    text: Annotated[str, Field(max_length=20_000)]


class Filters(Body):
    """Narrows what may be searched. It can only take away: tenancy, access and status always apply."""

    sources: Annotated[list[Name], Field(max_length=50)] = []
    languages: Annotated[list[LanguageTag], Field(max_length=20)] = []
    documents: Annotated[list[Name], Field(max_length=100)] = []
    meta: Annotated[dict[Name, Annotated[str, Field(max_length=200)]], Field(max_length=20)] = {}


class Ask(Body):
    """A question."""

    question: Annotated[str, Field(min_length=1, examples=["How long can I return headphones?"])]
    history: Annotated[list[Earlier], Field(max_length=20)] = []
    language: Annotated[LanguageTag | None, Field(examples=["en"])] = None
    conversation: Name | None = None
    filters: Filters = Filters()
    stream: bool = False


class Search(Body):
    """Retrieval alone."""

    query: Annotated[str, Field(min_length=1, max_length=4000, examples=["return window headphones"])]
    limit: Annotated[int, Field(ge=1, le=20)] = 5
    language: LanguageTag | None = None
    filters: Filters = Filters()


class Opinion(Body):
    """What a person says of an answer. Repeatable; the last one wins."""

    value: Literal["up", "down"] | None = None
    solved: Literal["yes", "no", "partly"] | None = None
    reasons: Annotated[list[Name], Field(max_length=10)] = []
    comment: Annotated[str, Field(max_length=4000)] = ""


class Correction(Body):
    """What a person says is right instead of a trace's answer; all empty: only that it was wrong."""

    outcome: Outcome | None = None
    must: Annotated[list[Phrase], Field(max_length=20)] = []
    must_not: Annotated[list[Phrase], Field(max_length=20)] = []
    cites: Annotated[list[Name], Field(max_length=20)] = []
    accept_also: Annotated[list[Phrase], Field(max_length=20)] = []
    why: Annotated[str, Field(max_length=2000)] = ""
    id: Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9._-]{0,99})?$")] = ""
    run: bool = True


class ClaimObject(BaseModel):
    """One sentence: text[span[0]:span[1]], offsets in Unicode code points.

    `nodes` is what may be drawn of it, a tree of text, `em`, `strong`, `code`, `a` (with `href` and `host`) and
    `cite`: a page that makes these elements and sets text as text needs no Markdown and no HTML.
    """

    span: tuple[int, int]
    kind: Literal["fact", "limit", "note"]
    support: Literal["supported", "unsupported", "not_applicable"]
    citations: list[int]
    nodes: list[str | dict[str, Any]] = []


class SourceObject(BaseModel):
    """A numbered citation: document[offsets[0]:offsets[1]] == quote, offsets in Unicode code points."""

    n: int
    document: str
    uri: str
    source: str
    title: str
    section: str
    quote: str
    offsets: tuple[int, int]
    language: str
    updated: str | None
    version: int
    stale: bool
    url: str
    chunk: str


class AnswerObject(BaseModel):
    """The whole result; also the last event of a stream. Fields may be added within v1."""

    model_config = ConfigDict(extra="allow")

    id: str
    conversation: str | None
    outcome: Outcome
    language: str
    text: str
    claims: list[ClaimObject]
    sources: list[SourceObject]
    conditions: list[dict[str, Any]]
    conflicts: list[dict[str, Any]]
    confidence: dict[str, Any]
    next_steps: list[dict[str, Any]]
    degraded: list[str]
    disclosure: str
    usage: dict[str, Any]
    timing_ms: dict[str, float]
    trace: str
    prompt: dict[str, str] | None
    model: str
    index: str


class FoundObject(BaseModel):
    """A found passage; no score and no vector leave the system."""

    rank: int
    document: str
    chunk: str
    title: str
    section: str
    source: str
    uri: str
    text: str
    offsets: tuple[int, int]
    language: str
    updated: str | None
    version: int
    url: str


class SearchObject(BaseModel):
    """Passages, best first."""

    results: list[FoundObject]


class ChunkObject(BaseModel):
    """A searched span of a document."""

    id: str
    offsets: tuple[int, int]
    headings: list[str]  # the path it stands under, outermost first
    section: str


class DocumentObject(BaseModel):
    """A document for the source viewer. `current` is false when another version was asked for than is stored."""

    document: str
    uri: str
    source: str
    title: str
    text: str
    version: int
    current: bool
    language: str
    status: str
    stale: bool
    updated: str | None
    review_by: str | None
    media_type: str
    url: str
    chunk: ChunkObject | None
    chunks: list[ChunkObject]


class TracesObject(BaseModel):
    """Questions on one line each, newest first."""

    traces: list[dict[str, Any]]


class CaseObject(BaseModel):
    """A case made from a trace, and where it was written. `fails` is null where it was not run."""

    id: str
    path: str
    branch: str | None
    commit: str | None
    changed: bool
    confirmed: bool
    fails: bool | None
    reason: str
    case: str


class StatusObject(BaseModel):
    """What the assistant is, before anyone signs in."""

    title: str
    disclosure: str
    languages: list[str]
    default_language: str
    input_chars: int
    deadline_ms: int
    contact: str


class SuggestionsObject(BaseModel):
    """Example questions."""

    suggestions: list[str]


class HealthObject(BaseModel):
    """Whether the process lives, or can serve."""

    status: Literal["ok"]
    checks: dict[str, str] = {}


class ProblemObject(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    trace_id: str
    hint: str
    docs: str
    errors: list[dict[str, str]] = []
