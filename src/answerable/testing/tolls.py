"""What every Tolls promises. Subclass TollsContract in your tests and override the fixture."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from answerable.core.ports import Tolls
from answerable.core.toll import Charge, Meter, Rate, Settlement, View

HOUR, DAY = 3600, 86400


def asked(
    scope: str = "user", *, name: str = "ada", most: float = 10, period_s: int = HOUR, unit: str = "questions",
    amount: float = 1.0,
) -> Charge:  # fmt: skip
    """A charge on one meter."""
    meter = Meter(scope=scope, name=name, unit=unit, rate=Rate(most=most, period_s=period_s))
    return Charge(meter=meter, amount=amount)


async def passes(tolls: Tolls, *charges: Charge, tenant: str = "acme") -> bool:
    """Whether all of them had room."""
    return (await tolls.take(tenant=tenant, charges=charges)).refused is None


async def settle(tolls: Tolls, *debts: Charge, views: Sequence[View] = ()) -> None:
    """Write it, and charge nothing."""
    await tolls.take(tenant="acme", charges=(), settled=Settlement(debts=debts, views=tuple(views)))


class TollsContract:
    """Never more passes than there is room for, whoever asks at once."""

    @pytest.fixture
    def tolls(self) -> Tolls:
        """Empty tolls."""
        raise NotImplementedError

    async def test_of_200_questions_at_once_on_a_limit_of_10_exactly_10_pass(self, tolls: Tolls) -> None:
        both = asked(period_s=DAY), asked("tenant", name="acme", most=1000, period_s=DAY)
        # Half name the meters the other way round: nobody waits for anybody for ever.
        passed = await asyncio.gather(*(passes(tolls, *both[:: 1 if n % 2 else -1]) for n in range(200)))
        assert sum(passed) == 10

    async def test_a_refusal_says_which_is_full_and_for_how_long_and_charges_nothing(self, tolls: Tolls) -> None:
        small, large = asked(most=1, period_s=HOUR), asked("key", name="k1", most=100, period_s=DAY)
        assert await passes(tolls, small, large)
        for _ in range(3):
            own, key = (await tolls.take(tenant="acme", charges=[small, large])).rooms
            assert HOUR - 60 < own.wait_s <= HOUR
            assert key.wait_s == 0
            assert 98.9 < key.left < 99.1
        assert own.left == pytest.approx(0.0, abs=0.1)

    async def test_a_tenant_a_person_a_unit_and_a_period_are_counted_apart(self, tolls: Tolls) -> None:
        one = asked(most=1)
        assert await passes(tolls, one)
        assert not await passes(tolls, one)
        assert await passes(tolls, one, tenant="rival")
        assert await passes(tolls, asked(most=1, name="bob"))
        assert await passes(tolls, asked(most=1, unit="tokens"))
        assert await passes(tolls, asked(most=1, period_s=DAY))
        assert await passes(tolls, asked("key", most=1))

    async def test_more_than_ever_fits_passes_where_nothing_is_in_yet(self, tolls: Tolls) -> None:
        large = asked(unit="tokens", most=100, amount=1000)
        assert await passes(tolls, large)
        assert not await passes(tolls, large)

    async def test_a_settlement_gives_back_or_takes_more_and_never_refuses(self, tolls: Tolls) -> None:
        held = asked(unit="tokens", most=100, period_s=DAY, amount=90)
        assert await passes(tolls, held)
        assert not await passes(tolls, held)
        await settle(tolls, asked(unit="tokens", most=100, period_s=DAY, amount=-85))
        assert await passes(tolls, held)
        await settle(tolls, asked(unit="tokens", most=100, period_s=DAY, amount=500))
        (room,) = (await tolls.take(tenant="acme", charges=[asked(unit="tokens", most=100, period_s=DAY)])).rooms
        assert room.wait_s > 4.5 * DAY

    async def test_different_passages_are_counted_once_and_by_person(self, tolls: Tolls) -> None:
        for n in range(3):
            seen = tuple(f"chunk-{i}" for i in range(n, n + 5))
            view = View(name="ada", period_s=DAY, asked=1, shapes=("what is",), passages=seen)
            await settle(tolls, views=[view, View(name="bob", period_s=DAY, asked=1)])
        (walk,) = await tolls.walks(tenant="acme", name="ada", periods=[DAY])
        assert walk.asked == 3
        assert walk.passages == pytest.approx(7, abs=0.1)
        assert walk.shapes == pytest.approx(1, abs=0.1)
        other, longer = await tolls.walks(tenant="acme", name="bob", periods=[DAY, 30 * DAY])
        assert (other.asked, other.passages, longer.asked) == (3, 0, 0)
        (foreign,) = await tolls.walks(tenant="rival", name="ada", periods=[DAY])
        assert foreign.asked == 0

    async def test_500_passages_are_counted_to_within_3_in_100(self, tolls: Tolls) -> None:
        view = View(name="ada", period_s=DAY, asked=100, passages=tuple(f"ch_{n}" for n in range(500)))
        await settle(tolls, views=[view])
        (walk,) = await tolls.walks(tenant="acme", name="ada", periods=[DAY])
        assert walk.passages == pytest.approx(500, rel=0.03)

    async def test_an_alarm_is_given_once_a_window_whoever_asks(self, tolls: Tolls) -> None:
        await settle(tolls, views=[View(name="ada", period_s=DAY, asked=1)])
        once = [tolls.first_told(tenant="acme", name="ada", period_s=DAY, kind="sweep") for _ in range(5)]
        assert sum(await asyncio.gather(*once)) == 1
        assert await tolls.first_told(tenant="acme", name="ada", period_s=DAY, kind="passages")
        (walk,) = await tolls.walks(tenant="acme", name="ada", periods=[DAY])
        assert set(walk.told) == {"sweep", "passages"}

    async def test_who_is_forgotten_starts_anew_and_nobody_else(self, tolls: Tolls) -> None:
        one, other = asked(most=1), asked(most=1, name="bob")
        assert await passes(tolls, one, other)
        await settle(tolls, views=[View(name="ada", period_s=DAY, asked=9)])
        assert await tolls.forget(tenant="acme", name="ada") == 2
        assert await passes(tolls, one)
        assert not await passes(tolls, other)
        (walk,) = await tolls.walks(tenant="acme", name="ada", periods=[DAY])
        assert walk.asked == 0

    async def test_one_journey_settles_charges_and_tells_how_far_the_person_has_come(self, tolls: Tolls) -> None:
        view = View(name="ada", period_s=DAY, asked=1, passages=("ch_1", "ch_2"))
        owed = asked(unit="tokens", most=100, period_s=DAY, amount=60)
        toll = await tolls.take(
            tenant="acme",
            charges=[asked(period_s=DAY), asked(unit="tokens", most=100, period_s=DAY)],
            name="ada",
            periods=[30 * DAY, DAY],
            settled=Settlement(debts=(owed,), views=(view,)),
        )
        assert [round(one.left) for one in toll.rooms] == [9, 39]
        assert [one.asked for one in toll.walks] == [0, 1]
        assert toll.walks[1].passages == pytest.approx(2, abs=0.1)
        assert 0 < toll.walks[1].left_s <= DAY
