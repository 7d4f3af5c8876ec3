"""What every Conflicts promises. Subclass ConflictsContract; override `store`, and `conflicts` beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from answerable.core.conflict import ConflictState, DocumentConflict, Recorded, Side
from answerable.core.document import Document
from answerable.core.errors import NotFound
from answerable.core.ports import Conflicts, Store
from answerable.core.query import Filter, Scope
from answerable.testing.samples import ACME, a_document, put

THIRTY, SIXTY = "Items can be returned within 30 days.", "Items can be returned within 60 days."
POLICY = replace(a_document(f"Returns.\n\n{THIRTY}", uri="policy.md", title="Policy"), updated_at=date(2026, 5, 2))
FAQ = replace(a_document(f"{SIXTY}\n\nMore.", uri="faq.md", title="FAQ"), owner="Kim")


class ConflictsContract:
    """Recording is idempotent, an owner's word stays, and nobody is shown what they may not read."""

    @pytest.fixture
    def store(self) -> Store:
        """An empty store; override."""
        raise NotImplementedError

    @pytest.fixture
    def conflicts(self, store: Store) -> Conflicts:
        """Over the store's documents, for the groups public and staff; override."""
        raise NotImplementedError

    async def test_what_was_found_is_listed_with_both_documents(self, store: Store, conflicts: Conflicts) -> None:
        found = await _both(store)
        assert await conflicts.record(tenant="acme", found=[found]) == Recorded(opened=1)
        (one,) = await conflicts.conflicts(tenant="acme")
        assert (one.id, one.kind, one.reason, one.state) == (
            "cf_1",
            "time",
            "30 days or 60 days",
            ConflictState.OPEN,
        )
        assert (one.first.text, one.first.uri, one.first.updated_at) == (THIRTY, "policy.md", date(2026, 5, 2))
        assert (one.second.text, one.second.title, one.second.owner) == (SIXTY, "FAQ", "Kim")
        assert (one.first.start, one.first.scope) == (10, {"region": "europe"})
        assert await conflicts.conflicts(tenant="other") == []

    async def test_recording_again_keeps_and_what_is_not_found_closes(
        self, store: Store, conflicts: Conflicts
    ) -> None:
        found = await _both(store)
        await conflicts.record(tenant="acme", found=[found])
        assert await conflicts.record(tenant="acme", found=[found]) == Recorded(known=1)
        other = replace(found, id="cf_2")
        assert await conflicts.record(tenant="acme", found=[other]) == Recorded(opened=1, closed=1)
        assert [one.id for one in await conflicts.conflicts(tenant="acme")] == ["cf_2"]
        assert await conflicts.record(tenant="acme", found=[]) == Recorded(closed=1)
        assert await conflicts.record(tenant="other", found=[]) == Recorded()

    async def test_an_owners_word_stays_even_over_a_closing(self, store: Store, conflicts: Conflicts) -> None:
        found = await _both(store)
        await conflicts.record(tenant="acme", found=[found])
        await conflicts.decide(
            tenant="acme", conflict_id="cf_1", state=ConflictState.ACCEPTED, note="the FAQ is for stores", by="Kim"
        )
        for again in ([found], [], [found]):
            await conflicts.record(tenant="acme", found=again)
        (one,) = await conflicts.conflicts(tenant="acme")
        assert (one.state, one.note, one.decided_by) == (ConflictState.ACCEPTED, "the FAQ is for stores", "Kim")

    async def test_only_what_is_open_can_be_decided(self, store: Store, conflicts: Conflicts) -> None:
        found = await _both(store)
        await conflicts.record(tenant="acme", found=[found])
        for tenant, reference in (("acme", "cf_9"), ("other", "cf_1")):
            with pytest.raises(NotFound):
                await conflicts.decide(
                    tenant=tenant, conflict_id=reference, state=ConflictState.RESOLVED, note="", by="Kim"
                )
        await conflicts.record(tenant="acme", found=[])
        with pytest.raises(NotFound):
            await conflicts.decide(
                tenant="acme", conflict_id="cf_1", state=ConflictState.RESOLVED, note="", by="Kim"
            )

    async def test_a_side_leads_to_the_other_with_the_chunks_that_hold_them(
        self, store: Store, conflicts: Conflicts
    ) -> None:
        await conflicts.record(tenant="acme", found=[await _both(store)])
        for document in (POLICY, FAQ):
            (one,) = await conflicts.standing(ACME, document_ids=[document.id])
            async with store.snapshot(ACME) as view:
                passages = await view.get([side.chunk_id for side in one.sides])
            assert [passage.chunk.text for passage in passages] == [THIRTY, SIXTY]
            assert [side.start for side in one.sides] == [10, 0]
        assert await conflicts.standing(ACME, document_ids=["doc_9"]) == []
        assert await conflicts.standing(ACME, document_ids=[]) == []

    async def test_a_moved_sentence_is_found_and_a_changed_one_is_not(
        self, store: Store, conflicts: Conflicts
    ) -> None:
        await conflicts.record(tenant="acme", found=[await _both(store)])
        await put(store, replace(POLICY, text=f"First something else.\n\n{THIRTY}"))
        (one,) = await conflicts.standing(ACME, document_ids=[FAQ.id])
        assert one.first.start == 23
        await put(store, replace(FAQ, text="Items can be returned within 30 days.\n\nMore."))
        assert await conflicts.standing(ACME, document_ids=[POLICY.id]) == []

    async def test_nobody_is_led_to_what_they_may_not_read(self, store: Store, conflicts: Conflicts) -> None:
        await conflicts.record(tenant="acme", found=[await _both(store, replace(FAQ, acl=("staff",)))])
        assert await conflicts.standing(ACME, document_ids=[POLICY.id, FAQ.id]) == []
        staff = Scope(tenant="acme", groups=("public", "staff"))
        assert len(await conflicts.standing(staff, document_ids=[POLICY.id])) == 1
        for narrowed in (Filter(documents=(POLICY.id,)), Filter(status=("draft",)), Filter(sources=("wiki",))):
            assert await conflicts.standing(replace(staff, filter=narrowed), document_ids=[POLICY.id]) == []
        assert await conflicts.standing(Scope(tenant="other"), document_ids=[POLICY.id]) == []

    async def test_a_pair_of_which_both_stand_is_known_and_never_listed(
        self, store: Store, conflicts: Conflicts
    ) -> None:
        found = await _both(store)
        apart = replace(found, id="cf_2", both_stand=True, reason="another region")
        assert await conflicts.record(tenant="acme", found=[found, apart]) == Recorded(opened=1)
        assert [one.id for one in await conflicts.conflicts(tenant="acme")] == ["cf_1"]
        assert [one.id for one in await conflicts.standing(ACME, document_ids=[POLICY.id])] == ["cf_1"]
        assert await conflicts.both_stand(tenant="acme", conflict_id="cf_2")
        for tenant, other in (("acme", "cf_1"), ("acme", "cf_9"), ("other", "cf_2")):
            assert not await conflicts.both_stand(tenant=tenant, conflict_id=other)
        accepted = ConflictState.ACCEPTED
        await conflicts.decide(tenant="acme", conflict_id="cf_1", state=accepted, note="fine", by="Kim")
        assert await conflicts.both_stand(tenant="acme", conflict_id="cf_1")
        assert await conflicts.record(tenant="acme", found=[]) == Recorded(closed=1)
        assert not await conflicts.both_stand(tenant="acme", conflict_id="cf_2")

    async def test_a_removed_document_takes_its_conflicts_along(self, store: Store, conflicts: Conflicts) -> None:
        found = await _both(store)
        await conflicts.record(tenant="acme", found=[found])
        await store.remove(tenant="acme", document_ids=[FAQ.id])
        assert await conflicts.conflicts(tenant="acme") == []
        assert (await conflicts.record(tenant="acme", found=[found])).opened == 0


async def _both(store: Store, second: Document = FAQ) -> DocumentConflict:
    for document in (POLICY, second):
        await put(store, document)
    return DocumentConflict(
        id="cf_1",
        kind="time",
        reason="30 days or 60 days",
        first=Side(document_id=POLICY.id, text=THIRTY, start=10, end=10 + len(THIRTY), scope={"region": "europe"}),
        second=Side(document_id=second.id, text=SIXTY, start=0, end=len(SIXTY)),
    )
