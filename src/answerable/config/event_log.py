"""Settings of the product's log: who is known in it, who does not count, and what may wait on disk."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from answerable.config.section import Section
from answerable.config.values import Duration, Network, Reference

DAY = 86_400.0


class EventsSection(Section):
    """Events are figures and ids, without a word that a person wrote."""

    environment: str = Field("production", description="Named in every event, to tell installations apart.")
    person: Literal["pseudonym", "off"] = Field(
        "pseudonym",
        description="Who asked, under a keyed hash; off: nobody is known, no task has two turns.",
    )
    rotate: Duration = Field(30 * DAY, description="How long one key makes the pseudonyms.")
    link: Duration = Field(
        35 * DAY, description="How long a key is kept after its time, to know who came back; then it is destroyed."
    )
    pepper: Reference | None = Field(
        None, description="env:NAME or file:PATH, mixed into the keys: a copy of the database alone says nothing."
    )
    staff_roles: tuple[str, ...] = Field(
        ("reviewer", "editor", "ops", "engineer", "admin"), description="Whose questions do not count."
    )
    staff_groups: tuple[str, ...] = Field((), description="The same, by group.")
    staff_networks: tuple[Network, ...] = Field((), description="The same, by where they ask from.")
    bots: tuple[str, ...] = Field((), description="Ids of persons or keys that are programs; they do not count.")
    load_tests: tuple[str, ...] = Field((), description="Ids of persons or keys that test the load; the same.")
    spool_mb: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        512, description="The most that waits on disk while the database is away; what comes beyond it is dropped."
    )
