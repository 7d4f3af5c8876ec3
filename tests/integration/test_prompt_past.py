"""A prompt's past as git has it: three versions over five commits by three people, through a rename."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from answerable.adapters.file_history import FileHistory
from answerable.app.project import Project
from answerable.app.prompts.archive import archive, keep_used
from answerable.app.prompts.history import Place, compared, exact_text, text_of, used_by_trace
from answerable.app.prompts.past import History, history_of
from answerable.app.prompts.past import blame as lines_of
from answerable.cli.options import Format
from answerable.cli.prompt import list_prompts, show
from answerable.cli.prompt_past import blame, diff, log
from answerable.core.commit import State
from answerable.core.errors import ConfigError, NotFound
from answerable.core.identity import sha256_hex
from answerable.prompts.prompt import Prompt
from answerable.testing.repositories import (
    ANN,
    BEN,
    CLEO,
    DATED_SHORTLY,
    FIRST,
    PATH,
    SECOND,
    THIRD,
    Scripted,
    ScriptedRepository,
    open_repository,
    prompt_text,
    scripted_repository,
)

_INCLUDE = '{% include "parts/dates.md" %}'


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Scripted:
    """Read it, do not change it."""
    return scripted_repository(tmp_path_factory.mktemp("scripted") / "shop")


@pytest.fixture
def own(scripted: Scripted, tmp_path: Path) -> Iterator[ScriptedRepository]:
    """A copy of the test's own."""
    folder = tmp_path / "shop"
    shutil.copytree(scripted.repository.folder, folder)
    yield ScriptedRepository(folder=folder)


def opened(repository: ScriptedRepository) -> Project:
    return Project.open(repository.folder / "answerable.toml")


def rows(history: History) -> list[tuple[str, str, str, int]]:
    return [
        (one.version, one.commit.hash, one.commit.author, one.commit.at.day)
        for one in history.revisions
        if one.commit is not None
    ]


def test_the_log_has_each_version_with_who_when_and_why(scripted: Scripted) -> None:
    history, commits = history_of(opened(scripted.repository), "answer"), scripted.commits
    assert (history.state, history.notes) == (State.COMMITTED, ())
    assert rows(history) == [
        (THIRD, commits[4], CLEO, 5),
        (SECOND, commits[3], ANN, 4),
        (SECOND, commits[2], BEN, 3),
        (FIRST, commits[0], ANN, 1),
    ], "the commit without a prompt is not there"
    third, second, first = history.versions
    changes = [one.first.change for one in (third, second, first)]
    assert changes == ["Say it shortly.", "Name dates.", "First version."]
    assert second.last.notes == ("moved from answer.md",)
    assert second.first.commit is not None
    assert second.first.commit.at == datetime(2026, 10, 3, 12, tzinfo=UTC)
    assert (second.first.commit.subject, second.first.commit.email) == ("Ask for dates", "ben@example.com")


def test_every_version_is_shown_as_it_was_and_by_its_hash(scripted: Scripted) -> None:
    project = opened(scripted.repository)
    for one in history_of(project, "answer").versions:
        by_name = text_of(project, f"answer@{one.version}")
        by_hash = exact_text(project, one.sha256s[0])
        assert by_name.text == by_hash.text == scripted.texts[one.version]
        assert by_hash.sha256 == sha256_hex(by_hash.text)
    assert text_of(project, "answer").place is Place.FILE
    second = text_of(project, f"answer@{SECOND}")
    assert (second.place, second.commit.hash if second.commit else "") == (Place.GIT, scripted.commits[3])
    at_commit = text_of(project, f"answer@{scripted.commits[2][:8]}")
    assert at_commit.text == scripted.texts[SECOND]
    with pytest.raises(NotFound, match="nobody knows") as unknown:
        text_of(project, "answer@9.9.9")
    assert f"{THIRD}, {SECOND}, {FIRST}" in unknown.value.hint
    with pytest.raises(NotFound, match="no text with the hash"):
        exact_text(project, "0" * 64)
    with pytest.raises(ConfigError, match="no hash"):
        exact_text(project, "xyz")


