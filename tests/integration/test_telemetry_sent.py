"""A whole system sends what it does to a collector on a real socket; without the extra it says what is missing."""

import logging
import sys
from contextlib import AsyncExitStack

import pytest

from answerable.app import Project, open_system
from answerable.app.telemetry import collector_of, open_telemetry
from answerable.core.errors import ConfigError
from answerable.core.traceparent import came_with, received
from answerable.testing.otlp_receiver import receiving
from answerable.testing.projects import CONFIG, make_project

CALLER = "4bf92f3577b34da6a3ce929d0e0e4736"


def opened(folder, section):
    return Project.open(make_project(folder, config=f"{CONFIG}\n[telemetry]\n{section}\n").config)


async def test_a_question_of_a_system_arrives_as_spans_with_its_metrics_and_warnings(
    ingested_project, monkeypatch
):
    async with receiving() as receiver:
        monkeypatch.setenv("ANSWERABLE_TELEMETRY__OTLP", receiver.address)
        monkeypatch.setenv("ANSWERABLE_TELEMETRY__LINGER", "10ms")
        async with open_system(Project.open(ingested_project.config)) as system:
            token = came_with.set(received(f"00-{CALLER}-00f067aa0ba902b7-01"))
            async with system.operations.serving():
                answer = await system.asker.ask(system.query("How long can I return an item?"))
                logging.getLogger("answerable.test").warning("look here")
            came_with.reset(token)
            text, _ = await system.operations.scrape()
    names = {one["name"]: one for one in receiver.spans()}
    root = names["invoke_workflow test"]
    assert (root["trace_id"], root["parent_id"]) == (CALLER, "00f067aa0ba902b7")
    assert (root["answerable.answer.id"], root["answerable.outcome"]) == (answer.id, "answered")
    assert names["dense"]["parent_id"] == names["retrieval test"]["span_id"]
    assert answer.text not in str(receiver.spans())
    assert [one["body"] for one in receiver.records()] == ["look here"]
    assert receiver.records()[0]["trace_id"] == CALLER
    assert "answerable_answers_total" in receiver.metrics()
    assert b"answerable_telemetry_dropped_total" not in text


async def test_nothing_is_sent_and_nothing_is_needed_where_no_collector_is_set(tmp_path, monkeypatch):
    monkeypatch.delenv("NO_COLLECTOR", raising=False)
    async with AsyncExitStack() as stack:
        assert await open_telemetry(opened(tmp_path / "a", ""), stack) is None
        assert await open_telemetry(opened(tmp_path / "b", 'otlp = "env:NO_COLLECTOR"'), stack) is None


async def test_a_missing_extra_a_wrong_address_and_a_wrong_header_are_told(tmp_path, monkeypatch):
    monkeypatch.setenv("WHERE", "collector:4318")
    monkeypatch.setenv("HEADERS", "authorization")
    wrong = opened(tmp_path / "a", 'otlp = "env:WHERE"')
    with pytest.raises(ConfigError, match="no http"):
        collector_of(wrong.settings.telemetry, wrong)
    headers = opened(tmp_path / "b", 'otlp = "http://127.0.0.1:9"\nheaders = "env:HEADERS"')
    missing = opened(tmp_path / "c", 'otlp = "http://127.0.0.1:9"')
    with pytest.raises(ConfigError, match="otlp"):
        opened(tmp_path / "d", 'otlp = "http://user:key@127.0.0.1:9"')
    async with AsyncExitStack() as stack:
        with pytest.raises(ConfigError, match="name=value"):
            await open_telemetry(headers, stack)
        for name in [one for one in sys.modules if one.startswith("answerable.adapters.exporters.")]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, "opentelemetry.proto.trace.v1", None)
        with pytest.raises(ConfigError) as caught:
            await open_telemetry(missing, stack)
    assert "answerable[otel]" in caught.value.hint
