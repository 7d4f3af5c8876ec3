"""What kind of thing a change is, which settings differ, and in which order the exit codes go."""

from __future__ import annotations

import pytest

from answerable.config import Settings
from answerable.evals.change.kinds import SECTIONS, Kind, Places
from answerable.evals.change.settings import builds_another_index, by_kind, differences
from answerable.evals.change.stage import Stage, State, broke, exit_code, skipped

PLACES = Places(
    config="answerable.toml",
    known={
        "prompts": Kind.PROMPT,
        "prompts/tests": Kind.BEHAVIOR,
        "knowledge": Kind.DOCUMENTS,
        "../more": Kind.DOCUMENTS,
    },
)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("answerable.toml", Kind.SETTINGS),
        ("prompts/answer.md", Kind.PROMPT),
        ("prompts/shared/rules.md", Kind.PROMPT),
        ("prompts/tests/answer.yaml", Kind.BEHAVIOR),
        ("knowledge/a/b.md", Kind.DOCUMENTS),
        ("../more/c.md", Kind.DOCUMENTS),
        ("promptsold/answer.md", Kind.OTHER),
        ("README.md", Kind.OTHER),
    ],
)
def test_the_innermost_place_decides_what_a_file_is(path: str, kind: Kind) -> None:
    assert PLACES.kind(path) is kind


def test_every_section_of_the_configuration_has_a_kind_or_decides_nothing() -> None:
    known = {field.alias or name for name, field in Settings.model_fields.items()}
    assert set(SECTIONS) <= known
    served = {"database", "data", "review", "ui", "server", "access", "retention"}
    watched = {"alerts", "drift", "jobs", "metrics", "production", "telemetry"}
    assert known - set(SECTIONS) == served | watched | (known & {"monitor", "rollout"})


def test_settings_are_compared_key_by_key_and_lists_by_their_names() -> None:
    before = {
        "retrieval": {"keep": 6, "filter": {}},
        "route": [{"use": "answer", "chain": ["main", "extractive"]}],
        "provider": {"main": {"model": "a-1", "api_key": "env:ONE", "base_url": "https://u:secret@x/"}},
        "ui": {"title": "A"},
        "chunking": {"max_tokens": None},
    }
    after = {
        "retrieval": {"keep": 2, "filter": {}},
        "route": [{"use": "answer", "chain": ["extractive"]}, {"use": "judge", "chain": ["main"]}],
        "provider": {"main": {"model": "a-2", "api_key": "env:TWO", "base_url": "https://u:other@x/"}},
        "ui": {"title": "B"},
        "chunking": {"max_tokens": 100},
    }
    found = differences(before, after)
    assert [one.words for one in found] == [
        "chunking.max_tokens — → 100",
        "provider.main.api_key changed",
        "provider.main.base_url changed",
        "provider.main.model a-1 → a-2",
        "retrieval.keep 6 → 2",
        "route[answer].chain main, extractive → extractive",
        "route[judge].chain — → main",
        "route[judge].use — → judge",
        "ui.title A → B",
    ]
    assert list(by_kind(found)) == [Kind.MODELS, Kind.INDEX, Kind.OTHER]
    assert builds_another_index(found)
    assert not builds_another_index([one for one in found if one.section == "retrieval"])
    assert differences(before, before) == ()


def stage(code: int) -> Stage:
    return Stage(name="x", state=State.FAILED, words="", exit_code=code)


@pytest.mark.parametrize(
    ("codes", "whole"),
    [
        ((), 0),
        ((0, 0), 0),
        ((11, 12, 4, 10), 10),
        ((11, 4, 12), 12),
        ((11, 4, 2), 4),
        ((0, 11), 11),
        ((0, 2), 2),
    ],
)
def test_what_is_certain_goes_before_what_is_not(codes: tuple[int, ...], whole: int) -> None:
    assert exit_code([stage(code) for code in codes]) == whole


def test_what_broke_never_passes_and_what_was_not_done_never_fails() -> None:
    assert exit_code([skipped("a", "no prompt changed"), broke("b", "why", 0)]) == 1
