"""What a diagnosis may try on a running system, which stays behind a Protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from answerable.core.answer import Answer
from answerable.core.evaluation import EvalCase


class Part(StrEnum):
    """What can be put back to the way it ships, or taken out, for one experiment."""

    RETRIEVAL = "retrieval"  # which arms search, and how deep
    FUSION = "fusion"
    RERANKER = "reranker"
    LIMITS = "limits"  # how many passages, and how long a context
    THRESHOLD = "threshold"
    PROMPT = "prompt"
    MODEL = "model"  # as it ships: extractive
    VERIFICATION = "verification"
    GUARDS = "guards"
    CONFLICTS = "conflicts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """How one experiment differs from the system as it is."""

    shipped: frozenset[Part] = frozenset()
    without: frozenset[Part] = frozenset()  # threshold, verification or guards taken out
    given: str = (
        ""  # gold: the right passages as they ship, alone; added: before those found; indexed: as they are
    )
    hide: tuple[str, ...] = ()  # documents that are not there


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """The answer of one experiment, with the details of its steps by name."""

    answer: Answer
    steps: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def generated(self) -> bool:
        """Whether it came to the writing of an answer."""
        return "generate" in self.steps or "sides" in self.steps.get("conflicts", {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A gold page: what the source says, what the index holds, who may see it. None: was not looked at."""

    uri: str
    quote: str
    listed: bool  # a source offers the file
    error: str = ""  # why the last sync could not read it
    document: str = ""  # its id in the index; empty: it is not there
    version: int = 0
    in_index: bool = False  # the indexed text has the quote
    in_source: bool | None = None  # so has the file, read anew
    in_bytes: bool | None = None  # so have the file's bare bytes
    same_text: bool | None = None  # the index holds what the file says now
    hidden_by: tuple[str, ...] = ()  # what keeps it from this asker: `acl staff`, `filter status=draft` …
    marked: str = ""  # the rules by which ingestion found it suspicious
    whole: bool = False  # one chunk holds the quote
    cut_as_shipped: bool = True  # and is the chunk that the shipped chunker would make
    tokens: int = 0  # of that chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a gold page stands on its way into the context: 1-based ranks; None: not among those looked at."""

    uri: str
    dense: int | None = None
    lexical: int | None = None
    fused: int | None = None
    reranked: int | None = None
    kept: bool = False  # among the passages an answer may use
    fits: bool = False  # and within the context's budget
    dense_by_itself: int | None = None  # where it stands when its own words are the question
    lexical_by_itself: int | None = None
    recut: int | None = None  # the dense rank it would have, cut as shipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A page that is not gold and that the answer could use; what stands below `cited` is known once examined."""

    document: str
    uri: str
    cited: bool
    status: str = "published"
    widened: str = ""  # its groups in the index, where the file names narrower ones
    planted: tuple[str, ...] = ()  # rules that find it suspicious, now or when it came in
    current: bool | None = None  # the index holds what the file says now
    contradicts: bool = False  # one of the gold pages


class Bench(Protocol):
    """Experiments on a running system. Each really happens; nothing is written to its journal or index."""

    @property
    def deviations(self) -> frozenset[Part]:
        """The parts that are not as they ship."""
        ...

    @property
    def keep(self) -> int:
        """How many passages an answer may use."""
        ...

    async def gold(self, case: EvalCase) -> tuple[Page, ...]:
        """The pages that the case names, each looked up in source and index, whoever may see them."""
        ...

    async def places(self, case: EvalCase) -> tuple[Place, ...]:
        """One for each gold page that is in the index, along the search as it is."""
        ...

    async def others(self, case: EvalCase, tried: Tried) -> tuple[Other, ...]:
        """Pages besides the gold ones that the answer was made from, cited ones first."""
        ...

    async def examine(self, case: EvalCase, other: Other) -> Other:
        """The page with everything that is known of it, from source and index."""
        ...

    async def ask(self, case: EvalCase, variant: Variant) -> Tried:
        """The case's question, asked of a variant."""
        ...

    async def says(self, case: EvalCase, wanted: str) -> bool:
        """Whether a gold page has these words anywhere."""
        ...
