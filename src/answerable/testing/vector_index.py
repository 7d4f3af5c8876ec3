"""What every VectorIndex promises. Subclass VectorIndexContract in your tests and override the fixture `index`."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence

import numpy as np
import pytest

from answerable.core.ports import Hit, PointKey, PointSet, Space, VectorIndex, Vectors

HERE = Space(tenant="acme", model="small@1", dim=8)
NEXT_DOOR = Space(tenant="other", model="small@1", dim=8)
WIDER = Space(tenant="acme", model="wide@1", dim=12)
EVERYTHING = (("all",),)
_ROUNDING = 2e-3  # what a service may lose in keeping a number


def unit_vectors(n: int, *, dim: int = 8, seed: int = 0) -> Vectors:
    """As if at random; shape (n, dim)."""
    rows = np.random.default_rng(seed).standard_normal((n, dim))
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def a_set(vectors: Vectors, *facets: str, chunks: str = "ch", stamp: str = "") -> PointSet:
    """One write, in which everybody has the facet `all`."""
    ids = [f"{chunks}_{n}" for n in range(len(vectors))]
    return PointSet(stamp=stamp or str(uuid.uuid4()), chunk_ids=ids, vectors=vectors, facets=["all", *facets])


async def nearest(
    index: VectorIndex, space: Space = HERE, *, limit: int = 10, conditions: Sequence[Sequence[str]] = EVERYTHING
) -> list[Hit]:
    """To the first of the unit vectors."""
    return await index.search(space, unit_vectors(1, dim=space.dim)[0], limit=limit, conditions=conditions)


async def all_keys(index: VectorIndex, space: Space = HERE) -> list[PointKey]:
    """Every point's, in order; one that is listed twice is there twice."""
    return sorted([key async for key in index.keys(space)])


