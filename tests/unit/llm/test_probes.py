"""Endpoints are asked before somebody needs them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from answerable.adapters.fakes.llm import ScriptedLLM
from answerable.core.call import Call
from answerable.core.errors import PermanentModelError, TransientModelError
from answerable.llm.booking import Booked
from answerable.llm.breaker import Breaker
from answerable.llm.circuit import Circuit, CircuitLimits
from answerable.llm.probes import USE, Probed, Probes
from answerable.prompts.collection import load_library
from answerable.prompts.render import rendered

ASKED = replace(rendered(load_library(USE), {}), use=USE)


def endpoint(name: str, *replies, calls: list[Call]) -> Breaker:
    model = ScriptedLLM(replies, name="main", model="m-2026")
    circuit = Circuit(limits=CircuitLimits(least=1, open_s=1000.0))
    return Breaker(llm=Booked(llm=model, model="m", observers=(calls.append,)), id=name, circuit=circuit)


async def test_every_endpoint_is_asked_once_and_told_whatever_becomes_of_it():
    calls: list[Call] = []
    told: list[Probed] = []
    ends = [
        endpoint("good", "ready", calls=calls),
        endpoint("down", TransientModelError("down", status=503, hint="wait"), calls=calls),
        endpoint("key", PermanentModelError("wrong key", status=401, reason="key"), calls=calls),
    ]
    probes = Probes(asked=ASKED, endpoints=lambda: ends, told=told.append)
    done = await probes.probe_once()
    assert done == told
    assert [(one.endpoint, one.outcome, one.model, one.error, one.hint) for one in done] == [
        ("good", "ok", "m-2026", "", ""),
        ("down", "failed", "", "down", "wait"),
        ("key", "failed", "", "wrong key", ""),
    ]
    assert {call.use for call in calls} == {"probe"}
    assert [one.circuit.state for one in ends] == ["closed", "open", "misconfigured"]
    again = await probes.probe_once()
    assert [one.outcome for one in again] == ["ok", "skipped", "failed"]
    assert len(calls) == 4  # the two that are left alone were not asked


async def test_rounds_come_as_often_as_asked_for_until_cancelled():
    rounds: list[float] = []

    async def sleep(seconds: float) -> None:
        rounds.append(seconds)
        if len(rounds) == 3:
            raise asyncio.CancelledError

    told: list[Probed] = []
    with pytest.raises(asyncio.CancelledError):
        ends = [endpoint("a", "ready", calls=[])]
        await Probes(asked=ASKED, endpoints=lambda: ends, told=told.append, sleep=sleep).run(60.0)
    assert (rounds, len(told)) == ([60.0, 60.0, 60.0], 2)