def test_a_difference_is_told_by_meaning_and_by_line(scripted: Scripted) -> None:
    project = opened(scripted.repository)
    found = compared(project, f"answer@{SECOND}", f"answer@{THIRD}")
    assert [(one.name, one.before, one.after) for one in found.fields] == [
        ("version", SECOND, THIRD),
        ("change", "Name dates.", "Say it shortly."),
    ]
    assert [one.name for one in found.contract] == ["multi_step"]
    assert f"+{DATED_SHORTLY}" in found.lines
    assert compared(project, "", "answer").lines == found.lines, "alone: what was before it"
    with pytest.raises(NotFound, match="nothing is known from before"):
        compared(project, "", f"answer@{FIRST}")


def test_blame_names_for_each_line_its_commit_and_the_version_it_came_in(scripted: Scripted) -> None:
    found = {
        line.text: (line.commit, version) for line, version in lines_of(opened(scripted.repository), "answer")
    }
    commit, version = found[DATED_SHORTLY]
    assert commit is not None
    assert (commit.hash, commit.author, version) == (scripted.commits[4], CLEO, THIRD)
    commit, version = found["id: answer"]
    assert commit is not None
    assert (commit.hash, commit.author, version) == (scripted.commits[0], ANN, FIRST)
    assert len([*lines_of(opened(scripted.repository), "answer")]) == len(scripted.texts[THIRD].splitlines())


def test_what_is_not_committed_is_on_top_and_blamed_on_nobody(own: ScriptedRepository) -> None:
    text = prompt_text("2.0.0", change="Begin anew.", rule="Be kind.")
    own.write({PATH: text})
    project = opened(own)
    history = history_of(project, "answer")
    assert (history.state, history.known) == (State.CHANGED, ("2.0.0", THIRD, SECOND, FIRST))
    assert history.revisions[0].commit is None
    assert next(line.commit for line, _ in lines_of(project, "answer") if line.text == "Be kind.") is None
    assert compared(project, "", "answer").before == f"answer@{THIRD}"
    own.write({"prompts/judge.md": (own.folder / PATH).read_text().replace("id: answer", "id: judge")})
    fresh = history_of(project, "judge")
    assert (fresh.state, len(fresh.revisions)) == (State.UNTRACKED, 1)
    assert "in no commit yet" in fresh.notes[0]
    assert {line.commit for line, _ in lines_of(project, "judge")} == {None}


