"""A second index beside the first: built under a changed configuration, switched to as one, and gone back to."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from answerable.adapters.postgres.generations import Generation, NotTheSame, PostgresGenerations
from answerable.adapters.postgres.ledger import PostgresLedger
from answerable.adapters.stores.outbox import Outbox
from answerable.app.embedding import close_embedder, make_embedder
from answerable.app.ingesting import Ingestion, open_ingestion
from answerable.app.project import Project
from answerable.app.stores import index_of, store_over
from answerable.app.system import System
from answerable.config.edit import Edit, edit_config, preview, undo_of
from answerable.core.errors import ConfigError, NotFound
from answerable.core.ports import Embedder
from answerable.ingest.progress import Observer
from answerable.ingest.report import SyncReport

Watch = Callable[[str], Observer]  # the source's id
_TRIES = 3  # to catch up with files that change meanwhile
_ROOM = 1.5  # times the estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a second index takes on disk, as the first one does; None where nothing is known yet."""

    chunks: int
    bytes: int | None
    free: int | None  # on this machine, where the database is ours


async def estimate(system: System) -> Estimate:
    """From the tables' present size. Raises ConfigError where there is clearly no room."""
    generations = PostgresGenerations(system.database)
    tenant = system.settings.project.tenant
    active = _active(await generations.all(tenant=tenant))
    each = await generations.bytes_per_chunk(tenant=tenant)
    size = round(each * active.chunks) if each else None
    free = shutil.disk_usage(system.project.base).free if system.settings.database.url is None else None
    if size and free is not None and free < size * _ROOM:
        raise ConfigError(
            f"a second index takes about {size >> 20} MB, and {free >> 20} MB are free",
            hint="make room, or `answerable index vacuum` to drop an old one",
        )
    return Estimate(chunks=active.chunks, bytes=size, free=free)


async def build(
    system: System, edits: Sequence[Edit], *, note: str, watch: Watch
) -> tuple[Generation, list[SyncReport]]:
    """Fill an index beside the active one, as the configuration with `edits` says; one that was begun is gone on
    with. The active index is not touched. Raises ConfigError."""
    config = _config(system.project)
    detail = {"edits": _rows(edits), "undo": _rows(undo_of(config, edits))}
    tenant = system.settings.project.tenant
    generations = PostgresGenerations(system.database)
    changed = replace(system.project, settings=preview(config, edits))  # first: what would not load begins nothing
    generation = await generations.begin(tenant=tenant, note=note, detail=detail)
    return generation, await _fill(system, changed, generation.name, watch)


async def switch(system: System, *, name: str = "", watch: Watch, even_if_different: bool = False) -> Generation:
    """Catch up with the sources, switch in one transaction, then write the configuration.

    Raises NotFound where nothing was built, and NotTheSame where the two do not hold the same documents.
    """
    generations = PostgresGenerations(system.database)
    tenant = system.settings.project.tenant
    found = _named(await generations.all(tenant=tenant), name, "building")
    edits = _edits(found.detail.get("edits", []))
    config = _config(system.project)
    changed = replace(system.project, settings=preview(config, edits))
    await _switch(system, generations, changed, found.name, watch, even_if_different=even_if_different)
    edit_config(config, edits)
    return found


async def rollback(system: System, *, watch: Watch, now: bool = False) -> Generation:
    """Back to the index before, and to its configuration; brought up to date first, unless it has to be `now`.

    Raises NotFound where there is none.
    """
    generations = PostgresGenerations(system.database)
    tenant = system.settings.project.tenant
    every = await generations.all(tenant=tenant)
    found, active = _named(every, "", "previous"), _active(every)
    later = found.created_at and active.created_at and found.created_at > active.created_at
    undo = _edits(found.detail.get("edits", []) if later else active.detail.get("undo", []))
    config = _config(system.project)
    if now:
        await generations.switch(tenant=tenant, name=found.name, even_if_different=True)
    else:
        earlier = replace(system.project, settings=preview(config, undo))
        await _switch(system, generations, earlier, found.name, watch, even_if_different=False)
    edit_config(config, undo)
    return found


async def vacuum(system: System, *, building: bool = False) -> list[tuple[Generation, int]]:
    """Drop every index that was left, and with `building` one that was begun; each with its documents."""
    generations = PostgresGenerations(system.database)
    tenant = system.settings.project.tenant
    states = ("previous", "building") if building else ("previous",)
    left = [one for one in await generations.all(tenant=tenant) if one.state in states]
    index = index_of(system.store)
    if index is not None:
        for one in left:
            await Outbox(system.database, index, generation=one.name).drop(tenant=tenant)
    return [(one, await generations.drop(tenant=tenant, name=one.name)) for one in left]


async def generations_of(system: System) -> list[Generation]:
    """Every index of the tenant, oldest first."""
    return await PostgresGenerations(system.database).all(tenant=system.settings.project.tenant)


async def _switch(
    system: System,
    generations: PostgresGenerations,
    changed: Project,
    name: str,
    watch: Watch,
    *,
    even_if_different: bool,
) -> None:
    tenant = system.settings.project.tenant
    for left in reversed(range(_TRIES)):
        await _fill(system, changed, name, watch)
        try:
            await generations.switch(tenant=tenant, name=name, even_if_different=even_if_different)
        except NotTheSame:
            if not left:
                raise
            await _sync(system, watch)  # what changed since is in neither, or in only one of them
        else:
            return


async def _fill(system: System, changed: Project, name: str, watch: Watch) -> list[SyncReport]:
    """Sync every source into the generation."""
    async with _embedder(system, changed) as embedder:
        beside = replace(
            system,
            project=changed,
            embedder=embedder,
            store=store_over(system.project, system.database, index_of(system.store), generation=name),
            ledger=PostgresLedger(system.database, generation=name),
        )
        return await _sync(beside, watch)


async def _sync(system: System, watch: Watch) -> list[SyncReport]:
    async with open_ingestion(system) as ingestion:
        return [await _sync_one(ingestion, one.id, watch) for one in system.settings.source]


async def _sync_one(ingestion: Ingestion, source: str, watch: Watch) -> SyncReport:
    section = next(one for one in ingestion.system.settings.source if one.id == source)
    return await ingestion.sync(section, observe=watch(source))


@asynccontextmanager
async def _embedder(system: System, changed: Project) -> AsyncIterator[Embedder]:
    """The present one, or another model's for as long as it is needed."""
    if changed.settings.embedding == system.settings.embedding:
        yield system.embedder
        return
    made = make_embedder(changed, system.money)
    try:
        yield made
    finally:
        await close_embedder(made)


def _active(every: Sequence[Generation]) -> Generation:
    return next(one for one in every if one.state == "active")


def _named(every: Sequence[Generation], name: str, state: str) -> Generation:
    found = [one for one in every if (one.name == name if name else one.state == state)]
    if not found:
        raise NotFound(
            f"there is no index {name!r}" if name else f"no index is {state}",
            hint="`answerable index build` makes one; `answerable index status` names them",
        )
    return max(found, key=lambda one: (one.switched_at is not None, one.switched_at, one.created_at))


def _config(project: Project) -> Path:
    if project.config is None:
        raise ConfigError("there is no answerable.toml to change", hint="make one with `answerable init`")
    return project.config


def _rows(edits: Sequence[Edit]) -> list[dict[str, Any]]:
    return [asdict(one) for one in edits]


def _edits(rows: Sequence[Mapping[str, Any]]) -> tuple[Edit, ...]:
    return tuple(
        Edit(section=one["section"], key=one["key"], value=one["value"], source=one["source"]) for one in rows
    )
