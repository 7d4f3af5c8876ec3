"""Revisions and versions, from what commits left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from answerable.core.commit import Commit, FileAt
from answerable.core.errors import ConfigError
from answerable.core.identity import sha256_hex
from answerable.prompts.file import parse
from answerable.prompts.history import Revision, chained, revision, versions
from answerable.prompts.prompt import Prompt

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)


def text(version: str, rule: str = "Answer.") -> str:
    return (
        f"---\nid: p\nversion: {version}\nowner: Ann\npurpose: To answer.\ninputs: [question]\n"
        f"change: As {version}.\n---\n{rule}\n\n--- user ---\n{{{{ question }}}}\n"
    )


def at(number: int, said: str | None, *, edge: bool = False, subject: str = "S") -> FileAt:
    when = NOON + timedelta(days=number)
    commit = Commit(hash=f"{number:040x}", author="Ann", email="", at=when, subject=subject, edge=edge)
    return FileAt(commit=commit, path="prompts/p.md", text=said)


def read(file: FileAt) -> Prompt:
    return parse(file.text or "", where=file.path)


def past(*newest_first: FileAt) -> tuple[Revision, ...]:
    return chained([revision(one, read) for one in newest_first])


def test_a_version_begins_with_the_oldest_of_its_commits() -> None:
    found = versions(past(at(4, text("1.1.0")), at(3, text("1.1.0")), at(1, text("1.0.0"))))
    assert [one.version for one in found] == ["1.1.0", "1.0.0"]
    assert found[0].first.commit is not None and found[0].first.commit.hash == f"{3:040x}"
    assert [one.begins for one in found[0].revisions] == [False, True]
    assert found[0].first.change == "As 1.1.0."
    assert found[0].sha256s == (sha256_hex(text("1.1.0")),)


def test_another_text_under_the_same_version_is_said_and_both_hashes_are_its_own() -> None:
    (only,) = versions(past(at(2, text("1.0.0", "Answer briefly.")), at(1, text("1.0.0"))))
    assert only.last.notes == ("another text under the same version",)
    assert len(only.sha256s) == 2


def test_a_version_that_came_back_is_there_twice() -> None:
    found = versions(past(at(3, text("1.0.0")), at(2, text("1.1.0")), at(1, text("1.0.0"))))
    assert [one.version for one in found] == ["1.0.0", "1.1.0", "1.0.0"]
    assert all(one.first.begins for one in found)


def test_what_is_no_prompt_by_todays_rules_keeps_its_version_and_says_why() -> None:
    old = 'id: p\nversion: "0.9.0"\nchange: Begin.\nYou answer.\n'
    (found,) = past(at(1, old))
    assert (found.version, found.change, found.sha256) == ("0.9.0", "Begin.", sha256_hex(old))
    assert found.prompt is None
    assert "no valid prompt file" in found.notes[0]


def test_a_file_that_was_taken_away_is_a_commit_without_a_version() -> None:
    found = past(at(3, text("1.1.0")), at(2, None), at(1, text("1.0.0")))
    assert [one.version for one in found] == ["1.1.0", "", "1.0.0"]
    assert [one.version for one in versions(found)] == ["1.1.0", "1.0.0"]


def test_where_a_clone_begins_the_version_may_be_older() -> None:
    found = past(at(2, text("1.1.0")), at(1, text("1.0.0"), edge=True))
    assert found[0].notes == ()
    assert "may be older" in found[1].notes[0]


def test_line_ends_of_another_system_are_the_same_text() -> None:
    (unix,), (windows,) = past(at(1, text("1.0.0"))), past(at(1, text("1.0.0").replace("\n", "\r\n")))
    assert unix.sha256 == windows.sha256
    broken = "version: 1.0.0\nno prompt\n"

    def refuse(_: FileAt) -> Prompt:
        raise ConfigError("no")

    hashes = {revision(at(1, one), refuse).sha256 for one in (broken, broken.replace("\n", "\r\n"))}
    assert len(hashes) == 1
