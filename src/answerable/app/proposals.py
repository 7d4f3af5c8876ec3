"""What cases can be proposed from: the published documents, and the questions of the log without personal data."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from answerable.app.project import Project
from answerable.app.system import System, open_system
from answerable.core.ports import DocumentView
from answerable.core.query import Scope
from answerable.evals.cases.suggest.facts import Page, Section
from answerable.evals.cases.suggest.logs import Asked
from answerable.guards.pii import redact

_PAGE = 200  # documents read at once
_QUESTIONS = 300  # of the log, newest first


async def sources(project: Project, *, documents: bool, log: bool) -> tuple[list[Page], list[Asked], str]:
    """Pages, questions, and why there are none where nothing can be read. Starts no new database."""
    if not (documents or log):
        return [], [], ""
    if project.settings.database.url is None and not (project.state / "pg").exists():
        return [], [], "nothing was ingested here yet"
    async with open_system(project) as system:
        pages = [_page(one) async for one in _documents(system)] if documents else []
        return pages, await _asked(system) if log else [], ""


async def _documents(system: System) -> AsyncIterator[DocumentView]:
    scope: Scope = system.scope()
    after = ""
    while found := await system.documents.documents(scope, limit=_PAGE, after=after):
        for one in found:
            yield await system.documents.document(scope, one.id)
        after = found[-1].uri


def _page(document: DocumentView) -> Page:
    whole = [one for one in document.chunks if one.level == 0]
    sections = tuple(Section(heading=one.headings[-1] if one.headings else "", text=one.text) for one in whole)
    return Page(uri=document.uri, title=document.title, language=document.language, sections=sections)


async def _asked(system: System) -> list[Asked]:
    tenant = system.settings.project.tenant
    rows = await system.journal.traces(tenant=tenant, limit=_QUESTIONS)
    found = []
    for row in rows:
        whole = await system.journal.trace(tenant=tenant, reference=row["id"])
        found.append(
            Asked(
                trace=row["id"],
                question=redact(row["question"])[0],
                language=row["language"] or "en",
                outcome=row["outcome"],
                at=_moment(row["started_at"]),
                who=str(row["principal"]),
                disliked=_disliked(whole.get("feedback") or []),
            )
        )
    return found


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _disliked(feedback: list[dict[str, Any]]) -> str:
    """The reasons of the last word, where it was a thumbs-down."""
    if not feedback or feedback[-1].get("value") != "down":
        return ""
    return ", ".join(str(one) for one in feedback[-1].get("reasons") or ()) or "yes"
