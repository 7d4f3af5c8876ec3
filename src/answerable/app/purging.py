"""Where a document has been, and taking it out of everything, with a receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from answerable.adapters.postgres.audit import PostgresAudit
from answerable.adapters.postgres.documents import PostgresDocuments
from answerable.adapters.postgres.generations import PostgresGenerations
from answerable.adapters.postgres.past import PostgresPast
from answerable.adapters.postgres.quarantine import PostgresQuarantine
from answerable.adapters.stores.outbox import Outbox
from answerable.app.stores import index_of, store_over
from answerable.app.system import System
from answerable.core.errors import NotFound
from answerable.core.identity import sha256_hex
from answerable.core.past import Traces, Use, Version
from answerable.core.ports import Happening
from answerable.core.quarantine import PURGED, HeldDocument, Reason
from answerable.core.query import Filter, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Radius:
    """Everything that a document touched. `rows`: by index and table."""

    document: str
    source: str
    uri: str
    title: str
    version: int
    text_sha256: str
    trust: str
    owner: str
    rows: dict[str, Traces]
    uses: tuple[Use, ...]
    cases: tuple[str, ...]  # files of the evaluation that name it
    versions: tuple[Version, ...]

    @property
    def answers(self) -> int:
        """That cite it, or had it before them."""
        return len(self.uses)

    @property
    def conversations(self) -> int:
        """That such an answer stands in."""
        return len({one.conversation for one in self.uses if one.conversation})

    @property
    def people(self) -> int:
        """Who got such an answer."""
        return len({one.principal for one in self.uses})


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a purge took out, and what is left: 0 rows, or it says so."""

    at: datetime
    by: str
    document: str
    uri: str
    text_sha256: str
    removed: dict[str, int]
    left: int
    answers_kept: int
    cases: tuple[str, ...]


async def _missing(system: System, reference: str, error: NotFound) -> NotFound:
    """Why there is nothing to purge: a text that is held never came into an index, so no answer had it."""
    held = await PostgresQuarantine(system.database).listed(tenant=system.settings.project.tenant)
    if not any(reference in (one.uri, one.document_id) for one in held):
        return error
    return NotFound(
        f"{reference!r} is held: it is in no index, and no answer had this text",
        hint=f"`answerable quarantine reject {reference}` keeps it out for good",
    )


async def blast_radius(system: System, reference: str) -> Radius:
    """By id, unique beginning of it, or uri. Raises NotFound, which tells of one that waits in the quarantine."""
    tenant, past = system.settings.project.tenant, PostgresPast(system.database)
    groups = await past.groups(tenant=tenant)
    scope = Scope(tenant=tenant, groups=groups, filter=Filter(status=()))
    try:
        view = await PostgresDocuments(system.database, blocked=True).document(scope, reference)
    except NotFound as error:
        raise await _missing(system, reference, error) from error
    rows = {}
    for one in await PostgresGenerations(system.database).all(tenant=tenant):
        rows[one.name] = await PostgresPast(system.database, generation=one.name).traces(
            tenant=tenant, document_id=view.id
        )
    versions = await past.versions(tenant=tenant, document_id=view.id)
    return Radius(
        document=view.id,
        source=view.source,
        uri=view.uri,
        title=view.title,
        version=view.version,
        text_sha256=sha256_hex(view.text),
        trust=view.trust,
        owner=view.owner or "",
        rows=rows,
        uses=tuple(await past.uses(tenant=tenant, document_id=view.id)),
        cases=tuple(_cases(system, view.uri)),
        versions=tuple(versions),
    )


async def documents_of(system: System, run: str) -> list[str]:
    """The ids of what a run added or changed and is still there. Raises NotFound."""
    tenant, past = system.settings.project.tenant, PostgresPast(system.database)
    id, _ = await past.run(tenant=tenant, reference=run)  # noqa: A001
    changes = await past.changes(tenant=tenant, run=id)
    return list(dict.fromkeys(one.document_id for one in changes if one.what != "removed" and one.now))


async def purge(system: System, radius: Radius, *, by: str) -> Receipt:
    """Out of every index, outside ones too, of every cache, and of all that ingestion remembers. Its text does not
    come in again. Answers stay: they say what people were told.

    Raises what the outside index raises; then it is done again.
    """
    tenant = system.settings.project.tenant
    tombstone = HeldDocument(
        source=radius.source,
        uri=radius.uri,
        document_id=radius.document,
        title="",
        text_sha256=radius.text_sha256,
        trust=radius.trust,
        owner=radius.owner,
        reasons=(Reason(kind=PURGED, rule=PURGED, words="purged"),),
    )
    # First: a sync that comes in between brings it no more.
    await PostgresQuarantine(system.database).reject(tenant=tenant, held=[tombstone], by=by, note="purged")
    removed: dict[str, int] = {}
    for name, traces in radius.rows.items():
        for table, count in traces.rows.items():
            removed[table] = removed.get(table, 0) + count
        cached = await _take_out(system, radius.document, name)
        removed["cached_vectors"] = removed.get("cached_vectors", 0) + cached
    left = 0
    for name in radius.rows:
        past = PostgresPast(system.database, generation=name)
        rows = (await past.traces(tenant=tenant, document_id=radius.document)).rows
        left += sum(rows.values())
    receipt = Receipt(
        at=datetime.now(UTC),
        by=by,
        document=radius.document,
        uri=radius.uri,
        text_sha256=radius.text_sha256,
        removed=removed,
        left=left,
        answers_kept=radius.answers,
        cases=radius.cases,
    )
    await PostgresAudit(system.database).record(
        tenant=tenant,
        actor=by,
        action="document.purge",
        subject=radius.document,
        detail={"uri": radius.uri, "text_sha256": radius.text_sha256, "removed": removed, "left": left},
    )
    props = {"document": radius.document, "source": radius.source, "uri": radius.uri[:300], "by": by}
    system.happenings.write(
        Happening(name="document.purged", tenant=tenant, props=props | {"answers": radius.answers})
    )
    return receipt


async def _take_out(system: System, document: str, generation: str) -> int:
    """Of one index; how many cached vectors went."""
    tenant = system.settings.project.tenant
    past = PostgresPast(system.database, generation=generation)
    keys = await past.embedded(tenant=tenant, document_id=document)
    outside = index_of(system.store)
    store = store_over(system.project, system.database, outside, generation=generation)
    await store.remove(tenant=tenant, document_ids=[document])
    if outside is not None:
        outbox = Outbox(system.database, outside, generation=generation)
        await outbox.sweep(tenant=tenant)
    return await past.forget(tenant=tenant, document_id=document, keys=keys)


def _cases(system: System, uri: str) -> list[str]:
    """Files of cases that name the document."""
    found = []
    for suite in system.settings.eval.suites:
        root = system.project.path(suite)
        files = [root] if root.is_file() else sorted(root.rglob("*.y*ml")) if root.is_dir() else []
        found += [str(_within(file, system.project.base)) for file in files if uri in file.read_text("utf-8")]
    return found


def _within(file: Path, base: Path) -> Path:
    return file.relative_to(base) if file.is_relative_to(base) else file
