"""What every Judgments promises. Subclass JudgmentsContract in your tests and override the fixture `judgments`."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from answerable.core.ports import Judgments

KEY, OTHER = "a" * 64, "b" * 64
SAID: dict[str, Any] = {"verdict": "NO", "why": "„30“ ≠ 14 Tage", "evidence": [["14 days", True]], "cost": None}


class JudgmentsContract:
    """Nothing is paid for twice, and nobody reads what another tenant paid for."""

    @pytest.fixture
    def judgments(self) -> Judgments:
        """The Judgments to test."""
        raise NotImplementedError

    async def test_a_judgment_comes_back_as_it_was_kept(self, judgments: Judgments) -> None:
        await judgments.put(tenant="acme", key=KEY, judgment=SAID)
        assert await judgments.get(tenant="acme", keys=[KEY]) == {KEY: SAID}

    async def test_several_are_found_at_once_and_unknown_ones_are_left_out(self, judgments: Judgments) -> None:
        await judgments.put(tenant="acme", key=KEY, judgment=SAID)
        await judgments.put(tenant="acme", key=OTHER, judgment={"verdict": "YES"})
        found = await judgments.get(tenant="acme", keys=[KEY, "c" * 64, OTHER, KEY])
        assert found == {KEY: SAID, OTHER: {"verdict": "YES"}}
        assert await judgments.get(tenant="acme", keys=[]) == {}

    async def test_the_first_judgment_of_a_key_stays(self, judgments: Judgments) -> None:
        await judgments.put(tenant="acme", key=KEY, judgment=SAID)
        await judgments.put(tenant="acme", key=KEY, judgment={"verdict": "YES"})
        assert await judgments.get(tenant="acme", keys=[KEY]) == {KEY: SAID}

    async def test_a_tenant_finds_only_its_own(self, judgments: Judgments) -> None:
        await judgments.put(tenant="acme", key=KEY, judgment=SAID)
        assert await judgments.get(tenant="other", keys=[KEY]) == {}
        await judgments.put(tenant="other", key=KEY, judgment={"verdict": "YES"})
        assert await judgments.get(tenant="acme", keys=[KEY]) == {KEY: SAID}
        assert await judgments.get(tenant="other", keys=[KEY]) == {KEY: {"verdict": "YES"}}

    async def test_what_was_kept_does_not_change_with_what_was_given(self, judgments: Judgments) -> None:
        said = {"verdict": "YES", "evidence": ["a"]}
        await judgments.put(tenant="acme", key=KEY, judgment=said)
        said["evidence"] = ["changed"]
        found = await judgments.get(tenant="acme", keys=[KEY])
        assert found[KEY]["evidence"] == ["a"]

    async def test_many_at_once_are_all_kept(self, judgments: Judgments) -> None:
        keys = [f"{n:064x}" for n in range(30)]
        await asyncio.gather(
            *(judgments.put(tenant="acme", key=key, judgment={"verdict": "YES"}) for key in [*keys, *keys])
        )
        assert (await judgments.get(tenant="acme", keys=keys)).keys() == set(keys)
