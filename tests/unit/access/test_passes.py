"""Operators' credentials while the database is away, and no longer."""

from datetime import UTC, datetime, timedelta

import pytest

from answerable.api.credentials import Credential
from answerable.api.passes import Passes
from answerable.api.problems import ProblemError
from answerable.core.errors import DatabaseUnreachable
from answerable.core.ports import Token
from answerable.core.query import Principal

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
GIVEN = Credential(kind="api", secret="s")


def token(**fields):
    return Token(id="tk", tenant="acme", principal=Principal(), label="", created_at=NOON, **fields)


class Door:
    """Says what it is told to, and when it was asked."""

    def __init__(self, now, *answers):
        self.now, self.answers, self.asked = now, list(answers), []

    async def __call__(self, credential):
        self.asked.append(self.now[0])
        said = self.answers.pop(0)
        if isinstance(said, Exception):
            raise said
        return said


async def test_a_pass_outlives_the_database_for_a_while_and_a_revoked_one_a_second_at_most():
    now = [0.0]
    gone, no = DatabaseUnreachable("gone"), ProblemError("not_authorized")
    passes, door = Passes(clock=lambda: now[0]), Door(now, token(), gone, gone, no, gone)
    for moment in (0.0, 0.9, 1.1, 16.0, 16.5):
        now[0] = moment
        assert await passes.checked(GIVEN, door) == token()
    assert door.asked == [0.0, 1.1, 16.5]  # away since 1.1: not asked again for 15 s
    now[0] = 32.0
    with pytest.raises(ProblemError):  # it is back, and the token is revoked
        await passes.checked(GIVEN, door)
    with pytest.raises(DatabaseUnreachable):
        await passes.checked(GIVEN, door)


async def test_an_expired_pass_ends_while_the_database_is_away():
    now, day = [0.0], [NOON]
    passes = Passes(clock=lambda: now[0], now=lambda: day[0])
    door = Door(now, token(expires_at=NOON + timedelta(seconds=5)), DatabaseUnreachable("gone"))
    await passes.checked(GIVEN, door)
    now[0], day[0] = 6.0, NOON + timedelta(seconds=6)
    with pytest.raises(ProblemError) as caught:
        await passes.checked(GIVEN, door)
    assert caught.value.code == "not_authorized"


async def test_the_same_secret_by_another_carrier_is_another_pass():
    now = [0.0]
    passes, door = Passes(clock=lambda: now[0]), Door(now, token(), ProblemError("not_authorized"))
    await passes.checked(GIVEN, door)
    with pytest.raises(ProblemError):
        await passes.checked(Credential(kind="session", secret="s"), door)
