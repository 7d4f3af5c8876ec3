"""A question with everything that decides what may answer it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from answerable.core.deadline import Deadline
from answerable.core.document import PUBLIC

EVALUATION = "evaluation"  # the principal in whose name cases are asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Conditions that every passage meets, applied inside the search. An empty tuple means any."""

    status: tuple[str, ...] = ("published",)
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()  # document ids
    meta: Mapping[str, str] = field(default_factory=dict)  # exact match on each key


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks. `groups` are matched with a document's acl; everybody is in `public`."""

    id: str = "anonymous"
    groups: tuple[str, ...] = (PUBLIC,)
    roles: tuple[str, ...] = ("user",)  # user | reviewer | editor | ops | engineer | admin


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What one search may see: there is no search without it."""

    tenant: str
    groups: tuple[str, ...] = (PUBLIC,)
    filter: Filter = field(default_factory=Filter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """An earlier message of the conversation."""

    role: str  # user | assistant
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a question came in, for the log of the product."""

    channel: str = ""  # page | api | cli
    tracked: bool = True  # false: the person's browser says that they are not to be followed
    inside: bool = False  # from a network of the staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question. The tenant is never optional."""

    text: str
    tenant: str
    principal: Principal = field(default_factory=Principal)
    filter: Filter = field(default_factory=Filter)
    history: tuple[Turn, ...] = ()
    language: str = ""  # the language to answer in; empty: the question's own
    conversation: str | None = None
    key: str = ""  # the id of the credential it came with
    trial: bool = False  # whether a rollout may choose its prompts: somebody who is served, no measurement
    deadline: Deadline = field(default_factory=Deadline.default)
    refused: str = ""  # why it may not be answered: passages, sweep; empty: it may
    queued_ms: float | None = None  # how long it waited before it was begun; None: there was no queue
    way: Way = field(default_factory=Way)

    @property
    def scope(self) -> Scope:
        """What the search for this question may see."""
        return Scope(tenant=self.tenant, groups=self.principal.groups, filter=self.filter)
