"""What the configuration becomes: endpoints that are shared, routes by use, and what is told of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from answerable.adapters.fakes.llm import ScriptedLLM
from answerable.app import endpoints as endpoints_module
from answerable.app.gateway import Parts, open_gateway
from answerable.app.project import Project
from answerable.core.completion import Completion, Usage
from answerable.core.deadline import Deadline
from answerable.core.errors import ConfigError, PermanentModelError, TransientModelError
from answerable.core.ports import Happening
from answerable.core.prompt import Rendered
from answerable.testing.prompts import sealed

CONFIG = """
[[route]]
use = "answer"
chain = ["main", "backup", "extractive"]

[[route]]
use = "rewrite"
chain = ["main"]
retry_share = 0.0

[[route]]
use = "judge"
chain = ["backup", "main"]

[balance]
policy = "sticky"
hedge_after = "p95"

[balance.circuit]
least = 1
open = "3s"

[provider.main]
kind = "openai-compatible"
base_urls = ["http://127.0.0.1:9/v1", "http://127.0.0.1:10/v1"]
api_keys = ["env:GATEWAY_KEY_1", "env:GATEWAY_KEY_2"]
model = "big-1"

[provider.backup]
kind = "anthropic"
base_url = "http://127.0.0.1:11"
model = "other-1"
"""


@pytest.fixture
def happened() -> list[Happening]:
    return []


@pytest.fixture
def opened(tmp_path, monkeypatch, happened):
    """A gateway of the configuration."""
    monkeypatch.setenv("GATEWAY_KEY_1", "key-one")
    monkeypatch.setenv("GATEWAY_KEY_2", "key-two")

    @asynccontextmanager
    async def opened(config: str = CONFIG):
        path = tmp_path / "answerable.toml"
        path.write_text(config)
        async with open_gateway(Project.open(path), Parts(happened=happened.append)) as gateway:
            yield gateway

    return opened


def prompt() -> Rendered:
    return sealed("U", system="S")


async def test_every_address_with_every_key_is_an_endpoint_and_no_name_shows_a_key(opened):
    async with opened() as gateway:
        names = [one.id for one in gateway.endpoints.of("main")]
        assert names == [
            "127.0.0.1:9/v1 key 1",
            "127.0.0.1:9/v1 key 2",
            "127.0.0.1:10/v1 key 1",
            "127.0.0.1:10/v1 key 2",
        ]
        assert [one.id for one in gateway.endpoints.of("backup")] == ["127.0.0.1:11"]
        limits = gateway.endpoints.of("backup")[0].circuit.limits
        assert (limits.least, limits.open_s, limits.fair_s) == (1, 3.0, 1.2)


async def test_routes_share_the_endpoints_of_a_provider_but_not_the_budget_of_retries(opened):
    async with opened() as gateway:
        answer, rewrite = gateway.answers(ScriptedLLM(name="extractive")), gateway.route("rewrite")
        assert gateway.route("rewrite") is rewrite
        first, only = answer.llm.links[0].llm, rewrite.llm.links[0].llm
        assert first.llm.balanced.endpoints is only.llm.balanced.endpoints
        assert first.llm.balanced.policy == "sticky"
        assert (answer.budget.share, rewrite.budget.share) == (0.1, 0.0)
        assert first.budget is first.llm.budget is answer.budget
        assert [row.use for row in gateway.meter.routes()] == ["answer", "rewrite"]


async def test_the_providers_of_a_use_by_themselves_are_without_its_quotes(opened):
    async with opened() as gateway:
        assert list(gateway.models("answer")) == ["main", "backup"]


async def test_a_use_without_a_route_does_without_a_model(opened):
    quotes = ScriptedLLM(name="extractive")
    async with opened("") as gateway:
        assert gateway.answers(quotes) is quotes
        assert gateway.route("rewrite") is None
        with pytest.raises(ConfigError, match="no model is configured for 'judge'"):
            gateway.models("judge")


async def test_judges_are_asked_one_by_one_through_the_same_endpoints(opened):
    async with opened() as gateway:
        judges = gateway.models("judge")
        assert list(judges) == ["backup", "main"]
        assert judges["main"].llm.llm.balanced.endpoints is gateway.endpoints.of("main")


async def test_a_provider_that_nobody_asks_for_needs_no_key(opened, monkeypatch):
    async with opened() as gateway:
        monkeypatch.delenv("GATEWAY_KEY_2")
        assert gateway.endpoints.of("backup")
        with pytest.raises(ConfigError, match="GATEWAY_KEY_2"):
            gateway.endpoints.of("main")


async def test_what_happens_to_an_endpoint_is_told_and_shown(opened, happened):
    async with opened() as gateway:
        section = gateway.project.settings.provider["backup"]

        def endpoint(error, name: str):
            model = ScriptedLLM([error, "ok"], name="backup")
            return gateway.endpoints.guarded(model, section, name)

        down = endpoint(TransientModelError("down", status=503), "one")
        stranger = endpoint(PermanentModelError("wrong key", status=401, reason="key"), "two")
        for one in (down, stranger):
            with pytest.raises((TransientModelError, PermanentModelError)):
                await one.complete(prompt(), deadline=Deadline.after(60))
        states = {row.endpoint: row.state.breaker for row in gateway.meter.snapshot()}
        assert (states["one"], states["two"]) == ("open", "misconfigured")
        down.circuit.clock = lambda: 1e12
        await down.complete(prompt(), deadline=Deadline.after(60))
    told = [(one.name, one.props["provider"], one.props["endpoint"]) for one in happened]
    assert told == [
        ("breaker.opened", "backup", "one"),
        ("provider.misconfigured", "backup", "two"),
        ("breaker.closed", "backup", "one"),
    ]
    assert (happened[0].props["calls"], happened[0].props["failed"]) == (1, 1)


async def test_probing_once_asks_every_endpoint_of_every_route(opened, happened):
    async with opened() as gateway:
        done = await gateway.probes().probe_once()
    assert [(one.provider, one.outcome) for one in done] == [("main", "failed")] * 4 + [("backup", "failed")]
    assert {one.name for one in happened} == {"breaker.opened", "provider.probed"}


class Counted:
    """A model that counts its calls by question."""

    def __init__(self, name: str, calls: Counter[tuple[str, str]], *, fails: bool) -> None:
        self.name, self.calls, self.fails = name, calls, fails

    async def complete(self, rendered, *, deadline):
        self.calls[self.name, rendered.question] += 1
        await asyncio.sleep(0)
        if self.fails:
            raise TransientModelError("down", status=503)
        return Completion(text="Yes.", model="m", provider=self.name, usage=Usage(input=1, output=1))

    async def stream(self, rendered, *, deadline):
        completion = await self.complete(rendered, deadline=deadline)
        yield completion.text
        yield completion

    async def aclose(self):
        return


@pytest.mark.parametrize("least", [10_000, 5])
async def test_retries_never_exceed_a_fifth_of_the_requests_while_a_provider_fails_every_call(
    opened, monkeypatch, least
):
    calls: Counter[tuple[str, str]] = Counter()
    monkeypatch.setattr(
        endpoints_module, "model_at", lambda provider: Counted(provider.name, calls, fails=provider.name == "main")
    )
    left = list(range(1000))

    async def work(route) -> None:
        while left:
            asked = replace(prompt(), question=str(left.pop()))
            reply = await route.complete(asked, deadline=Deadline.after(60))
            assert reply.provider == "backup"

    config = CONFIG.replace("least = 1\n", f"least = {least}\n").replace('"p95"', '"off"')
    async with opened(config) as gateway:
        route = gateway.answers(ScriptedLLM())
        await asyncio.gather(*(work(route) for _ in range(32)))
        row = next(one for one in gateway.meter.routes() if one.use == "answer")
    further = sum(made - 1 for made in calls.values())
    assert row.requests == 1000
    assert further <= row.retries <= 200
    assert further > 0 or least == 5, "only a circuit that opens may leave nothing to be tried again"
