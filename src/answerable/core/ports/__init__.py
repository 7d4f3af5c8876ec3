"""The seams: small Protocols, each with a contract suite; a new one needs a decision record."""

from __future__ import annotations

from answerable.core.ports.access import (
    Attempts,
    Audit,
    IdentityProvider,
    Person,
    Persons,
    Terms,
    Token,
    Tokens,
)
from answerable.core.ports.alerts import Alerts, Looked
from answerable.core.ports.answering import LLM, Guard, Reranker, SecretGuard
from answerable.core.ports.caching import CachedReply, CacheKey, Census, Earlier, Keeper, Replies
from answerable.core.ports.conflicts import Conflicts
from answerable.core.ports.evaluation import Judgments, Metric, Runs, Target
from answerable.core.ports.events import Events, Happening, Happenings, PersonKeys, Tasks
from answerable.core.ports.incidents import Incidents
from answerable.core.ports.ingestion import (
    Candidate,
    Chunker,
    Embedder,
    EmbeddingModel,
    Kind,
    Parser,
    QuestionTokens,
    Raw,
    SentenceVectors,
    Source,
    TokenEncoder,
    Tokenizer,
    Vector,
    Vectors,
)
from answerable.core.ports.jobs import JobRuns
from answerable.core.ports.money import (
    Budgets,
    Calls,
    Held,
    Limit,
    Paying,
    Pricing,
    Reservation,
    Standing,
)
from answerable.core.ports.quarantine import Quarantine
from answerable.core.ports.records import Feedback, Journal
from answerable.core.ports.review import Reviews
from answerable.core.ports.storage import (
    Documents,
    DocumentView,
    FileState,
    Indexed,
    Ledger,
    Snapshot,
    Speller,
    Store,
    TokenCodes,
)
from answerable.core.ports.tolls import Tolls
from answerable.core.ports.vector_index import Hit, PointKey, PointSet, Space, VectorIndex

__all__ = [
    "LLM",
    "Alerts",
    "Attempts",
    "Audit",
    "Budgets",
    "CacheKey",
    "CachedReply",
    "Calls",
    "Candidate",
    "Census",
    "Chunker",
    "Conflicts",
    "DocumentView",
    "Documents",
    "Earlier",
    "Embedder",
    "EmbeddingModel",
    "Events",
    "Feedback",
    "FileState",
    "Guard",
    "Happening",
    "Happenings",
    "Held",
    "Hit",
    "IdentityProvider",
    "Incidents",
    "Indexed",
    "JobRuns",
    "Journal",
    "Judgments",
    "Keeper",
    "Kind",
    "Ledger",
    "Limit",
    "Looked",
    "Metric",
    "Parser",
    "Paying",
    "Person",
    "PersonKeys",
    "Persons",
    "PointKey",
    "PointSet",
    "Pricing",
    "Quarantine",
    "QuestionTokens",
    "Raw",
    "Replies",
    "Reranker",
    "Reservation",
    "Reviews",
    "Runs",
    "SecretGuard",
    "SentenceVectors",
    "Snapshot",
    "Source",
    "Space",
    "Speller",
    "Standing",
    "Store",
    "Target",
    "Tasks",
    "Terms",
    "Token",
    "TokenCodes",
    "TokenEncoder",
    "Tokenizer",
    "Tokens",
    "Tolls",
    "Vector",
    "VectorIndex",
    "Vectors",
]
