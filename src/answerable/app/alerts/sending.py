"""Sending what waits in the outbox: until it is received, or given up after a day."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from answerable.app.alerts.parts import AlertParts
from answerable.core.alert import Notice
from answerable.core.errors import AnswerableError, ConfigError
from answerable.core.ports.channels import Channel
from answerable.core.seam import seam

ROUNDS = 25  # of as many messages as are claimed at a time
LEASE_S = 120.0  # longer than any channel takes
FIRST_S, LONGEST_S = 30.0, 3600.0  # between two tries; each wait is twice the one before


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Of one round: messages that were received, that are tried again, and that are given up."""

    sent: int = 0
    waiting: int = 0
    given_up: int = 0


async def send_notices(parts: AlertParts, channels: Mapping[str, Channel], *, now: datetime) -> Sent:
    """Those that are due. At least once each: a worker that dies between sending and noting it sends it twice.

    Where nobody receives a round, the rest waits: a receiver that hangs must not hold up the next look.
    """
    settled: list[Notice] = []
    for _ in range(ROUNDS):
        due = await parts.alerts.claim(tenant=parts.tenant, now=now, lease_s=LEASE_S)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_send(parts, channels.get(one.channel), one, now)) for one in due]
        done = [task.result() for task in tasks]
        settled += done
        if not any(one.sent_at for one in done):
            break
    given_up = sum(one.given_up_at is not None for one in settled)
    sent = sum(one.sent_at is not None for one in settled)
    return Sent(sent=sent, given_up=given_up, waiting=len(settled) - sent - given_up)


async def _send(parts: AlertParts, channel: Channel | None, notice: Notice, now: datetime) -> Notice:
    tried = replace(notice, tries=notice.tries + 1, error="")
    if channel is None:
        settled = replace(tried, given_up_at=now, error="this channel is not configured any more")
    else:
        try:
            with seam("channel"):  # what nobody foresaw costs this message this try, and no other
                await channel.send(notice, now=now)
            settled = replace(tried, sent_at=now)
        except ConfigError as exc:
            settled = replace(tried, given_up_at=now, error=str(exc))
        except (AnswerableError, TimeoutError) as exc:
            settled = _later(tried, str(exc), now, give_up_s=parts.settings.give_up)
    await parts.alerts.settled(tenant=parts.tenant, notice=settled)
    return settled


def _later(tried: Notice, error: str, now: datetime, *, give_up_s: float) -> Notice:
    if (now - tried.created_at).total_seconds() >= give_up_s:
        return replace(tried, given_up_at=now, error=error)
    wait_s = min(LONGEST_S, FIRST_S * 2.0 ** (tried.tries - 1))
    return replace(tried, due_at=now + timedelta(seconds=wait_s), error=error)
