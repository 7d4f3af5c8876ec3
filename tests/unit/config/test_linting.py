"""What is right and yet unwise in a configuration, with the line where it stands."""

from pathlib import Path

import pytest

from answerable.app.linting import lint, why_moving
from answerable.app.project import Project
from answerable.config import Settings
from answerable.config.gateway import ProviderSection
from answerable.config.places import line_of

FILE = """\
[project]
name = "shop"

[provider.main]   # the first
kind = "openai-compatible"
base_url = "https://api.openai.com/v1"
model = "gpt-4o"

[provider.backup]
kind = "anthropic"
model = "claude-opus-4-7"

[[route]]
use = "answer"
chain = ["main", "backup", "extractive"]

[[route]]
use = "judge"
chain = ["backup"]
"""


def project(tmp_path: Path, text: str) -> Project:
    path = tmp_path / "answerable.toml"
    path.write_text(text)
    return Project.open(path)


def test_a_floating_name_and_an_own_judge_are_told_with_their_lines(tmp_path):
    first, second = lint(project(tmp_path, FILE))
    assert (first.code, first.key, first.place) == ("floating_model", "provider.main.model", "answerable.toml:7")
    assert "gpt-4o" in first.detail
    assert "provider probe main" in first.fix
    assert (second.code, second.place) == ("own_judge", "answerable.toml:19")
    assert "'backup' judges its own answers" in second.detail


def test_pinned_names_and_another_judge_are_not_remarked(tmp_path):
    text = FILE.replace('"gpt-4o"', '"gpt-4o-2024-11-20"').replace('chain = ["backup"]', 'chain = ["judge"]')
    text += '\n[provider.judge]\nkind = "anthropic"\nmodel = "claude-haiku-4-5-20251001"\n'
    assert lint(project(tmp_path, text)) == []


def test_without_a_file_the_place_is_the_environment():
    settings = Settings.model_validate({"provider": {"a": {"kind": "anthropic", "model": "claude-sonnet-latest"}}})
    found, unpriced = lint(Project(settings=settings, base=Path()))
    assert found.place == "the environment"
    assert (unpriced.code, unpriced.key) == ("unpriced_model", "provider.a.model")


@pytest.mark.parametrize(
    ("url", "model", "moves"),
    [
        ("http://localhost:11434/v1", "llama3.1", True),
        ("http://localhost:11434/v1", "llama3.1:latest", True),
        ("http://localhost:11434/v1", "llama3.1:8b", False),
        ("http://10.0.0.7:8000/v1", "Qwen/Qwen3-8B", False),
        ("http://vllm:8000/v1", "house-model", False),
        ("https://api.mistral.ai/v1", "mistral-large", True),
        ("https://api.groq.com/openai/v1", "llama-3.3-70b-versatile", False),
        ("https://generativelanguage.googleapis.com/v1beta/openai", "gemini-3-flash-preview", True),
    ],
)
def test_servers_of_ones_own_are_told_from_vendors(url, model, moves):
    assert bool(why_moving(ProviderSection(kind="openai-compatible", base_url=url, model=model))) is moves


def test_a_deployment_on_azure_names_itself():
    section = ProviderSection(kind="azure", base_url="https://x.openai.azure.com", model="chat")
    assert why_moving(section) == ""


def test_a_line_is_found_by_table_key_and_place_in_its_list():
    assert line_of(FILE, "provider.backup", "model") == 11
    assert line_of(FILE, "provider.backup", "api_key") == 9
    assert line_of(FILE, "route", "chain", nth=1) == 19
    assert line_of(FILE, "reranker.x") is None