class VectorIndexContract:
    """Writes, searches, filters, spaces, and what is listed."""

    @pytest.fixture
    def index(self) -> VectorIndex:
        """An empty index; override."""
        raise NotImplementedError

    async def test_a_space_that_was_never_written_to_is_empty(self, index: VectorIndex) -> None:
        assert await nearest(index) == []
        assert await index.count(HERE) == 0
        assert await all_keys(index) == []
        await index.delete(HERE, [PointKey(str(uuid.uuid4()), 0)])
        await index.upsert(HERE, [])
        assert await nearest(index) == []

    async def test_scores_are_cosines_nearest_first(self, index: VectorIndex) -> None:
        vectors = unit_vectors(40)
        one = a_set(vectors)
        await index.upsert(HERE, [one])
        found = await nearest(index)
        cosines = vectors @ vectors[0]
        assert [hit.chunk_id for hit in found] == [f"ch_{n}" for n in np.argsort(-cosines)[:10]]
        assert [hit.score for hit in found] == pytest.approx(np.sort(cosines)[::-1][:10].tolist(), abs=_ROUNDING)
        assert {hit.stamp for hit in found} == {one.stamp}

    @pytest.mark.parametrize(("limit", "found"), [(0, 0), (1, 1), (5, 5), (500, 5)])
    async def test_no_more_than_the_limit_is_found(self, index: VectorIndex, limit: int, found: int) -> None:
        await index.upsert(HERE, [a_set(unit_vectors(5))])
        assert len(await nearest(index, limit=limit)) == found

    async def test_what_was_written_is_found_by_the_next_search(self, index: VectorIndex) -> None:
        for n in range(1, 6):
            await index.upsert(HERE, [a_set(unit_vectors(1, seed=n), chunks=f"doc{n}")])
            assert len(await nearest(index)) == n

    async def test_the_same_write_twice_is_one(self, index: VectorIndex) -> None:
        one = a_set(unit_vectors(3))
        await index.upsert(HERE, [one])
        await index.upsert(HERE, [one])
        assert len(await nearest(index)) == await index.count(HERE) == 3

    async def test_every_condition_must_share_a_facet(self, index: VectorIndex) -> None:
        sets = {
            "a": a_set(unit_vectors(1, seed=1), "acl=public", "source=docs", "meta=team:blue", chunks="a"),
            "b": a_set(unit_vectors(1, seed=2), "acl=hr", "acl=legal", "source=docs", chunks="b"),
            "c": a_set(unit_vectors(1, seed=3), "acl=public", "source=wiki", "meta=team:blueish", chunks="c"),
        }
        await index.upsert(HERE, list(sets.values()))
        for conditions, seen in (
            ([], "abc"),
            ([["acl=public"]], "ac"),
            ([["acl=public", "acl=legal"]], "abc"),
            ([["acl=public"], ["source=wiki", "source=mail"]], "c"),
            ([["acl=hr"], ["source=wiki"]], ""),
            ([["meta=team:blue"]], "a"),
            ([["acl=PUBLIC", "acl=publi", "acl="]], ""),
            ([["acl=public"], []], ""),
        ):
            found = await nearest(index, conditions=conditions)
            assert {hit.chunk_id[0] for hit in found} == set(seen), conditions

    async def test_facets_are_compared_whole_and_as_they_are(self, index: VectorIndex) -> None:
        odd = ["a b", "A B", "é", "the", "x*", '"quoted"', "meta#0a1b", "a,b", "source=a/b:c@d-e.f_g", "%", "{x}"]
        await index.upsert(
            HERE, [a_set(unit_vectors(1, seed=n), word, chunks=f"doc{n}") for n, word in enumerate(odd)]
        )
        for n, word in enumerate(odd):
            assert [hit.chunk_id for hit in await nearest(index, conditions=[[word]])] == [f"doc{n}_0"], word

    async def test_the_few_that_a_filter_leaves_are_found_behind_many_nearer_ones(
        self, index: VectorIndex
    ) -> None:
        vectors = unit_vectors(1000, seed=5)
        near = vectors[np.argsort(-(vectors @ unit_vectors(1)[0]))]
        await index.upsert(HERE, [a_set(near[:990]), a_set(near[990:], "few", chunks="few")])
        found = await nearest(index, conditions=[["few"]])
        assert [hit.chunk_id for hit in found] == [f"few_{n}" for n in range(10)]

    async def test_spaces_never_meet(self, index: VectorIndex) -> None:
        same = str(uuid.uuid4())
        await index.upsert(HERE, [a_set(unit_vectors(2), chunks="here", stamp=same)])
        await index.upsert(NEXT_DOOR, [a_set(unit_vectors(3), chunks="next", stamp=same)])
        await index.upsert(WIDER, [a_set(unit_vectors(4, dim=12), chunks="wide", stamp=same)])
        for space, name, count in ((HERE, "here", 2), (NEXT_DOOR, "next", 3), (WIDER, "wide", 4)):
            assert {hit.chunk_id for hit in await nearest(index, space)} == {f"{name}_{n}" for n in range(count)}
            assert await index.count(space) == count
        await index.delete(NEXT_DOOR, [PointKey(same, n) for n in range(4)])
        assert [await index.count(space) for space in (HERE, NEXT_DOOR, WIDER)] == [2, 0, 4]

    async def test_deleted_points_are_gone_and_unknown_ones_no_error(self, index: VectorIndex) -> None:
        one, two = a_set(unit_vectors(3)), a_set(unit_vectors(2, seed=1), chunks="two")
        await index.upsert(HERE, [one, two])
        await index.delete(HERE, [*one.keys[:2], PointKey(str(uuid.uuid4()), 0), PointKey(one.stamp, 99)])
        assert {hit.chunk_id for hit in await nearest(index)} == {"ch_2", "two_0", "two_1"}
        assert await all_keys(index) == sorted([one.keys[2], *two.keys])
        await index.delete(HERE, [])
        assert await index.count(HERE) == 3

    async def test_a_large_write_arrives_whole_and_is_listed_whole(self, index: VectorIndex) -> None:
        sets = [a_set(unit_vectors(700, seed=n), chunks=f"doc{n}") for n in range(3)]
        await index.upsert(HERE, sets)
        assert await index.count(HERE) == 2100
        assert await all_keys(index) == sorted(key for one in sets for key in one.keys)
        await index.delete(HERE, [key for one in sets[:2] for key in one.keys])
        assert await all_keys(index) == sets[2].keys

    async def test_many_writers_at_once_make_one_space(self, index: VectorIndex) -> None:
        sets = [a_set(unit_vectors(2, seed=n), chunks=f"doc{n}") for n in range(6)]
        await asyncio.gather(*(index.upsert(HERE, [one]) for one in sets))
        assert await index.count(HERE) == 12

    async def test_it_says_what_it_is(self, index: VectorIndex) -> None:
        assert (await index.describe()).split()[0] == index.name.split()[0]
