"""Work that one person waits for: one at a time, called off, and told of when it breaks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from answerable.api.jobs import MOST_KEPT, MOST_SAID, Jobs
from answerable.core.errors import ConfigError

Tell = Callable[[str], None]


async def forever(tell: Tell) -> Mapping[str, Any]:
    tell("begun")
    await asyncio.Event().wait()
    return {}


async def quick(tell: Tell) -> Mapping[str, Any]:
    for n in range(MOST_SAID + 5):
        tell(f"step {n}")
    return {"markdown": "fine"}


async def ended(job: Any) -> None:
    await asyncio.gather(job.task, return_exceptions=True)


async def test_progress_and_the_result_are_told_to_its_owner_alone() -> None:
    jobs = Jobs()
    job = jobs.begin("acme ann", "sha", quick)
    await ended(job)
    record = job.record()
    assert (record["state"], record["result"]) == ("done", {"markdown": "fine"})
    assert (len(record["said"]), record["said"][-1]) == (MOST_SAID, f"step {MOST_SAID + 4}")
    assert jobs.of("acme ann", job.id) is job
    assert jobs.of("acme bob", job.id) is jobs.of("acme ann", "jb_other") is None


@pytest.mark.parametrize("steps", [0, 3], ids=["before its first step", "while it works"])
async def test_what_is_called_off_says_so(steps: int) -> None:
    jobs = Jobs()
    job = jobs.begin("ann", "sha", forever)
    for _ in range(steps):
        await asyncio.sleep(0)
    jobs.cancel("ann")
    await ended(job)
    await asyncio.sleep(0)
    assert job.state == "cancelled"


async def test_who_begins_another_calls_off_the_first_and_nobody_elses() -> None:
    jobs = Jobs()
    first, other = jobs.begin("ann", "1", forever), jobs.begin("bob", "1", forever)
    second = jobs.begin("ann", "2", forever)
    await ended(first)
    assert jobs.of("ann", first.id) is None
    assert [one.record()["state"] for one in (first, other, second)] == ["cancelled", "running", "running"]
    await jobs.close()
    assert {other.state, second.state} == {"cancelled"}


async def test_a_crash_is_told_without_its_inside(caplog: pytest.LogCaptureFixture) -> None:
    async def breaks(tell: Tell) -> Mapping[str, Any]:
        raise RuntimeError("secret path")

    async def refuses(tell: Tell) -> Mapping[str, Any]:
        raise ConfigError("no cases", hint="write one")

    with caplog.at_level(logging.ERROR):
        jobs = Jobs()
        for work, fault in ((breaks, "the server's log has the traceback"), (refuses, "no cases (write one)")):
            job = jobs.begin("ann", "sha", work)
            await ended(job)
            assert job.state == "failed"
            assert fault in job.fault
            assert "secret path" not in job.fault
    assert "secret path" in caplog.text


async def test_only_so_many_people_are_kept_and_whoever_goes_is_called_off() -> None:
    jobs = Jobs()
    first = jobs.begin("p0", "sha", forever)
    for n in range(MOST_KEPT):
        jobs.begin(f"p{n + 1}", "sha", forever)
    await ended(first)
    assert jobs.of("p0", first.id) is None
    assert first.state == "cancelled"
    await jobs.close()
