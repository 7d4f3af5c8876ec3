"""The two sides of `prompt diff`, as people write them."""

from __future__ import annotations

import pytest

from answerable.cli.prompt_sides import sides_of
from answerable.core.errors import ConfigError


@pytest.mark.parametrize(
    ("first", "second", "sides"),
    [
        ("answer", "", ("", "answer")),
        ("answer@1.0.0", "", ("answer@1.0.0", "answer")),
        ("answer@1.0.0", "answer@1.1.0", ("answer@1.0.0", "answer@1.1.0")),
        ("answer@1.0.0", "1.1.0", ("answer@1.0.0", "answer@1.1.0")),
        ("answer", "1.0.0..1.1.0", ("answer@1.0.0", "answer@1.1.0")),
        ("answer", "1.0.0..", ("answer@1.0.0", "answer")),
        ("answer", "..1.1.0", ("answer", "answer@1.1.0")),
        ("answer", "answer@1.0.0..answer@1.1.0", ("answer@1.0.0", "answer@1.1.0")),
        ("judge", "judge-pair", ("judge", "judge-pair")),
    ],
)
def test_both_sides_are_named(first: str, second: str, sides: tuple[str, str]) -> None:
    assert sides_of(first, second) == sides


@pytest.mark.parametrize(("first", "second"), [("answer@1.0.0", "1.0.0..1.1.0"), ("answer", "judge@1.0.0..")])
def test_what_names_too_much_is_refused(first: str, second: str) -> None:
    with pytest.raises(ConfigError):
        sides_of(first, second)