def test_a_shallow_clone_says_how_far_it_sees(scripted: Scripted, tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    scripted.repository.git("clone", "-q", "--depth", "2", f"file://{scripted.repository.folder}", str(folder))
    project = opened(ScriptedRepository(folder=folder))
    history = history_of(project, "answer")
    assert history.known == (THIRD, SECOND)
    edge = scripted.commits[3][:7]
    assert history.notes == (
        f"history begins at {edge}: a shallow clone; `git fetch --unshallow` brings the rest",
    )
    assert "may be older" in history.revisions[-1].notes[0], "the edge's author is not who wrote it"
    with pytest.raises(NotFound, match="shallow"):
        text_of(project, f"answer@{FIRST}")


def test_without_git_or_repository_or_commit_what_there_is_is_shown(
    scripted: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = ScriptedRepository(folder=tmp_path / "bare")
    bare.write({"answerable.toml": '[project]\nname = "x"\n', PATH: scripted.texts[SECOND]})
    history = history_of(opened(bare), "answer")
    assert (history.state, history.known) == (State.UNKNOWN, (SECOND,))
    assert "is in no git repository" in history.notes[0]
    assert text_of(opened(bare), f"answer@{SECOND}").text == scripted.texts[SECOND]
    assert [line.commit for line, _ in lines_of(opened(bare), "answer")][:1] == [None]
    open_repository(bare.folder)
    assert "has no commit yet" in history_of(opened(bare), "answer").notes[0]
    monkeypatch.setenv("PATH", str(tmp_path))
    without = history_of(opened(scripted.repository), "answer")
    assert without.known == (THIRD,)
    assert "there is no git on this machine" in without.notes[0]


def test_a_shipped_prompt_says_that_its_versions_are_the_packages(scripted: Scripted) -> None:
    history = history_of(opened(scripted.repository), "judge")
    assert (history.state, history.file, len(history.revisions)) == (None, None, 1)
    assert "ships with answerable" in history.notes[0]
    assert text_of(opened(scripted.repository), "judge").place is Place.SHIPPED
    with pytest.raises(ConfigError, match="ships with answerable"):
        lines_of(opened(scripted.repository), "judge")


def test_a_shipped_prompt_can_be_written_to_the_file_that_takes_its_place(own: ScriptedRepository) -> None:
    own.write({"prompts/judge.md": ""})  # as a shell leaves it before the command runs
    project = opened(own)
    assert text_of(project, "judge").place is Place.SHIPPED
    assert "has no front matter" in history_of(project, "judge").notes[0]


def test_the_past_of_a_file_that_is_no_prompt_any_more_is_told(own: ScriptedRepository) -> None:
    own.write({PATH: "You are a helpful agent.\n"})
    project = opened(own)
    history = history_of(project, "answer")
    assert (history.state, history.known) == (State.CHANGED, (THIRD, SECOND, FIRST))
    assert "has no front matter" in history.notes[0]
    assert text_of(project, f"answer@{THIRD}").place is Place.GIT
    assert [line.commit for line, _ in lines_of(project, "answer")] == [None]
    with pytest.raises(ConfigError, match="has no front matter"):
        text_of(project, "answer")
    with pytest.raises(ConfigError, match="no prompt is called"):
        text_of(project, "nope@1.0.0")


def test_a_detached_head_and_a_work_tree_have_the_past_of_their_own_commit(
    own: ScriptedRepository, scripted: Scripted
) -> None:
    own.git("worktree", "add", "-q", "--detach", str(own.folder.parent / "other"), scripted.commits[3])
    history = history_of(opened(ScriptedRepository(folder=own.folder.parent / "other")), "answer")
    assert (history.state, history.known) == (State.COMMITTED, (SECOND, FIRST))


def test_a_text_that_was_used_and_never_committed_is_found_in_the_archive(own: ScriptedRepository) -> None:
    project = opened(own)
    used = prompt_text("1.3.0", change="Try.", rule="Be brief.")
    own.write({PATH: used})
    keep_used(project, _answer(project))
    own.git("checkout", "-q", "--", PATH)
    found = exact_text(project, sha256_hex(used))
    assert (found.place, found.text) == (Place.ARCHIVE, used)
    assert text_of(project, "answer@1.3.0").text == used
    assert [one.version for one in history_of(project, "answer").used] == ["1.3.0"]
    path = archive(project).folder / f"{found.sha256}.md"
    path.write_text(used.replace("Be brief.", "Be rude."))
    with pytest.raises(NotFound):
        exact_text(project, found.sha256)


def test_a_change_of_an_included_part_is_a_change_of_the_prompt(own: ScriptedRepository) -> None:
    part, including = "prompts/parts/dates.md", prompt_text("1.3.0", change="Share.", rule=_INCLUDE)
    shared = own.commit("Share a rule", {part: "Name dates.\n", PATH: including}, author=BEN, day=6)
    changed = own.commit("Say it otherwise", {part: "Name every date.\n"}, author=CLEO, day=7)
    own.commit("Another rule", {"prompts/parts/other.md": "Other.\n"}, day=8)
    project = opened(own)
    last, first = (version := history_of(project, "answer").versions[0]).revisions
    assert version.version == "1.3.0"
    assert [one.commit.hash for one in (last, first) if one.commit] == [changed, shared]
    assert last.notes == (f"{part} changed", "another text under the same version")
    for one, rule in ((last, "Name every date."), (first, "Name dates.")):
        found = exact_text(project, one.sha256)
        assert rule in found.text
        assert sha256_hex(found.text) == one.sha256
    assert "+Name every date." in compared(project, f"answer@{shared}", "answer").lines


def test_a_text_of_another_branch_or_of_a_file_that_is_gone_is_found(own: ScriptedRepository) -> None:
    project = opened(own)
    own.git("switch", "-q", "-c", "trial")
    trial = prompt_text("3.0.0", change="Try.", rule="On a branch.")
    own.commit("Try", {PATH: trial}, day=6)
    own.git("switch", "-q", "main")
    extra = prompt_text("1.0.0", change="Begin.", rule="Gone.").replace("id: answer", "id: gone")
    own.commit("Add another", {"prompts/gone.md": extra}, day=7)
    (own.folder / "prompts/gone.md").unlink()
    own.commit("Take it away", day=8)
    for text in (trial, extra):
        found = exact_text(project, sha256_hex(text)[:12])
        assert (found.place, found.text) == (Place.GIT, text)


def test_a_copy_begins_where_it_was_made_and_odd_names_are_no_obstacle(tmp_path: Path) -> None:
    repository = open_repository(tmp_path / b"caf\xe9 *".decode(errors="surrogateescape"))
    folder = repository.folder / "in" / "shop"
    inside = ScriptedRepository(folder=folder)
    answer, config = prompt_text("1.0.0", change="Begin."), '[project]\nname = "x"\n'
    inside.write({"answerable.toml": config, PATH: answer, "prompts/x*y.txt": "odd"})
    repository.commit("Begin", day=1)
    odd = b"prompts/\xff.txt".decode(errors="surrogateescape")
    (folder / odd).write_text("no UTF-8 name")
    judge = answer.replace("id: answer", "id: judge")
    inside.write({"prompts/judge.md": judge})
    second = repository.commit("Copy", day=2)
    project = opened(inside)
    assert [one.commit.hash for one in history_of(project, "judge").revisions if one.commit] == [second]
    assert history_of(project, "answer").state is State.COMMITTED
    assert {file.path.rpartition("/")[2] for file in FileHistory(folder=folder).all(["prompts"])} >= {"judge.md"}


def test_a_file_that_is_not_utf8_at_a_commit_is_told_and_stops_nothing(own: ScriptedRepository) -> None:
    text = (own.folder / PATH).read_text()
    (own.folder / PATH).write_bytes(text.encode().replace(b"Say it shortly.", b"caf\xe9"))
    own.commit("Spoil", day=6)
    own.commit("Mend", {PATH: text}, day=7)
    history = history_of(opened(own), "answer")
    assert history.revisions[1].notes == ("taken away, or not to be read",)
    assert history.known == (THIRD, SECOND, FIRST)


def _answer(project: Project) -> Prompt:
    found = text_of(project, "answer").prompt
    assert found is not None
    return found


def test_the_commands_print_what_was_found(scripted: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    config = scripted.repository.folder / "answerable.toml"
    log("answer", effects=True, config=config)
    told = capsys.readouterr()
    rows = [line.split() for line in told.out.splitlines()]
    assert rows[1][:5] == [THIRD, "2026-10-05", "Cleo", "Coe", scripted.commits[4][:7]]
    assert told.out.count("there is no database yet") == 2
    log("answer", effects=False, config=config, format=Format.JSON)
    versions = json.loads(capsys.readouterr().out)["versions"]
    assert [(one["version"], len(one["revisions"])) for one in versions] == [(THIRD, 1), (SECOND, 2), (FIRST, 1)]
    show(f"answer@{FIRST}", config=config)
    told = capsys.readouterr()
    assert told.out == scripted.texts[FIRST], "the text alone, byte for byte"
    assert "found in" in told.err
    diff("answer", f"{FIRST}..{SECOND}", config=config)
    told = capsys.readouterr()
    assert told.out.startswith(f"field version: {FIRST} → {SECOND}\n")
    assert "fixed part: " in told.out
    blame("answer", config=config)
    told = capsys.readouterr()
    line = next(one for one in told.out.splitlines() if one.endswith(DATED_SHORTLY))
    assert line.startswith(f"{scripted.commits[4][:7]} {CLEO} 2026-10-05 {THIRD}")
    list_prompts(config=config, format=Format.JSON)
    row = json.loads(capsys.readouterr().out)[0]
    assert (row["id"], row["state"], row["versions"], row["changed"]) == ("answer", "committed", 3, "2026-10-05")
    broken = config.parent / "prompts" / "rewrite.md"
    broken.write_text("no prompt", encoding="utf-8")
    list_prompts(config=config, format=Format.JSON)
    rows = json.loads(capsys.readouterr().out)
    broken.unlink()
    assert [(one["id"], one["fault"]) for one in rows if one["state"] == "broken"] == [
        ("rewrite", f"{broken} has no front matter")
    ]


def test_the_prompt_of_an_answer_is_found_through_its_trace() -> None:
    used = {"id": "answer", "version": FIRST, "sha256": "a" * 64, "system": "S", "user": "U"}
    assert used_by_trace({"id": "tr_1", "prompt": used, "answer": {}}) == used
    assert used_by_trace({"id": "tr_1", "prompt": None, "answer": {"prompt": {"sha256": "b"}}}) == {"sha256": "b"}
    with pytest.raises(NotFound, match="no prompt was sent for tr_1: its outcome is blocked"):
        used_by_trace({"id": "tr_1", "prompt": None, "outcome": "blocked", "answer": {"prompt": None}})
