"""What every Incidents promises. Subclass IncidentsContract in your tests and override the fixture `incidents`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from answerable.core.errors import NotFound
from answerable.core.incident import Blocked, Incident
from answerable.core.ports import Incidents

RECALL = Incident(id="in_1", kind=Blocked.TOPIC, value="battery recall", reason="legal", message={"de": "Später."})


class IncidentsContract:
    """What stands is known to everybody of its tenant, until it is closed."""

    @pytest.fixture
    def incidents(self) -> Incidents:
        """The Incidents to test, with no answer and no document."""
        raise NotImplementedError

    async def test_what_is_opened_stands_until_it_is_closed(self, incidents: Incidents) -> None:
        one = await incidents.open(tenant="acme", incident=RECALL, by="ann")
        assert (one.value, one.reason, dict(one.message), one.opened_by) == (
            "battery recall", "legal", {"de": "Später."}, "ann",
        )  # fmt: skip
        assert await incidents.listed(tenant="acme") == [one]
        closed = await incidents.close(tenant="acme", reference="in_", by="bob")
        assert (closed.standing, closed.closed_by) == (False, "bob")
        assert await incidents.listed(tenant="acme") == []
        assert await incidents.listed(tenant="acme", every=True) == [closed]
        assert await incidents.close(tenant="acme", reference="in_1", by="eve") == closed

    async def test_the_same_thing_is_blocked_once(self, incidents: Incidents) -> None:
        await incidents.open(tenant="acme", incident=RECALL, by="ann")
        again = replace(RECALL, id="in_2", reason="", message={"": "Later."})
        one = await incidents.open(tenant="acme", incident=again, by="bob")
        assert (one.id, one.reason, dict(one.message)) == ("in_1", "legal", {"de": "Später.", "": "Later."})
        assert await incidents.listed(tenant="acme", every=True) == [one]

    async def test_a_tenant_has_its_own(self, incidents: Incidents) -> None:
        await incidents.open(tenant="acme", incident=RECALL, by="ann")
        assert await incidents.listed(tenant="other", every=True) == []
        with pytest.raises(NotFound):
            await incidents.close(tenant="other", reference="in_1", by="eve")

    @pytest.mark.parametrize("kind", [Blocked.DOC, Blocked.ANSWER])
    async def test_what_is_not_there_is_not_blocked(self, incidents: Incidents, kind: Blocked) -> None:
        with pytest.raises(NotFound):
            await incidents.open(tenant="acme", incident=replace(RECALL, kind=kind, value="nowhere"), by="ann")
        with pytest.raises(NotFound):
            await incidents.close(tenant="acme", reference="", by="ann")
