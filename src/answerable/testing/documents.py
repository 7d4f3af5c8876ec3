"""What every Documents promises. Subclass DocumentsContract; override `store`, and `documents` that reads it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from answerable.core.errors import NotFound
from answerable.core.ports import Documents, Store
from answerable.core.query import Filter, Scope
from answerable.testing.samples import ACME, SMALL, a_document, paragraphs, put, vectors_of


class DocumentsContract:
    """Looking up, listing and counting."""

    @pytest.fixture
    def store(self) -> Store:
        """An empty store; override."""
        raise NotImplementedError

    @pytest.fixture
    def documents(self, store: Store) -> Documents:
        """Reads what the store wrote; override."""
        raise NotImplementedError

    async def test_a_document_comes_back_whole(self, store: Store, documents: Documents) -> None:
        document = replace(
            a_document("Cats 🐈 sleep.\n\nDogs bark.", uri="pets/é.md", title="Pets"),
            language="fr", acl=("public", "vets"), updated_at=date(2026, 1, 2), review_by=date(2027, 3, 4),
            owner="Kim", trust="partner", media_type="text/markdown", meta={"team": "é"},
        )  # fmt: skip
        leaves = [replace(one, headings=("Pets", "A, {b}"), tokens=4) for one in paragraphs(document)]
        parent = replace(leaves[0], end=len(document.text), text=document.text, level=1, headings=())
        chunks = [parent, *(replace(one, parent=parent.id) for one in leaves[::-1])]
        await store.replace(document, chunks, vectors_of(chunks), model=SMALL)
        view = await documents.document(ACME, document.id)
        assert (view.id, view.uri, view.source) == (document.id, "pets/é.md", "docs")
        assert (view.title, view.text, view.version) == ("Pets", document.text, 1)
        assert (view.language, view.status, view.trust, view.owner) == ("fr", "published", "partner", "Kim")
        assert (view.updated_at, view.review_by) == ("2026-01-02", "2027-03-04")
        assert (view.media_type, dict(view.meta)) == ("text/markdown", {"team": "é"})
        assert view.chunks == (chunks[2], chunks[1], chunks[0])  # by level and place

    async def test_whole_documents_are_read_page_by_page(self, store: Store, documents: Documents) -> None:
        for uri in ("a.md", "b.md", "c.md"):
            await put(store, a_document(f"On {uri}.\n\nMore.", uri=uri))
        pages, after = [], ""
        while page := await documents.read(ACME, limit=2, after=after):
            pages.append(page)
            after = page[-1].uri
        assert [[one.uri for one in page] for page in pages] == [["a.md", "b.md"], ["c.md"]]
        for one in (view for page in pages for view in page):
            assert one == await documents.document(ACME, one.id)
        assert await documents.read(ACME, limit=0) == []
        assert await documents.read(Scope(tenant="acme", groups=("nobody",))) == []

    async def test_unknown_dates_and_owners_are_none(self, store: Store, documents: Documents) -> None:
        await put(store, a_document("cat"))
        view = await documents.document(ACME, "a.md")
        assert (view.updated_at, view.review_by, view.owner) == (None, None, None)

    async def test_the_current_version_is_read(self, store: Store, documents: Documents) -> None:
        await put(store, a_document("cat"))
        await put(store, a_document("dog"))
        view = await documents.document(ACME, "a.md")
        assert (view.text, view.version, [one.text for one in view.chunks]) == ("dog", 2, ["dog"])

    async def test_ids_unique_beginnings_and_uris_are_references(self, store: Store, documents: Documents) -> None:
        one, two = a_document("cat"), a_document("dog", uri="b.md")
        await put(store, one)
        await put(store, two)
        same = next(n for n, (a, b) in enumerate(zip(one.id, two.id, strict=True)) if a != b)
        for reference in (one.id, "a.md", one.id[: same + 1], one.id[:-1]):
            assert (await documents.document(ACME, reference)).id == one.id
        for reference in (one.id[:same], "doc_", "", "a.m", "a%", "A.MD", one.id + "0", "_oc"):
            with pytest.raises(NotFound):
                await documents.document(ACME, reference)

    async def test_a_uri_of_two_sources_is_ambiguous_and_an_id_is_not(
        self, store: Store, documents: Documents
    ) -> None:
        one = a_document("cat")
        await put(store, one)
        await put(store, replace(one, source="wiki"))
        with pytest.raises(NotFound):
            await documents.document(ACME, "a.md")
        assert (await documents.document(ACME, one.id)).source == "docs"

    async def test_an_id_goes_before_a_uri_that_looks_like_it(self, store: Store, documents: Documents) -> None:
        one = a_document("cat")
        await put(store, one)
        await put(store, a_document("dog", uri=one.id))
        await put(store, a_document("bird", uri=one.id[:-1]))
        assert (await documents.document(ACME, one.id)).text == "cat"
        assert (await documents.document(ACME, one.id[:-1])).text == "bird"

    async def test_what_is_not_yours_is_not_there(self, store: Store, documents: Documents) -> None:
        await put(store, a_document("cat", tenant="other"))
        await put(store, replace(a_document("cat", uri="hr.md"), acl=("hr",)))
        await put(store, replace(a_document("cat", uri="draft.md"), status="draft"))
        for hidden in (
            a_document("", tenant="other"),
            a_document("", uri="hr.md"),
            a_document("", uri="draft.md"),
        ):
            for reference in (hidden.id, hidden.id[:-2], hidden.uri):
                with pytest.raises(NotFound):
                    await documents.document(ACME, reference)
        assert await documents.documents(ACME) == []
        drafts = Scope(tenant="acme", filter=Filter(status=("draft",)))
        assert (await documents.document(drafts, "draft.md")).status == "draft"
        human = Scope(tenant="acme", groups=("hr",))
        assert [one.uri for one in await documents.documents(human)] == ["hr.md"]

    async def test_a_hidden_document_does_not_make_a_beginning_ambiguous(
        self, store: Store, documents: Documents
    ) -> None:
        await put(store, a_document("cat"))
        for n in range(5):
            await put(store, replace(a_document("dog", uri=f"{n}.md"), acl=("hr",)))
        assert (await documents.document(ACME, "doc_")).uri == "a.md"

    async def test_a_removed_document_is_not_found(self, store: Store, documents: Documents) -> None:
        document = a_document("cat")
        await put(store, document)
        await store.remove(tenant="acme", document_ids=[document.id])
        with pytest.raises(NotFound):
            await documents.document(ACME, document.id)

    async def test_pages_go_by_uri_and_lose_nothing(self, store: Store, documents: Documents) -> None:
        for uri in ("b.md", "a.md", "Z.md", "ä.md", "c/d.md"):
            await put(store, a_document("cat", uri=uri))
        await put(store, replace(a_document("cat", uri="b.md"), source="wiki"))
        seen: list[tuple[str, str]] = []
        after = ""
        while page := await documents.documents(ACME, limit=2, after=after):
            seen.extend((one.uri, one.source) for one in page)
            after = page[-1].uri
        assert [uri for uri, _ in seen] == ["Z.md", "a.md", "b.md", "b.md", "c/d.md", "ä.md"]
        assert len(set(seen)) == 6

    async def test_a_page_has_no_texts_and_no_more_than_asked_for(
        self, store: Store, documents: Documents
    ) -> None:
        for n in range(3):
            await put(store, a_document("cat", uri=f"{n}.md", title=f"Title {n}"))
        page = await documents.documents(ACME, limit=2)
        assert [(one.title, one.text, one.chunks) for one in page] == [("Title 0", "", ()), ("Title 1", "", ())]
        assert await documents.documents(ACME, limit=0) == []

    async def test_counts_are_of_the_tenant(self, store: Store, documents: Documents) -> None:
        await put(store, a_document("cat\n\ndog"))
        await put(store, replace(a_document("cat", uri="b.md"), source="wiki", status="draft", acl=("hr",)))
        await put(store, a_document("cat", tenant="other"))
        counts = await documents.counts(tenant="acme")
        assert counts == {"documents": 2, "chunks": 3, "sources": 2, "failed": 0}
        assert set((await documents.counts(tenant="nobody")).values()) == {0}
