"""What a scope hides in every Store, and what one snapshot shows."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from answerable.core.errors import ModelMismatch
from answerable.core.ports import Store
from answerable.core.query import Filter, Scope
from answerable.testing.samples import (
    ACME,
    a_document,
    a_vector,
    find,
    paragraphs,
    put,
    texts,
)

TENANTS = ("acme", "other")


class ScopeContract:
    """Tenants, groups, filters, and one moment for all searches."""

    @pytest.fixture
    def store(self) -> Store:
        """An empty store; override."""
        raise NotImplementedError

    async def assert_sees(self, store: Store, scope: Scope, uris: set[str]) -> None:
        """Both searches and get see these documents, and nothing else."""
        everything = [paragraphs(a_document("cat", uri=uri, tenant=t))[0].id for uri in "abcdef" for t in TENANTS]
        async with store.snapshot(scope) as view:
            assert {one.uri for one in await view.dense(a_vector("x"), limit=50)} == uris
            assert {one.uri for one in await view.lexical("cat", limit=50)} == uris
            assert {one.uri for one in await view.get(everything)} == uris

    async def test_tenants_never_meet(self, store: Store) -> None:
        await put(store, a_document("cat", uri="a"))
        await put(store, a_document("cat", uri="b", tenant="other"))
        await self.assert_sees(store, ACME, {"a"})
        await self.assert_sees(store, Scope(tenant="other"), {"b"})
        await self.assert_sees(store, Scope(tenant="nobody"), set())

    async def test_another_tenants_documents_do_not_weigh_in(self, store: Store) -> None:
        await put(store, a_document("cat\n\ndog"))
        before = await find(store, "cat")
        await put(store, a_document("cat and cat again\n\n" * 20, uri="b", tenant="other"))
        assert await find(store, "cat") == before

    async def test_a_document_is_seen_by_its_groups(self, store: Store) -> None:
        await put(store, a_document("cat", uri="a"))
        await put(store, replace(a_document("cat", uri="b"), acl=("hr", "legal")))
        await put(store, replace(a_document("cat", uri="c"), acl=()))
        await self.assert_sees(store, ACME, {"a"})
        await self.assert_sees(store, Scope(tenant="acme", groups=("public", "legal")), {"a", "b"})
        await self.assert_sees(store, Scope(tenant="acme", groups=("hr",)), {"b"})
        await self.assert_sees(store, Scope(tenant="acme", groups=("HR", "publi", "")), set())
        await self.assert_sees(store, Scope(tenant="acme", groups=()), set())

    async def test_a_taken_right_is_gone_at_once(self, store: Store) -> None:
        await put(store, a_document("cat", uri="a"))
        await put(store, replace(a_document("cat", uri="a"), acl=("hr",)))
        await self.assert_sees(store, ACME, set())

    async def test_only_published_documents_are_seen_unless_asked_for(self, store: Store) -> None:
        for uri, status in (("a", "published"), ("b", "draft"), ("c", "archived")):
            await put(store, replace(a_document("cat", uri=uri), status=status))
        await self.assert_sees(store, ACME, {"a"})
        await self.assert_sees(store, _filtered(status=("draft", "archived")), {"b", "c"})
        await self.assert_sees(store, _filtered(status=()), {"a", "b", "c"})

    async def test_filters_narrow_by_source_language_document_and_meta(self, store: Store) -> None:
        await put(store, replace(a_document("cat", uri="a"), meta={"team": "blue", "year": "2026"}))
        await put(store, replace(a_document("cat", uri="b"), source="wiki", meta={"team": "blue"}))
        await put(store, replace(a_document("cat", uri="c"), language="de", meta={"team": "blueish"}))
        ids = tuple(a_document("cat", uri=uri).id for uri in "ac")
        for scope, seen in (
            (_filtered(sources=("docs",)), {"a", "c"}),
            (_filtered(sources=("docs", "wiki")), {"a", "b", "c"}),
            (_filtered(languages=("de", "fr")), {"c"}),
            (_filtered(documents=ids), {"a", "c"}),
            (_filtered(meta={"team": "blue"}), {"a", "b"}),
            (_filtered(meta={"team": "blue", "year": "2026"}), {"a"}),
            (_filtered(meta={"year": "2027"}), set()),
            (_filtered(sources=("wiki",), languages=("de",)), set()),
            (_filtered(documents=("doc_' OR true --",)), set()),
        ):
            async with store.snapshot(scope) as view:
                assert {one.uri for one in await view.dense(a_vector("x"), limit=50)} == seen
                assert {one.uri for one in await view.lexical("cat", limit=50)} == seen

    async def test_a_filter_does_not_change_the_scores_of_what_it_leaves(self, store: Store) -> None:
        await put(store, a_document("cat dog\n\nbird", uri="a"))
        await put(store, replace(a_document("cat cat", uri="b"), status="draft"))
        (narrow,) = await find(store, "cat")
        everything = await find(store, "cat", _filtered(status=()))
        assert narrow in everything

    async def test_the_best_that_a_narrow_scope_sees_is_found_behind_many_better_ones(self, store: Store) -> None:
        await put(store, replace(a_document("\n\n".join(["cat"] * 60)), acl=("hr",)))
        await put(store, a_document("one cat among very many other words of no interest", uri="b"))
        async with store.snapshot(ACME) as view:
            assert [one.uri for one in await view.lexical("cat", limit=2)] == ["b"]
            assert [one.uri for one in await view.dense(a_vector("cat"), limit=2)] == ["b"]

    async def test_a_snapshot_sees_one_version_while_a_writer_replaces_it(self, store: Store) -> None:
        await put(store, a_document("cat one"))
        async with store.snapshot(ACME) as view:
            assert texts(await view.lexical("cat", limit=9)) == ["cat one"]
            await put(store, a_document("cat two\n\ncat three"))
            old = paragraphs(a_document("cat one"))[0]
            assert texts(await view.lexical("cat", limit=9)) == ["cat one"]
            assert texts(await view.dense(a_vector("x"), limit=9)) == ["cat one"]
            assert texts(await view.get([old.id])) == ["cat one"]
        assert set(texts(await find(store, "cat"))) == {"cat two", "cat three"}

    async def test_both_searches_at_once_see_the_same_moment(self, store: Store) -> None:
        stop = asyncio.Event()

        async def write() -> None:
            n = 0
            while not stop.is_set():
                n += 1
                await put(store, a_document("\n\n".join(f"cat {n} {part}" for part in range(1 + n % 3))))
                await asyncio.sleep(0)

        await put(store, a_document("cat 0 0"))
        writer = asyncio.create_task(write())
        try:
            for _ in range(25):
                async with store.snapshot(ACME) as view:
                    near, said = await asyncio.gather(
                        view.dense(a_vector("x"), limit=9), view.lexical("cat", limit=9)
                    )
                    again = await view.get([one.chunk.id for one in near])
                assert set(texts(near)) == set(texts(said)) == set(texts(again))
                assert len({one.version for one in near}) == 1
        finally:
            stop.set()
            await writer

    async def test_many_snapshots_at_once_all_answer(self, store: Store) -> None:
        await put(store, a_document("cat"))

        async def ask() -> int:
            async with store.snapshot(ACME) as view:
                found = await asyncio.gather(
                    view.dense(a_vector("x"), limit=9), view.lexical("cat", limit=9), view.get([])
                )
            return sum(map(len, found))

        assert await asyncio.gather(*(ask() for _ in range(60))) == [2] * 60

    async def test_an_unused_snapshot_is_no_harm(self, store: Store) -> None:
        await put(store, a_document("cat"))
        async with store.snapshot(ACME):
            pass
        assert len(await find(store, "cat")) == 1

    async def test_a_failed_search_leaves_the_store_usable(self, store: Store) -> None:
        await put(store, a_document("cat"))
        with pytest.raises(ModelMismatch):
            async with store.snapshot(ACME) as view:
                await view.dense(a_vector("x", dim=3), limit=9)
        assert len(await find(store, "cat")) == 1


def _filtered(
    *,
    status: tuple[str, ...] = ("published",),
    sources: tuple[str, ...] = (),
    languages: tuple[str, ...] = (),
    documents: tuple[str, ...] = (),
    meta: dict[str, str] | None = None,
) -> Scope:
    wanted = Filter(status=status, sources=sources, languages=languages, documents=documents, meta=meta or {})
    return Scope(tenant="acme", filter=wanted)
