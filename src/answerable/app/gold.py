"""What the index says of the documents that cases rest on."""

from __future__ import annotations

from collections.abc import Sequence

from answerable.adapters.postgres.documents import PostgresDocuments
from answerable.app.database import open_database
from answerable.app.project import Project
from answerable.core.document import PUBLIC
from answerable.core.errors import ConfigError, NotFound, Unreachable
from answerable.core.evaluation import EvalCase
from answerable.core.query import Filter, Scope
from answerable.evals.cases.checking import Corpus
from answerable.evals.cases.freshness import gold_documents

ANY_STATUS = ("published", "draft", "archived")


async def corpus(project: Project, cases: Sequence[EvalCase], *, groups: Sequence[str] = ()) -> Corpus:
    """The texts of the documents that the cases rest on, or why they cannot be had. Starts no new database."""
    if project.settings.database.url is None and not (project.state / "pg").exists():
        return Corpus(texts=None, reason="nothing was ingested here yet")
    try:
        async with open_database(project) as database:
            return await _read(PostgresDocuments(database), project.settings.project.tenant, cases, groups)
    except (Unreachable, ConfigError) as error:
        return Corpus(texts=None, reason=str(error))


async def _read(
    documents: PostgresDocuments, tenant: str, cases: Sequence[EvalCase], groups: Sequence[str]
) -> Corpus:
    if not (await documents.counts(tenant=tenant)).get("documents"):
        return Corpus(texts=None, reason="the index is empty")
    several = {PUBLIC, *groups, *(one for case in cases for one in case.groups)}
    scope = Scope(tenant=tenant, groups=tuple(sorted(several)), filter=Filter(status=ANY_STATUS))
    texts = {}
    for uri in sorted({uri for case in cases for uri in gold_documents(case)}):
        try:
            texts[uri] = (await documents.document(scope, uri)).text
        except NotFound:
            continue  # that it is missing is what the check is about
    return Corpus(texts=texts)
