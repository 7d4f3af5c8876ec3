"""Behavior cases through the configured route and through single providers, over HTTP; one server plays both."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from answerable.app.behavior.behaving import How
from answerable.app.behavior.run import Wanted, run_cases
from answerable.app.project import Project
from answerable.config import Settings
from answerable.testing.model_server import ModelServer

CAREFUL, CARELESS = "scripted:careful", "scripted:careless"


async def test_the_route_is_asked_or_the_providers_that_are_named_and_what_it_cost_is_told(tmp_path: Path):
    with ModelServer() as server:
        here = {"kind": "openai-compatible", "base_url": f"{server.url}/v1"}
        here |= {"timeout": "30s", "first_token": "30s"}  # a busy machine is no outage
        settings = Settings.model_validate(
            {
                "provider": {"good": {**here, "model": CAREFUL}, "bad": {**here, "model": CARELESS}},
                "route": [{"use": "decompose", "chain": ["good"]}],
                "price": {CAREFUL: {"input": 1.0, "output": 2.0}},
            }
        )
        project = Project(settings=settings, base=tmp_path)
        lines: list[str] = []
        how = How(twins=False, most=Decimal(5))
        routed = await run_cases(project, Wanted(how=how), lines.append)
        (by_route,) = routed.results
        assert (by_route.ok, by_route.model) == (True, CAREFUL)
        assert by_route.cost and by_route.cost > 0
        assert any("no model is configured for 'answer'" in one for one in routed.skipped)
        wanted = Wanted(names=("decompose",), models=("good", "bad"), how=how)
        both = await run_cases(project, wanted, lines.append)
        assert [(one.ok, one.model) for one in both.results] == [(True, CAREFUL), (False, CARELESS)]
        assert both.results[1].cost is None  # it has no price
        (compared,) = both.comparisons
        assert compared.sentence.startswith("decompose@1")
        assert f"with {CAREFUL} against" in compared.sentence
