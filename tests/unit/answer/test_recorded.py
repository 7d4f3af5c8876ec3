"""Conflicts that were recorded reach the question that is about them, and nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from answerable.adapters.fakes.conflicts import MemoryConflicts
from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.adapters.fakes.store import MemoryStore
from answerable.answer.retrieval import Retriever
from answerable.core.conflict import ConflictState, DocumentConflict, Side
from answerable.core.document import Chunk, Document, embedding_text
from answerable.core.errors import DatabaseUnreachable
from answerable.core.outcome import Outcome
from answerable.core.query import Principal
from tests.unit.answer.test_ask import QUESTION, asker, query

THIRTY = "Items can be returned within 30 days of delivery."
SIXTY = "Sixty days is how long the shop takes back what was bought."  # not alike: only a record knows


class Topmost:
    """A reranker that leaves only the page that the words of the question are on."""

    async def rerank(self, query, passages, *, limit):
        return [one for one in passages if "30 days" in one.chunk.text][:limit]


async def world(*, acl=("public",), updated=date(2024, 11, 18)):
    store, embedder, documents = MemoryStore(), HashEmbedder(), []
    pages = (("policy.md", "kb", THIRTY, date(2026, 5, 2), ("public",)), ("faq.md", "faq", SIXTY, updated, acl))
    for uri, source, text, day, groups in pages:
        one = Document(source=source, uri=uri, title=uri, text=text, tenant="t", updated_at=day, acl=groups)
        chunk = Chunk(document_id=one.id, start=0, end=len(text), text=text, headings=(uri,), tokens=10)
        vectors = await embedder.embed([embedding_text(one, chunk)], kind="passage")
        await store.replace(one, [chunk], vectors, model=embedder.model)
        documents.append(one)
    conflicts = MemoryConflicts(store, groups=("public", "staff"))
    sides = [Side(document_id=one.id, text=one.text, start=0, end=len(one.text)) for one in documents]
    found = DocumentConflict(id="cf_1", kind="time", reason="", first=sides[0], second=sides[1])
    await conflicts.record(tenant="t", found=[found])
    retriever = Retriever(embedder=embedder, store=store)
    return conflicts, await asker(store, retriever=retriever, conflicts=conflicts, reranker=Topmost())


async def test_the_side_that_was_not_retrieved_is_shown_as_well():
    _, one = await world()
    answer = await one.ask(query(QUESTION))
    assert answer.outcome is Outcome.CONFLICT
    assert THIRTY.rstrip(".") in answer.text
    assert SIXTY.rstrip(".") in answer.text
    assert [citation.uri for citation in answer.citations] == ["policy.md", "faq.md"]
    assert "2024-11-18" in answer.text


async def test_a_side_that_the_asker_may_not_read_is_never_shown():
    _, one = await world(acl=("staff",))
    answer = await one.ask(query(QUESTION))
    assert answer.outcome is Outcome.ANSWERED
    assert "Sixty" not in answer.text
    staff = await one.ask(query(QUESTION, principal=Principal(groups=("public", "staff"))))
    assert staff.outcome is Outcome.CONFLICT


async def test_an_accepted_conflict_is_left_alone_and_a_resolved_one_is_still_shown():
    conflicts, one = await world()
    await conflicts.decide(tenant="t", conflict_id="cf_1", state=ConflictState.ACCEPTED, note="stores", by="Kim")
    assert (await one.ask(query(QUESTION))).outcome is Outcome.ANSWERED
    await conflicts.decide(tenant="t", conflict_id="cf_1", state=ConflictState.RESOLVED, note="soon", by="Kim")
    assert (await one.ask(query(QUESTION))).outcome is Outcome.CONFLICT


@pytest.mark.parametrize(
    ("rule", "priority", "counts"),
    [("newest", (), THIRTY), ("source_priority", ("faq",), SIXTY), ("source_priority", ("kb", "faq"), THIRTY)],
)
async def test_a_declared_rule_decides_and_is_named(rule, priority, counts):
    _, one = await world()
    answer = await replace(one, on_conflict=rule, source_priority=priority).ask(query(QUESTION))
    assert answer.outcome is Outcome.ANSWERED
    assert counts.rstrip(".") in answer.text
    assert "by our rule" in answer.text
    assert len(answer.citations) == 1


async def test_where_the_rule_does_not_decide_both_are_shown():
    _, one = await world(updated=None)
    answer = await replace(one, on_conflict="newest").ask(query(QUESTION))
    assert answer.outcome is Outcome.CONFLICT
    both = replace(one, on_conflict="source_priority", source_priority=("wiki",))
    assert (await both.ask(query(QUESTION))).outcome is Outcome.CONFLICT


async def test_what_the_question_is_not_about_is_not_brought_up():
    _, one = await world()
    answer = await one.ask(query("Which colors do the boats in the harbor have?"))
    assert answer.outcome is not Outcome.CONFLICT


async def test_without_the_record_the_answer_says_so_and_goes_on():
    class Away:
        async def standing(self, scope, *, document_ids):
            raise DatabaseUnreachable("gone")

    _, one = await world()
    answer = await replace(one, conflicts=Away()).ask(query(QUESTION))
    assert answer.outcome is Outcome.ANSWERED
    assert "no_recorded_conflicts" in answer.degraded
