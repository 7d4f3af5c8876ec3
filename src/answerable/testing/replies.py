"""What every Replies promises. Subclass RepliesContract in your tests and override the fixture `pair`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from answerable.core.completion import Completion, Usage
from answerable.core.identity import sha256_hex
from answerable.core.ports import CachedReply, CacheKey, Replies, Store
from answerable.testing.samples import a_document, paragraphs, put

CATS = a_document("Cats sleep.\n\nCats purr.")
DOGS = a_document("Dogs bark.", uri="b.md")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY_S = 86_400.0
SLEEP, PURR = (chunk.id for chunk in paragraphs(CATS))
(BARK,) = (chunk.id for chunk in paragraphs(DOGS))


def a_reply(
    name: str,
    *,
    question: str = "q",
    alike: str = "",
    chunk_ids: tuple[str, ...] = (SLEEP,),
    tenant: str = "acme",
    minutes: int = 0,
) -> CachedReply:
    """One whose keys follow from the names; `minutes` after noon."""
    key = CacheKey(
        tenant=tenant,
        exact=sha256_hex(name),
        question=sha256_hex(question),
        chunk_ids=chunk_ids,
        alike=sha256_hex(alike) if alike else "",
    )
    usage = Usage(input=900, cached=600, output=40, cost=Decimal("0.00125"), currency="EUR")
    completion = Completion(
        text=f"{name}: «Katzen» schlafen [1].\n\n日本語 [2].",
        model="m-1",
        provider="p",
        usage=usage,
        fingerprint="fp",
    )
    vector = b"\x00\x01\xfe\xff" if alike else b""
    return CachedReply(key=key, completion=completion, kept_at=NOON + timedelta(minutes=minutes), vector=vector)


Pair = tuple[Replies, Store]


class RepliesContract:
    """Found by keys, within the tenant, as long as the time lasts and the chunks are there."""

    @pytest.fixture
    def pair(self) -> Pair:
        """No replies, and the empty store whose chunks they are made from; override."""
        raise NotImplementedError

    async def test_a_reply_comes_back_as_it_was_put_under_its_key_alone(self, pair: Pair) -> None:
        replies, _ = await _filled(pair)
        reply = a_reply("one", alike="meaning", chunk_ids=(PURR, BARK, SLEEP))
        await replies.put(reply, ttl_s=DAY_S)
        assert await replies.get(tenant="acme", exact=reply.key.exact) == reply
        assert await replies.earlier(tenant="acme", question=reply.key.question) == reply
        assert await replies.alike(tenant="acme", alike=reply.key.alike) == [reply]
        assert await replies.get(tenant="acme", exact=sha256_hex("two")) is None
        assert await replies.earlier(tenant="acme", question=sha256_hex("other")) is None
        assert await replies.alike(tenant="acme", alike=sha256_hex("other")) == []
        unpriced = replace(reply.completion, usage=replace(reply.completion.usage, cost=None))
        await replies.put(replace(reply, completion=unpriced), ttl_s=DAY_S)
        found = await replies.get(tenant="acme", exact=reply.key.exact)
        assert found is not None
        assert found.completion == unpriced
        assert (await replies.census(tenant="acme")).entries == 1

    async def test_another_tenant_neither_finds_nor_forgets_nor_counts_it(self, pair: Pair) -> None:
        replies, _ = await _filled(pair)
        reply = a_reply("one", alike="meaning")
        await replies.put(reply, ttl_s=DAY_S)
        assert await replies.get(tenant="other", exact=reply.key.exact) is None
        assert await replies.earlier(tenant="other", question=reply.key.question) is None
        assert await replies.alike(tenant="other", alike=reply.key.alike) == []
        assert await replies.forget(tenant="other") == 0
        assert await replies.forget(tenant="other", chunk_ids=[SLEEP]) == 0
        assert (await replies.census(tenant="other")).entries == 0
        assert await replies.get(tenant="acme", exact=reply.key.exact) == reply

    async def test_past_its_time_it_is_gone(self, pair: Pair) -> None:
        replies, _ = await _filled(pair)
        reply = a_reply("one", alike="meaning")
        await replies.put(reply, ttl_s=-1.0)
        assert await replies.get(tenant="acme", exact=reply.key.exact) is None
        assert await replies.earlier(tenant="acme", question=reply.key.question) is None
        assert await replies.alike(tenant="acme", alike=reply.key.alike) == []
        assert (await replies.census(tenant="acme")).entries == 0
        await replies.put(reply, ttl_s=DAY_S)
        assert await replies.get(tenant="acme", exact=reply.key.exact) == reply

    async def test_the_newest_comes_first(self, pair: Pair) -> None:
        replies, _ = await _filled(pair)
        old, new = (
            a_reply("old", alike="m", minutes=-5),
            a_reply("new", alike="m", chunk_ids=(PURR,), minutes=5),
        )
        await replies.put(new, ttl_s=DAY_S)
        await replies.put(old, ttl_s=DAY_S)
        assert await replies.earlier(tenant="acme", question=new.key.question) == new
        assert await replies.alike(tenant="acme", alike=new.key.alike) == [new, old]

    async def test_a_reply_goes_with_any_of_its_chunks(self, pair: Pair) -> None:
        replies, store = await _filled(pair)
        both, cats = a_reply("both", chunk_ids=(SLEEP, BARK)), a_reply("cats", chunk_ids=(PURR,))
        for one in (both, cats):
            await replies.put(one, ttl_s=DAY_S)
        await store.remove(tenant="acme", document_ids=[DOGS.id])
        assert await replies.get(tenant="acme", exact=both.key.exact) is None
        assert await replies.earlier(tenant="acme", question=both.key.question) == cats
        await put(store, a_document("Cats sleep.\n\nCats hiss."))
        assert await replies.get(tenant="acme", exact=cats.key.exact) is None
        assert (await replies.census(tenant="acme")).entries == 0

    async def test_what_comes_too_late_is_not_kept(self, pair: Pair) -> None:
        replies, store = await _filled(pair)
        await store.remove(tenant="acme", document_ids=[DOGS.id])
        late = a_reply("late", chunk_ids=(SLEEP, BARK))
        await replies.put(late, ttl_s=DAY_S)
        assert await replies.get(tenant="acme", exact=late.key.exact) is None
        assert (await replies.census(tenant="acme")).entries == 0

    async def test_those_made_from_a_chunk_are_forgotten_or_all(self, pair: Pair) -> None:
        replies, _ = await _filled(pair)
        for name, chunk_ids in (("a", (SLEEP,)), ("b", (PURR, BARK)), ("c", (BARK,))):
            await replies.put(a_reply(name, chunk_ids=chunk_ids), ttl_s=DAY_S)
        census = await replies.census(tenant="acme")
        assert (census.entries, census.oldest) == (3, NOON)
        assert census.bytes == 3 * len(a_reply("a").completion.text.encode())
        assert await replies.forget(tenant="acme", chunk_ids=[BARK, "ch_unknown"]) == 2
        assert await replies.get(tenant="acme", exact=sha256_hex("b")) is None
        assert await replies.get(tenant="acme", exact=sha256_hex("a")) is not None
        assert await replies.forget(tenant="acme") == 1
        assert await replies.forget(tenant="acme") == 0


async def _filled(pair: Pair) -> Pair:
    for document in (CATS, DOGS):
        await put(pair[1], document)
    return pair
