"""Patterns of a project's own: read with the line of what is wrong, and held against every answer."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from answerable.core.errors import ConfigError
from answerable.core.query import Query
from answerable.core.verdict import Verdict
from answerable.guards.brand import BrandGuard
from answerable.guards.brand_file import read_brand
from answerable.testing.guard import answer_of

FILE = """patterns:
  - id: name.old
    phrase: Elite Club
    action: mask
    replacement: 'the \\1 program'
    reason: It has another name.
  - id: tone.blame
    pattern: '\\byour (?:own )?fault\\b'
    languages: [en]
    reason: We never blame a customer.
  - id: promise
    pattern: 'we guarantee'
    action: flag
    reason: Only the terms may.
"""


def said(tmp_path: Path, text: str, *, language: str = "en") -> Verdict:
    file = tmp_path / "brand.yaml"
    file.write_text(FILE, encoding="utf-8")
    answer = replace(answer_of(text), language=language)
    guard = BrandGuard(patterns=read_brand(file))
    return asyncio.run(guard.check(Query(text="?", tenant="t"), answer))


def test_the_strictest_pattern_decides_and_says_why(tmp_path: Path) -> None:
    verdict = said(tmp_path, "We guarantee that it is Your Fault.")
    assert (verdict.action, verdict.rule, verdict.reason) == ("block", "tone.blame", "We never blame a customer.")
    assert said(tmp_path, "We guarantee it.").action == "flag"
    assert said(tmp_path, "You are in the club.").action == "allow"


def test_a_language_is_kept_to(tmp_path: Path) -> None:
    assert said(tmp_path, "your fault", language="de").action == "allow"


def test_a_mask_is_literal_and_a_disguised_name_is_not_shown_at_all(tmp_path: Path) -> None:
    assert said(tmp_path, "Join the elite\n club now.").replacement == "Join the the \\1 program now."
    assert said(tmp_path, "Join the El\u200bite Club.").replacement == ""


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("patterns:\n - id: a\n   phrase: x\n   reason: because\n   acton: flag", r":5: acton: there is no"),
        ("patterns:\n - id: a\n   phrase: x y", r":2: reason: field required"),
        ("patterns:\n - id: a\n   phrase: x\n   reason: why\n   action: allow", r":5: action: input should be"),
        ("patterns:\n - id: a\n   pattern: '(?=x)'\n   reason: why", r":2: a: '\(\?=x\)' is no pattern"),
        ("patterns:\n - id: a\n   pattern: '.*'\n   reason: why", r":2: a: it finds everything"),
        ("patterns:\n - id: a\n   pattern: x\n   phrase: y\n   reason: why", r":2: a: give either"),
        ("patterns:\n - id: a\n   phrase: xx\n   reason: why\n - id: a\n   phrase: y\n   reason: why",
         r":5: the id a is that of line 2"),
        ("patterns:\n - id: a\n   phrase: xx\n   reason: why\n   reason: yes", r":5: reason stands here twice"),
        ("patterns:\n - id: a\n   phrase: xx\n   reason: why\n   action: mask\n   replacement: a xx b",
         r":2: a: its replacement is found again"),
        ("patterns: none", r":1: has to hold one key"),
        ("patterns:\n - just words", r":2: a pattern is a list of keys"),
        ("patterns: [", r":1: is not valid YAML"),
    ],
)  # fmt: skip
def test_what_is_wrong_names_file_line_and_cause(tmp_path: Path, text: str, cause: str) -> None:
    file = tmp_path / "brand.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"brand\.yaml" + cause) as caught:
        read_brand(file)
    assert caught.value.hint


def test_an_empty_file_has_none_and_a_missing_one_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("# nothing yet\n", encoding="utf-8")
    assert read_brand(tmp_path / "empty.yaml") == ()
    with pytest.raises(ConfigError, match="cannot be read"):
        read_brand(tmp_path / "missing.yaml")
