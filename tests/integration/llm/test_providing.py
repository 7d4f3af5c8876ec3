"""The configured models, each asked whether it is there and what it says; one server plays them all."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from answerable.app.project import Project
from answerable.app.providing import check_providers, probe_providers, provider_list
from answerable.cli import provider as command
from answerable.config import Settings
from answerable.core.errors import ConfigError
from answerable.testing.model_server import ModelServer

MODEL = "scripted:echo"
runner = CliRunner()


@pytest.fixture(scope="module")
def server():
    with ModelServer(api_key="right") as one:
        yield one


@pytest.fixture
def project(server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Four providers: one as it should be, one without a listed model, one with a wrong key, one that is away."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("RIGHT", "right")
    monkeypatch.setenv("WRONG", "wrong-key-that-must-not-show")
    here = {"kind": "openai-compatible", "base_url": f"{server.url}/v1"}
    away = {"kind": "openai-compatible", "base_url": f"http://127.0.0.1:{port}/v1", "model": MODEL}
    settings = Settings.model_validate(
        {
            "provider": {
                "good": {**here, "api_key": "env:RIGHT", "model": MODEL},
                "misnamed": {**here, "api_key": "env:RIGHT", "model": "gpt-x-2026-05-01"},
                "locked": {**here, "api_key": "env:WRONG", "model": MODEL},
                "away": away,
            },
            "route": [{"use": "answer", "chain": ["good", "away", "extractive"]}],
            "price": {MODEL: {"input": 1.0, "output": 2.0}},
        }
    )
    return Project(settings=settings, base=tmp_path)


async def test_a_check_costs_nothing_and_tells_each_cause_apart(project, server):
    before = len(server.requests)
    found = {one.provider: one for one in await check_providers(project)}
    assert [one.ok for one in found.values()] == [True, True, False, False]
    assert (found["good"].told["listed"], found["misnamed"].told["listed"]) == (True, False)
    assert "401" in found["locked"].error
    assert "wrong-key" not in f"{found}"
    assert "takes no connections" in found["away"].error
    assert "is it up?" in found["away"].hint
    assert {one.method for one in server.requests[before:]} == {"GET"}


async def test_a_probe_tells_times_model_tokens_and_cost(project):
    (good,) = await probe_providers(project, "good")
    told = good.told
    assert good.ok
    assert told["reported"]
    assert 0 < told["first_text_ms"] <= told["latency_ms"]
    assert told["input"] > 0
    assert float(told["cost"]) > 0
    (away,) = await probe_providers(project, "away")
    assert (away.ok, away.endpoint != "") == (False, True)
    with pytest.raises(ConfigError, match="no provider 'other'"):
        await probe_providers(project, "other")


async def test_a_secret_that_is_not_there_is_one_providers_fault(project, monkeypatch):
    monkeypatch.delenv("WRONG")
    found = {one.provider: one for one in await check_providers(project)}
    assert found["good"].ok
    assert "WRONG" in found["locked"].error


def test_the_list_tells_place_price_and_names_that_move(project):
    rows = provider_list(project)
    assert [(one["use"], one["place"], one["provider"]) for one in rows] == [
        ("answer", 1, "good"), ("answer", 2, "away"), ("answer", 3, "extractive"),
        ("", 0, "misnamed"), ("", 0, "locked"),
    ]  # fmt: skip
    assert [one["priced"] for one in rows] == [True, True, True, False, True]


def test_the_commands_print_causes_with_fixes_and_exit_4(project, monkeypatch):
    monkeypatch.setattr("answerable.cli.project.project", lambda config: project)
    shown = runner.invoke(command.commands, ["check"])
    assert shown.exit_code == 4
    assert "ok    good" in shown.stdout
    assert "→ check base_url; is it up?" in shown.stdout
    alone = runner.invoke(command.commands, ["probe", "good", "--format", "json"])
    assert alone.exit_code == 0
    assert json.loads(alone.stdout)[0]["provider"] == "good"
    listed = runner.invoke(command.commands, ["list"])
    assert "answer 1" in listed.stdout
