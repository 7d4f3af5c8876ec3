"""Random documents, tenants, rights and filters: what is found is what a plain loop over everything finds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerable.adapters.fakes.store import MemoryStore
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.store import PostgresStore
from answerable.core.document import Document
from answerable.core.query import Filter, Scope
from answerable.testing.postgres import in_thread
from answerable.testing.samples import a_vector, paragraphs, put

WORDS = ("cat", "dog", "bird", "running", "häuser", "the", "sku-1234")
GROUPS = ("public", "hr", "legal")
STATUSES = ("published", "draft", "archived")


@st.composite
def documents(draw) -> Document:
    parts = draw(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6), max_size=4))
    return Document(
        tenant=draw(st.sampled_from(["acme", "other", "third"])),
        source=draw(st.sampled_from(["docs", "wiki"])),
        uri=draw(st.sampled_from(["a", "b", "c"])),
        title=draw(st.sampled_from(["", "Cats", "House rules"])),
        text="\n\n".join(" ".join(part) for part in parts),
        status=draw(st.sampled_from(STATUSES)),
        language=draw(st.sampled_from(["en", "de", "xx"])),
        acl=tuple(draw(st.sets(st.sampled_from(GROUPS)))),
        meta=draw(st.dictionaries(st.sampled_from(["team", "year"]), st.sampled_from(["1", "2"]))),
    )


@st.composite
def scopes(draw) -> Scope:
    wanted = Filter(
        status=tuple(draw(st.sets(st.sampled_from(STATUSES)))),
        sources=tuple(draw(st.sets(st.sampled_from(["docs", "wiki", "nowhere"]), max_size=2))),
        languages=tuple(draw(st.sets(st.sampled_from(["en", "de"]), max_size=1))),
        meta=draw(st.dictionaries(st.sampled_from(["team"]), st.sampled_from(["1", "2"]), max_size=1)),
    )
    tenant = draw(st.sampled_from(["acme", "other", "third"]))
    return Scope(tenant=tenant, groups=tuple(draw(st.sets(st.sampled_from(GROUPS)))), filter=wanted)


@dataclass(frozen=True)
class Found:
    """By chunk and document: each search's scores, and what `get` gives of everything there is."""

    dense: dict
    lexical: dict
    got: list


def allowed(document: Document, scope: Scope) -> bool:
    """The rule once more, in words: the tenant's, one of the groups, and every filter."""
    wanted = scope.filter
    return (
        document.tenant == scope.tenant
        and any(group in document.acl for group in scope.groups)
        and document.status in (wanted.status or STATUSES)
        and document.source in (wanted.sources or (document.source,))
        and document.language in (wanted.languages or (document.language,))
        and all(document.meta.get(key) == value for key, value in wanted.meta.items())
    )


async def look(store, scope: Scope, question: str, everything: list[str], limit: int) -> Found:
    async with store.snapshot(scope) as view:
        dense, lexical, got = await asyncio.gather(
            view.dense(a_vector("question"), limit=limit),
            view.lexical(
                question, limit=limit, language=scope.filter.languages[0] if scope.filter.languages else "en"
            ),
            view.get(everything),
        )
    return Found(
        dense={(one.chunk.id, one.uri, one.source): one.score for one in dense},
        lexical={(one.chunk.id, one.uri, one.source): one.score for one in lexical},
        got=[one.chunk.id for one in got],
    )


async def compare(url: str, written: list[Document], asked: list[tuple[Scope, str]]) -> None:
    memory = MemoryStore()
    last: dict[str, Document] = {}
    async with Database(url) as database:
        store = PostgresStore(database)
        for tenant in ("acme", "other", "third"):  # what an earlier example left
            old = [
                Document(tenant=tenant, source=s, uri=u, title="", text="").id
                for s in ("docs", "wiki")
                for u in "abc"
            ]
            await store.remove(tenant=tenant, document_ids=old)
        for document in written:
            assert await put(store, document) == await put(memory, document)
            last[document.id] = document
        everything = [chunk.id for document in last.values() for chunk in paragraphs(document)]
        for scope, question in asked:
            found = await look(store, scope, question, everything, 100)
            wanted = await look(memory, scope, question, everything, 100)
            assert found.got == wanted.got
            assert found.lexical == pytest.approx(wanted.lexical)
            assert found.dense == pytest.approx(wanted.dense, abs=2e-3)
            visible = {one.id for one in last.values() if allowed(one, scope)}
            seen = {last_id for last_id in visible if paragraphs(last[last_id])}
            assert len({(uri, source) for _, uri, source in found.dense}) == len(seen)
            few = await look(store, scope, question, everything, 2)
            top = sorted(wanted.lexical.values(), reverse=True)[:2]
            assert sorted(few.lexical.values(), reverse=True) == pytest.approx(top)
            near = np.sort(list(wanted.dense.values()))[::-1][:2]
            assert np.sort(list(few.dense.values()))[::-1] == pytest.approx(near, abs=2e-3)


questions = st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    written=st.lists(documents(), min_size=1, max_size=10),
    asked=st.lists(st.tuples(scopes(), questions), min_size=1, max_size=5),
)
def test_nothing_foreign_unpublished_or_forbidden_is_found_and_nothing_allowed_is_missed(clone, written, asked):
    in_thread(compare(clone.service_url, written, asked))
