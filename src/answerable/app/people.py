"""A person's rights: everything that is kept of them, and forgetting them over every store, with a receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from answerable.adapters.event_row import spooled_person
from answerable.adapters.personal_files import drop_lines, naming
from answerable.adapters.postgres.people import PostgresPeople
from answerable.app.event_log import ring_of
from answerable.app.system import System
from answerable.core.errors import ConfigError
from answerable.core.identity import random_id
from answerable.core.personal import Forgotten
from answerable.core.ports import Happening

SPOOLS = ("spool", "calls")


async def export_person(system: System, person: str) -> dict[str, Any]:
    """Every row that is the person's, by table; what is still on its way is written first."""
    _check(person)
    tenant, people = system.settings.project.tenant, PostgresPeople(system.database)
    await _flush(system)
    rows = await people.export(tenant=tenant, person=person, known_as=await _known_as(system, person))
    return {
        "person": person,
        "tenant": tenant,
        "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "rows": {name: rows[name] for name in sorted(rows)},
        "case_files": naming(_suites(system), await people.traces(tenant=tenant, person=person)),
    }


async def forget_person(system: System, person: str, *, by: str, dry: bool) -> Forgotten:
    """Out of the database and the spools; a dry run tells what it would be. The same again finds nothing.

    Raises ConfigError where nobody is named, and OSError for a spool that cannot be written.
    """
    _check(person)
    tenant, people = system.settings.project.tenant, PostgresPeople(system.database)
    await _flush(system)
    traces = await people.traces(tenant=tenant, person=person)
    named = naming(_suites(system), traces)
    pseudonym = random_id("forgotten")
    known_as = await _known_as(system, person)
    # Files first: what a spool still holds would otherwise be written into the database again.
    wanted = [person, *traces, *(spooled_person(one) for one in known_as)]
    files = drop_lines([system.project.state / one for one in SPOOLS], wanted, dry=dry)
    done = Forgotten(
        person=person,
        by=by,
        dry=dry,
        rows={},
        files=files,
        named=tuple(named),
        at=datetime.now(UTC),
        pseudonym=pseudonym,
    )

    def receipt(rows: Mapping[str, int]) -> Mapping[str, object]:
        return replace(done, rows=rows).receipt()

    rows = await people.forget(
        tenant=tenant, person=person, pseudonym=pseudonym, receipt=None if dry else receipt, known_as=known_as
    )
    done = replace(done, rows=rows)
    if not dry:
        props = {"receipt": str(receipt(rows)["hash"]), "rows": sum(rows.values()), "files": len(files), "by": by}
        system.happenings.write(Happening(name="person.forgotten", tenant=tenant, props=props))
    return done


def _check(person: str) -> None:
    if not person.strip():
        raise ConfigError("nobody is named", hint="`answerable token list` shows who there is")


async def _flush(system: System) -> None:
    """What is queued in this process: a row that comes after the deletion would stay."""
    await system.journal.flush()
    await system.happenings.flush()
    await system.emission.flush()


async def _known_as(system: System, person: str) -> list[bytes]:
    """Their pseudonyms in the log, under every key that there still is; what is older is nobody's."""
    ring = ring_of(system.project, system.database)
    await ring.read()
    return ring.pseudonyms.every(system.settings.project.tenant, person)


def _suites(system: System) -> list[Any]:
    return [system.project.path(one) for one in system.settings.eval.suites]
