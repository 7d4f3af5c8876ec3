"""Everything that keeps happenings keeps the contract."""

import asyncio

import pytest

from answerable.adapters.fakes.happenings import MemoryHappenings
from answerable.adapters.postgres.happenings import PostgresHappenings
from answerable.core.ports import Happening
from answerable.testing.happenings import HappeningsContract, make_happening


class TestMemoryHappenings(HappeningsContract):
    @pytest.fixture
    def happenings(self):
        return MemoryHappenings(home="home")

    @pytest.mark.parametrize(
        ("wrong", "why"),
        [
            (Happening(name="breaker.exploded"), "no happening 'breaker.exploded'"),
            (Happening(name="breaker.closed", props={"question": "who?"}), "no prop 'question'"),
            (Happening(name="breaker.closed", props={"open_s": "long"}), "open_s is a float, not str"),
            (Happening(name="breaker.opened", props={"failed": True}), "failed is a int, not bool"),
            (Happening(name="breaker.opened", props={"reason": "x" * 301}), "more than 300 characters"),
        ],
    )
    def test_a_wrong_event_is_an_error_in_tests(self, happenings, wrong, why):
        with pytest.raises(ValueError, match=why):
            happenings.write(wrong)


class TestPostgresHappenings(HappeningsContract):
    @pytest.fixture
    async def happenings(self, database, tmp_path):
        async with PostgresHappenings(database, spool=tmp_path, home="home") as happenings:
            yield happenings

    async def test_in_production_what_is_wrong_is_dropped_and_logged(self, happenings, caplog):
        good = make_happening()
        happenings.write(Happening(name="breaker.exploded", tenant="acme"))
        happenings.write(
            Happening(name=good.name, tenant="acme", id=good.id, at=good.at, trace_id=good.trace_id,
                      props={**good.props, "question": "who?"})
        )  # fmt: skip
        assert await happenings.latest(tenant="acme") == [good]
        assert "no prop 'question'" in caplog.text
        assert "no happening 'breaker.exploded'" in caplog.text

    async def test_nothing_can_be_changed_or_deleted(self, happenings, database):
        happenings.write(make_happening())
        await happenings.flush()
        for statement in ("UPDATE happening SET name = 'x'", "DELETE FROM happening"):
            with pytest.raises(Exception, match="permission denied"):
                async with database.tenant("acme") as conn:
                    await conn.execute(statement)

    async def test_what_waits_on_disk_is_written_by_the_next(self, database, tmp_path):
        closed = PostgresHappenings(database, spool=tmp_path / "other", home="home")
        closed.write(make_happening())  # never opened: straight to the spool
        async with PostgresHappenings(database, spool=tmp_path / "other", home="home") as opened:
            await opened.flush()
            while list((tmp_path / "other").glob("*.jsonl")):
                await asyncio.sleep(0.01)
            assert await opened.latest(tenant="acme") == [make_happening()]
