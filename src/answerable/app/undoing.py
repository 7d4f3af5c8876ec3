"""Taking back what a sync did: documents as they were before it, and the texts that it brought kept out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from answerable.adapters.postgres.audit import PostgresAudit
from answerable.adapters.postgres.past import PostgresPast
from answerable.adapters.postgres.quarantine import PostgresQuarantine
from answerable.app.holding import index
from answerable.app.system import System
from answerable.core.past import Change
from answerable.core.ports import FileState, Happening
from answerable.core.provenance import written_by
from answerable.core.quarantine import ROLLED_BACK, HeldDocument, Reason

_TOGETHER = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What a rollback did, or would do; `left`: uri → why it stays as it is."""

    run: str
    source: str
    restored: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    left: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    done: bool = False
    by_run: str = ""  # the run that this is, which can be rolled back in its turn


async def rollback(system: System, reference: str, *, by: str, really: bool) -> Undone:
    """Put back what a run changed, unless something wrote it since. Without `really` nothing is done.

    The texts that the run brought are kept out of every sync that follows, until the files say something else.
    Raises NotFound.
    """
    started = time.perf_counter()
    tenant, past = system.settings.project.tenant, PostgresPast(system.database)
    run, source = await past.run(tenant=tenant, reference=reference)
    changes = await past.changes(tenant=tenant, run=run)
    left = {one.uri: why for one in changes if (why := _why_not(one))}
    due = [one for one in changes if one.uri not in left]
    new = [one for one in due if one.what == "added"]
    old = [one for one in due if one.before is not None]
    undone = Undone(
        run=run,
        source=source,
        restored=tuple(one.uri for one in old),
        removed=tuple(one.uri for one in new),
        left=left,
        done=really,
    )
    by_run = await _undo(system, undone, new, old, by=by) if really and due else ""
    return replace(undone, by_run=by_run, seconds=time.perf_counter() - started)


def _why_not(change: Change) -> str:
    if not change.untouched:
        return f"changed again by {change.later_run}" if change.later_run else "it is another or gone by now"
    if change.what != "added" and change.before is None:
        return "its earlier text is not kept any more"
    return ""


async def _undo(system: System, undone: Undone, new: Sequence[Change], old: Sequence[Change], *, by: str) -> str:
    tenant, run, source = system.settings.project.tenant, undone.run, undone.source
    # First what they brought is kept out: a sync that comes in between brings it no more.
    brought = [_tombstone(one, run) for one in (*new, *old) if one.text_sha256 and not _same_text(one)]
    await PostgresQuarantine(system.database).reject(tenant=tenant, held=brought, by=by, note=f"rollback of {run}")
    by_run = await system.ledger.start_run(tenant=tenant, source=source)
    with written_by(by_run):
        for at in range(0, len(new), _TOGETHER):
            ids = [one.document_id for one in new[at : at + _TOGETHER]]
            await system.store.remove(tenant=tenant, document_ids=ids)
        for one in old:
            if one.before is not None:
                state = FileState(uri=one.uri, sha256="", document_id=one.document_id)
                await index(system, one.before.document, state, one.before.chunks)
    await _remember(system, source, new, old)
    counts = {"removed": len(new), "changed": len(old)}
    told = {"restored": len(old), "removed": len(new), "left": len(undone.left)}
    await system.ledger.finish_run(tenant=tenant, run=by_run, counts=counts, errors={})
    await system.store.tend(tenant=tenant)
    await PostgresAudit(system.database).record(
        tenant=tenant, actor=by, action="ingest.rollback", subject=run, detail={"source": source, **told}
    )
    props = {"run": run, "source": source, "by": by} | told
    system.happenings.write(Happening(name="ingest.rolled_back", tenant=tenant, props=props))
    return by_run


async def _remember(system: System, source: str, new: Sequence[Change], old: Sequence[Change]) -> None:
    """What is in the index of each file now. A removed one that is back has no file: the next sync removes it
    again, unless the file is back, too."""
    tenant = system.settings.project.tenant
    files = await system.ledger.files(tenant=tenant, source=source)
    gone = [
        FileState(uri=one.uri, sha256=state.sha256, document_id=None, size=state.size, mtime_ns=state.mtime_ns)
        for one in new
        if (state := files.get(one.uri))
    ]
    back = [FileState(uri=one.uri, sha256="", document_id=one.document_id) for one in old if one.what == "removed"]
    await system.ledger.record(tenant=tenant, source=source, states=[*gone, *back])


def _same_text(change: Change) -> bool:
    return change.before is not None and change.before.document.text_sha256 == change.text_sha256


def _tombstone(change: Change, run: str) -> HeldDocument:
    words = f"rolled back with the sync {run}"
    return HeldDocument(
        source=change.source,
        uri=change.uri,
        document_id=change.document_id,
        title=change.title,
        text_sha256=change.text_sha256,
        trust=change.trust,
        owner=change.owner,
        reasons=(Reason(kind=ROLLED_BACK, rule=ROLLED_BACK, words=words),),
        run=run,
    )
