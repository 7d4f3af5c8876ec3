"""What every Alerts promises. Subclass AlertsContract in your tests and override the fixture `alerts`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from answerable.core.alert import Alert, Hour, Notice, Severity, Silence, Watched
from answerable.core.errors import NotFound
from answerable.core.ports import Alerts, Looked

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ONE = Alert(
    id="al_1",
    tenant="acme",
    rule="refusals",
    severity=Severity.PAGE,
    opened_at=NOW,
    began_at=NOW - MINUTE,
    last_at=NOW,
    n=40,
    bad=20,
    value=0.5,
    usual=0.1,
    blame="prompt answer@2",
    facts={"prompt_version": "2"},
)
MESSAGE = Notice(
    id="no_1",
    tenant="acme",
    channel="webhook:desk",
    name="alert.opened",
    payload={"rule": "refusals"},
    created_at=NOW,
    due_at=NOW,
)


class AlertsContract:
    """One look at a time; a message is one worker's until its lease ends."""

    @pytest.fixture
    def alerts(self) -> Alerts:
        """The Alerts to test, empty."""
        raise NotImplementedError

    async def test_of_two_looks_from_the_same_place_one_counts_whole(self, alerts: Alerts) -> None:
        assert await alerts.watched(tenant="acme") == Watched()
        first = Looked(now=NOW, seen=Watched(), state={"a": [1]}, alerts=[ONE], notices=[MESSAGE])
        second = replace(first, alerts=[replace(ONE, id="al_2", rule="latency")], notices=[])
        assert await alerts.keep(first, tenant="acme")
        assert not await alerts.keep(second, tenant="acme")
        seen = await alerts.watched(tenant="acme")
        assert seen == Watched(version=1, at=NOW, state={"a": [1]})
        assert await alerts.listed(tenant="acme") == [ONE]
        assert await alerts.keep(replace(second, seen=seen), tenant="acme")
        assert [one.id for one in await alerts.listed(tenant="acme")] == ["al_1", "al_2"]
        assert await alerts.keep(Looked(now=NOW, seen=Watched(), state={}), tenant="other")

    async def test_an_alert_ends_and_is_known_afterwards(self, alerts: Alerts) -> None:
        await alerts.keep(Looked(now=NOW, seen=Watched(), state={}, alerts=[ONE]), tenant="acme")
        acked = await alerts.ack(tenant="acme", reference="al_", by="ann", now=NOW + MINUTE)
        assert acked == replace(ONE, acked_at=NOW + MINUTE)
        assert await alerts.ack(tenant="acme", reference="al_1", by="bob", now=NOW + 2 * MINUTE) == acked
        seen = await alerts.watched(tenant="acme")
        over = replace(ONE, resolved_at=NOW + MINUTE, n=80)
        again = replace(ONE, id="al_2", opened_at=NOW + MINUTE)
        assert await alerts.keep(Looked(now=NOW, seen=seen, state={}, alerts=[again, over]), tenant="acme")
        assert await alerts.listed(tenant="acme") == [again]
        every = await alerts.listed(tenant="acme", every=True)
        assert every == [again, replace(over, acked_at=NOW + MINUTE)]
        assert await alerts.listed(tenant="acme", every=True, limit=1) == [again]
        assert await alerts.get(tenant="acme", reference="al_1") == every[1]
        for reference in ("", "al_", "nothing"):
            with pytest.raises(NotFound):
                await alerts.get(tenant="acme", reference=reference)
        with pytest.raises(NotFound):
            await alerts.ack(tenant="other", reference="al_1", by="eve", now=NOW)
        assert await alerts.listed(tenant="other", every=True) == []

    async def test_an_hour_that_is_read_again_takes_the_place_of_the_old_one(self, alerts: Alerts) -> None:
        early, late = (Hour(signal="refusals", at=NOW + n * 60 * MINUTE, n=10, bad=n) for n in (0, 1))
        first = Looked(now=NOW, seen=Watched(), state={}, hours=[early, late])
        assert await alerts.keep(first, tenant="acme")
        corrected = replace(late, n=12, bins={"4": 12})
        seen = await alerts.watched(tenant="acme")
        assert await alerts.keep(Looked(now=NOW, seen=seen, state={}, hours=[corrected]), tenant="acme")
        assert await alerts.hours(tenant="acme", since=NOW) == [early, corrected]
        assert await alerts.hours(tenant="acme", since=NOW + MINUTE) == [corrected]
        assert await alerts.hours(tenant="other", since=NOW) == []

    async def test_a_silence_holds_until_its_time_or_until_it_is_ended(self, alerts: Alerts) -> None:
        short = Silence(id="si_1", rule="refusals", until=NOW + MINUTE, reason="a test")
        long = Silence(id="si_2", rule="refusals", key="doc", until=NOW + 9 * MINUTE)
        for one in (long, short):
            await alerts.silence(tenant="acme", silence=one, by="ann", now=NOW)
        assert await alerts.silences(tenant="acme", now=NOW) == [short, long]
        assert await alerts.silences(tenant="acme", now=NOW + MINUTE) == [long]
        assert await alerts.silences(tenant="other", now=NOW) == []
        longer = replace(short, until=NOW + 3 * MINUTE)
        await alerts.silence(tenant="acme", silence=longer, by="ann", now=NOW)
        assert await alerts.silences(tenant="acme", now=NOW) == [longer, long]
        assert await alerts.unsilence(tenant="acme", rule="latency", by="ann", now=NOW) == 0
        assert await alerts.unsilence(tenant="acme", rule="refusals", by="ann", now=NOW) == 2
        assert await alerts.silences(tenant="acme", now=NOW) == []

    async def test_a_message_is_one_worker_s_until_the_lease_ends(self, alerts: Alerts) -> None:
        later = replace(MESSAGE, id="no_2", due_at=NOW + MINUTE, created_at=NOW + MINUTE)
        assert await alerts.post(tenant="acme", notices=[MESSAGE, later]) == 2
        assert await alerts.post(tenant="acme", notices=[MESSAGE]) == 0
        assert await alerts.claim(tenant="other", now=NOW, lease_s=60) == []
        assert await alerts.claim(tenant="acme", now=NOW, lease_s=60) == [MESSAGE]
        assert await alerts.claim(tenant="acme", now=NOW, lease_s=60) == []
        assert await alerts.claim(tenant="acme", now=NOW + MINUTE, lease_s=60) == [MESSAGE, later]
        failed = replace(MESSAGE, tries=1, due_at=NOW + 5 * MINUTE, error="no connection")
        await alerts.settled(tenant="acme", notice=failed)
        await alerts.settled(tenant="acme", notice=replace(later, tries=1, sent_at=NOW + MINUTE))
        assert await alerts.claim(tenant="acme", now=NOW + 4 * MINUTE, lease_s=60) == []
        assert await alerts.claim(tenant="acme", now=NOW + 5 * MINUTE, lease_s=60) == [failed]
        await alerts.settled(tenant="acme", notice=replace(failed, given_up_at=NOW + 5 * MINUTE))
        assert await alerts.claim(tenant="acme", now=NOW + 99 * MINUTE, lease_s=60) == []
        known = await alerts.notices(tenant="acme")
        assert [(one.id, one.sent_at is None, one.given_up_at is None) for one in known] == [
            ("no_2", False, True),
            ("no_1", True, False),
        ]
