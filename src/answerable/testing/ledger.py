"""What every Ledger promises. Subclass LedgerContract in your tests and override the fixture `ledger`."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from answerable.core.errors import NotFound
from answerable.core.ports import EmbeddingModel, FileState, Ledger
from answerable.testing.samples import SMALL, a_vector

GOOD = FileState(
    uri="a/é.md", sha256="1" * 64, document_id="doc_1", size=2**40, mtime_ns=1_790_000_000_123_456_789
)
BAD = FileState(uri="b.pdf", sha256="2" * 64, document_id=None, error="encrypted; 'quoted' {and} \\ odd")


class LedgerContract:
    """Files, cached vectors and runs, each tenant's own."""

    @pytest.fixture
    def ledger(self) -> Ledger:
        """An empty ledger; override."""
        raise NotImplementedError

    async def test_what_was_recorded_is_known_by_uri(self, ledger: Ledger) -> None:
        await ledger.record(tenant="acme", source="docs", states=[GOOD, BAD])
        assert await ledger.files(tenant="acme", source="docs") == {GOOD.uri: GOOD, BAD.uri: BAD}

    async def test_a_later_record_takes_the_place_of_an_earlier(self, ledger: Ledger) -> None:
        await ledger.record(tenant="acme", source="docs", states=[GOOD, BAD])
        fixed = FileState(uri=BAD.uri, sha256="3" * 64, document_id="doc_2", size=1, mtime_ns=2)
        await ledger.record(tenant="acme", source="docs", states=[BAD, fixed])
        assert await ledger.files(tenant="acme", source="docs") == {GOOD.uri: GOOD, BAD.uri: fixed}

    async def test_forgotten_files_are_gone_and_unknown_ones_no_error(self, ledger: Ledger) -> None:
        await ledger.record(tenant="acme", source="docs", states=[GOOD, BAD])
        await ledger.forget(tenant="acme", source="docs", uris=[GOOD.uri, "never.md"])
        await ledger.forget(tenant="acme", source="never", uris=[BAD.uri])
        assert await ledger.files(tenant="acme", source="docs") == {BAD.uri: BAD}

    async def test_nothing_is_recorded_or_forgotten_without_a_word(self, ledger: Ledger) -> None:
        await ledger.record(tenant="acme", source="docs", states=[])
        await ledger.forget(tenant="acme", source="docs", uris=[])
        assert await ledger.files(tenant="acme", source="docs") == {}

    async def test_files_belong_to_a_tenant_and_a_source(self, ledger: Ledger) -> None:
        await ledger.record(tenant="acme", source="docs", states=[GOOD])
        assert await ledger.files(tenant="acme", source="wiki") == {}
        assert await ledger.files(tenant="other", source="docs") == {}
        await ledger.forget(tenant="other", source="docs", uris=[GOOD.uri])
        assert await ledger.files(tenant="acme", source="docs") == {GOOD.uri: GOOD}

    async def test_two_syncs_at_once_lose_nothing(self, ledger: Ledger) -> None:
        states = [replace(GOOD, uri=f"{n}.md") for n in range(40)]
        await asyncio.gather(
            ledger.record(tenant="acme", source="docs", states=states),
            ledger.record(tenant="acme", source="docs", states=states[::-1]),
        )
        assert len(await ledger.files(tenant="acme", source="docs")) == 40

    async def test_a_cached_vector_comes_back_bit_by_bit(self, ledger: Ledger) -> None:
        vectors = {f"{n:064x}": a_vector(str(n)) for n in range(5)}
        await ledger.cache(tenant="acme", model=SMALL, vectors=vectors)
        found = await ledger.cached(tenant="acme", model=SMALL, keys=[*vectors, "f" * 64])
        assert found.keys() == vectors.keys()
        for key, vector in vectors.items():
            assert found[key].dtype == np.float32
            assert found[key].tobytes() == vector.tobytes()

    async def test_vectors_of_other_models_and_tenants_are_not_found(self, ledger: Ledger) -> None:
        await ledger.cache(tenant="acme", model=SMALL, vectors={"a" * 64: a_vector("x")})
        others = [replace(SMALL, revision="2"), replace(SMALL, engine="int8"), replace(SMALL, name="big")]
        for model in others:
            assert await ledger.cached(tenant="acme", model=model, keys=["a" * 64]) == {}
        assert await ledger.cached(tenant="other", model=SMALL, keys=["a" * 64]) == {}
        assert await ledger.cached(tenant="acme", model=SMALL, keys=[]) == {}

    async def test_the_first_vector_of_a_text_stays(self, ledger: Ledger) -> None:
        await ledger.cache(tenant="acme", model=SMALL, vectors={"a" * 64: a_vector("x")})
        await ledger.cache(tenant="acme", model=SMALL, vectors={"a" * 64: a_vector("y"), "b" * 64: a_vector("y")})
        await ledger.cache(tenant="acme", model=SMALL, vectors={})
        found = await ledger.cached(tenant="acme", model=SMALL, keys=["a" * 64, "b" * 64])
        assert found["a" * 64].tobytes() == a_vector("x").tobytes()
        assert found["b" * 64].tobytes() == a_vector("y").tobytes()

    async def test_large_vectors_are_kept(self, ledger: Ledger) -> None:
        model = EmbeddingModel(name="large", revision="1", dim=3072)
        await ledger.cache(tenant="acme", model=model, vectors={"a" * 64: a_vector("x", dim=3072)})
        found = await ledger.cached(tenant="acme", model=model, keys=["a" * 64])
        assert found["a" * 64].shape == (3072,)

    async def test_token_codes_belong_to_a_tenant_and_a_form_and_the_first_stays(self, ledger: Ledger) -> None:
        await ledger.cache_codes(tenant="acme", form="m/1", codes={"a" * 64: b"\x00one", "b" * 64: b""})
        await ledger.cache_codes(tenant="acme", form="m/1", codes={"a" * 64: b"two"})
        await ledger.cache_codes(tenant="acme", form="m/1", codes={})
        keys = ["a" * 64, "b" * 64, "c" * 64]
        found = await ledger.cached_codes(tenant="acme", form="m/1", keys=keys)
        assert found == {"a" * 64: b"\x00one", "b" * 64: b""}
        assert await ledger.cached_codes(tenant="acme", form="m/2", keys=keys) == {}
        assert await ledger.cached_codes(tenant="other", form="m/1", keys=keys) == {}
        assert await ledger.cached_codes(tenant="acme", form="m/1", keys=[]) == {}

    async def test_runs_have_ids_of_their_own_and_end_once_started(self, ledger: Ledger) -> None:
        first = await ledger.start_run(tenant="acme", source="docs")
        second = await ledger.start_run(tenant="acme", source="docs")
        assert first != second
        await ledger.finish_run(tenant="acme", run=first, counts={"added": 2}, errors={"b.pdf": "encrypted"})

    async def test_a_run_that_the_tenant_never_started_does_not_end(self, ledger: Ledger) -> None:
        run = await ledger.start_run(tenant="acme", source="docs")
        for tenant, named in (("other", run), ("acme", "run_unknown")):
            with pytest.raises(NotFound):
                await ledger.finish_run(tenant=tenant, run=named, counts={}, errors={})
