"""The texts that a process used, under their hashes."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from answerable.prompts import archive as module
from answerable.prompts.archive import Archive
from answerable.prompts.collection import load_library
from answerable.prompts.prompt import Prompt


def variant(number: int) -> Prompt:
    return replace(load_library("answer"), sha256=f"{number:064x}")


def test_a_text_is_kept_once_and_comes_back_as_it_was(tmp_path: Path) -> None:
    kept, prompt = Archive(folder=tmp_path / "prompts"), load_library("answer")
    assert (kept.keep([prompt, prompt]), kept.keep([prompt])) == (1, 0)
    assert kept.get(prompt.sha256) == prompt.text
    assert kept.hashes() == (prompt.sha256,)
    assert [path.name for path in (tmp_path / "prompts").iterdir()] == [f"{prompt.sha256}.md"]


def test_what_was_not_used_longest_goes_first(tmp_path: Path) -> None:
    kept = Archive(folder=tmp_path, most=2)
    for number in range(3):
        kept.keep([variant(number)])
        os.utime(tmp_path / f"{number:064x}.md", ns=(number, number))
    assert kept.keep([variant(1)]) == 0, "used again: now it is the newest"
    kept.keep([variant(3)])
    assert set(kept.hashes()) == {f"{1:064x}", f"{3:064x}"}


def test_where_nothing_can_be_written_nothing_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    assert Archive(folder=tmp_path / "file" / "prompts").keep([variant(1)]) == 0
    assert Archive(folder=tmp_path / "nowhere").hashes() == ()
    assert Archive(folder=tmp_path / "nowhere").get("0" * 64) is None
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    assert Archive(folder=tmp_path / "small").keep([variant(1)]) == 0
