"""The contract of the Happenings port: subclass it, give a `happenings` fixture, and every test here must pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from answerable.core.ports import Happening, Happenings

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def make_happening(number: int = 1, *, tenant: str = "acme", name: str = "breaker.closed") -> Happening:
    """What happened `number` minutes after noon."""
    props = {"provider": f"p{number}", "open_s": 5.0}
    at = NOON + timedelta(minutes=number)
    return Happening(name=name, tenant=tenant, id=f"ev_{number:04d}", at=at, props=props, trace_id="tr_1")


class HappeningsContract:
    """What every Happenings keeps. `happenings` must be open, empty, and at home in the tenant `home`."""

    @pytest.fixture
    def happenings(self) -> Happenings:
        """An open, empty one; override."""
        raise NotImplementedError

    async def test_what_was_written_comes_back_whole(self, happenings: Happenings) -> None:
        happenings.write(make_happening())
        await happenings.flush()
        assert await happenings.latest(tenant="acme") == [make_happening()]

    async def test_the_newest_come_first_and_only_so_many(self, happenings: Happenings) -> None:
        for number in (2, 1, 3):
            happenings.write(make_happening(number))
        await happenings.flush()
        found = await happenings.latest(tenant="acme", limit=2)
        assert [one.id for one in found] == ["ev_0003", "ev_0002"]

    async def test_those_of_one_name_can_be_had_alone(self, happenings: Happenings) -> None:
        happenings.write(make_happening(1))
        opened = replace(make_happening(2, name="breaker.opened"), props={"provider": "p", "failed": 5})
        happenings.write(opened)
        await happenings.flush()
        assert await happenings.latest(tenant="acme", name="breaker.opened") == [opened]
        assert await happenings.latest(tenant="acme", name="breaker.never") == []

    async def test_the_same_id_twice_is_one_event_and_the_first_stays(self, happenings: Happenings) -> None:
        happenings.write(make_happening())
        happenings.write(replace(make_happening(), props={"provider": "another"}))
        await happenings.flush()
        happenings.write(make_happening())
        await happenings.flush()
        assert await happenings.latest(tenant="acme") == [make_happening()]

    async def test_a_tenant_sees_its_own_and_may_have_the_same_ids(self, happenings: Happenings) -> None:
        for tenant in ("acme", "other"):
            happenings.write(make_happening(tenant=tenant))
        await happenings.flush()
        assert await happenings.latest(tenant="other") == [make_happening(tenant="other")]
        assert await happenings.latest(tenant="third") == []

    async def test_what_belongs_to_no_tenant_is_the_homes(self, happenings: Happenings) -> None:
        happenings.write(make_happening(tenant=""))
        await happenings.flush()
        assert await happenings.latest(tenant="home") == [make_happening(tenant="home")]
