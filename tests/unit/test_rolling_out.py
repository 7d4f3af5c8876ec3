"""Beginning, growing and ending a rollout: which files there are then, and what is refused."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from answerable.adapters.git import Repository
from answerable.app.project import Project
from answerable.app.rollouts.copy import copy_of, standing_row
from answerable.app.rollouts.rollback_commit import RollbackCommits
from answerable.app.rollouts.rolling_out import Plan, Wish, finish, plan, write
from answerable.cli.prompt import list_prompts
from answerable.config import Settings
from answerable.core.errors import ConfigError, NotFound
from answerable.prompts.collection import load_library
from answerable.prompts.rollout_file import load
from answerable.prompts.standing import Back, Served, Standing, resolve
from answerable.testing.repositories import (
    FIRST,
    SECOND,
    THIRD,
    Scripted,
    ScriptedRepository,
    prompt_text,
    scripted_repository,
)

NOW = datetime(2026, 11, 23, 9, 30, 0, 123, tzinfo=UTC)


def project(folder: Path) -> Project:
    return Project(settings=Settings(), base=folder)


def wish(ref: str, share: float = 0.1, **changes: object) -> Wish:
    return Wish(**({"ref": ref, "share": share, "by": "ann@example.com"} | changes))  # type: ignore[arg-type]


def planned(folder: Path, one: Wish, *, back: frozenset[str] = frozenset()) -> Plan:
    return plan(project(folder), one, now=NOW, back=back)


def begin(folder: Path, one: Wish) -> list[str]:
    return sorted(path.name for path in write(project(folder), planned(folder, one)))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Scripted:
    return scripted_repository(tmp_path_factory.mktemp("scripted") / "shop")


@pytest.fixture
def scripted(made: Scripted, tmp_path: Path) -> Scripted:
    """A copy, which is a whole repository and costs no commit."""
    folder = tmp_path / "shop"
    shutil.copytree(made.repository.folder, folder)
    return replace(made, repository=ScriptedRepository(folder=folder))


def test_the_working_file_is_held_against_the_version_before_it_which_git_gives(scripted: Scripted) -> None:
    folder = scripted.repository.folder

    assert begin(folder, wish(f"answer@{THIRD}")) == [f"answer@{SECOND}.md", "rollouts.toml"]
    assert (folder / f"prompts/answer@{SECOND}.md").read_text() == scripted.texts[SECOND]
    (one,) = load(folder / "rollouts.toml")
    assert (one.ref, one.stable_ref, one.share, one.started) == (
        f"answer@{THIRD}",
        f"answer@{SECOND}",
        0.1,
        datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    )
    both = resolve(project(folder).prompts, one)
    assert both.candidate is not None
    assert (both.stable.source, both.candidate.source) == (scripted.texts[SECOND], scripted.texts[THIRD])


def test_an_old_version_comes_from_git_as_a_file_and_the_working_file_stays(scripted: Scripted) -> None:
    folder = scripted.repository.folder

    assert begin(folder, wish(f"answer@{FIRST}")) == [f"answer@{FIRST}.md", "rollouts.toml"]
    (one,) = load(folder / "rollouts.toml")
    assert (one.ref, one.stable_ref) == (f"answer@{FIRST}", f"answer@{THIRD}")


def test_a_file_beside_the_shipped_prompt_pins_the_shipped_one_too(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts/answer@9.0.0.md").write_text(prompt_text("9.0.0", change="Bolder."))
    shipped = load_library("answer")

    assert begin(tmp_path, wish("answer@9.0.0")) == [f"answer@{shipped.version}.md", "rollouts.toml"]
    assert (tmp_path / f"prompts/answer@{shipped.version}.md").read_text() == shipped.source


def test_a_growing_share_keeps_salt_start_and_guards(scripted: Scripted) -> None:
    folder = scripted.repository.folder
    begin(folder, wish(f"answer@{THIRD}", guards=("harmful",), auto_rollback=True, why="try"))
    (before,) = load(folder / "rollouts.toml")

    grown = planned(folder, wish(f"answer@{THIRD}", 0.5))
    write(project(folder), grown)
    (after,) = load(folder / "rollouts.toml")

    assert grown.was == before
    assert (after.id, after.salt, after.started, after.guards, after.auto_rollback, after.why, after.share) == (
        before.id,
        before.salt,
        before.started,
        ("harmful",),
        True,
        "try",
        0.5,
    )


def test_what_was_rolled_back_begins_again_only_anew(scripted: Scripted) -> None:
    folder = scripted.repository.folder
    begin(folder, wish(f"answer@{THIRD}", guards=("harmful",), auto_rollback=True))
    (one,) = load(folder / "rollouts.toml")
    back = frozenset({one.id})

    with pytest.raises(ConfigError, match="was rolled back"):
        planned(folder, wish(f"answer@{THIRD}", 0.5), back=back)
    again = planned(folder, wish(f"answer@{THIRD}", anew=True), back=back)
    assert again.rollout.id != one.id
    assert (again.rollout.stable, again.rollout.guards, again.rollout.auto_rollback) == (
        one.stable,
        ("harmful",),
        True,
    )


@pytest.mark.parametrize(
    ("ref", "changes", "said"),
    [
        ("judge-claim@1.0.0", {}, "nobody asks it"),
        ("answer", {}, "which version of answer"),
        (f"answer@{THIRD}", {"auto_rollback": True}, "without a guard metric is not watched"),
        (f"answer@{THIRD}", {"guards": ("happiness",)}, "no guard metric is named happiness"),
        (f"answer@{THIRD}", {"stable": THIRD}, f"are both answer@{THIRD}"),
    ],
)
def test_what_cannot_be_rolled_out_says_why(
    scripted: Scripted, ref: str, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        planned(scripted.repository.folder, wish(ref, **changes))


def test_a_version_that_nobody_knows_names_those_that_are_known(scripted: Scripted) -> None:
    with pytest.raises(NotFound, match=r"answer@7\.7\.7") as caught:
        planned(scripted.repository.folder, wish("answer@7.7.7"))

    assert SECOND in caught.value.hint


def test_a_second_candidate_waits_for_the_first(scripted: Scripted) -> None:
    folder = scripted.repository.folder
    begin(folder, wish(f"answer@{THIRD}"))
    (one,) = load(folder / "rollouts.toml")

    with pytest.raises(ConfigError, match=f"answer@{THIRD} is under way with 10%"):
        planned(folder, wish(f"answer@{FIRST}"))
    assert planned(folder, wish(f"answer@{FIRST}"), back=frozenset({one.id})).rollout.stable == one.stable


def test_other_inputs_are_refused_before_anything_is_written(scripted: Scripted) -> None:
    folder = scripted.repository.folder
    other = scripted.texts[THIRD].replace("{{ today }}", "now").replace("  today: system\n", "")
    (folder / "prompts/answer@3.0.0.md").write_text(other.replace(f"version: {THIRD}", "version: 3.0.0"))

    with pytest.raises(ConfigError, match="do not take the same inputs: today"):
        planned(folder, wish("answer@3.0.0"))
    assert not (folder / "rollouts.toml").exists()


def test_finishing_at_all_people_makes_the_candidate_the_prompt(scripted: Scripted) -> None:
    folder = scripted.repository.folder
    begin(folder, wish(f"answer@{FIRST}"))
    with pytest.raises(ConfigError, match="serves 10%"):
        finish(project(folder), "answer", back=())
    begin(folder, wish(f"answer@{FIRST}", 1.0))

    done = finish(project(folder), "answer", back=())

    assert done.prompt.version == FIRST
    assert (folder / "prompts/answer.md").read_text() == scripted.texts[FIRST]
    assert sorted(path.name for path in (folder / "prompts").iterdir()) == ["answer.md"]
    assert load(folder / "rollouts.toml") == ()


def test_finishing_after_a_rollback_leaves_the_stable_one(scripted: Scripted) -> None:
    folder = scripted.repository.folder
    begin(folder, wish(f"answer@{THIRD}"))
    (one,) = load(folder / "rollouts.toml")

    assert finish(project(folder), "answer", back={one.id}).prompt.version == SECOND
    assert (folder / "prompts/answer.md").read_text() == scripted.texts[SECOND]


def rolled_back(folder: Path) -> tuple[Served, Back]:
    (one,) = load(folder / "rollouts.toml")
    back = Back(at=NOW, by="guards", metric="harmful", n=40, reason="harmful: 6 of 40 persons")
    return resolve(project(folder).prompts, one), back


def test_a_rollback_is_a_commit_on_its_own_branch_and_the_checkout_stays(scripted: Scripted) -> None:
    folder, git = scripted.repository.folder, scripted.repository.git
    begin(folder, wish(f"answer@{THIRD}"))
    scripted.repository.commit("Roll out", day=6)
    head, branch = git("rev-parse", "HEAD"), f"rollback/answer-{THIRD}"

    said = RollbackCommits(project=project(folder)).suggest_now(*rolled_back(folder))

    assert said.startswith(f"`git merge {branch}`")
    assert git("show", f"{branch}:prompts/answer.md") + "\n" == scripted.texts[SECOND]
    assert git("show", f"{branch}:rollouts.toml") == ""
    assert "harmful: 6 of 40 persons" in git("log", "-1", "--format=%B", branch)
    assert (git("rev-parse", "HEAD"), git("status", "--porcelain")) == (head, "")
    assert RollbackCommits(project=project(folder)).suggest_now(*rolled_back(folder)) == said  # once


async def test_what_no_commit_has_cannot_be_merged_away_and_the_way_out_is_named(scripted: Scripted) -> None:
    folder, git = scripted.repository.folder, scripted.repository.git
    begin(folder, wish(f"answer@{THIRD}"))

    said = await RollbackCommits(project=project(folder)).suggest(*rolled_back(folder))

    assert said.startswith("`answerable prompt rollout finish answer`, and commit")
    assert "rollouts.toml" in said
    assert git("branch", "--list", "rollback/*") == ""


def test_a_second_rollback_is_not_the_first_one_that_was_merged(scripted: Scripted) -> None:
    folder, git = scripted.repository.folder, scripted.repository.git
    branch = f"rollback/answer-{THIRD}"
    for day in (6, 7):
        (folder / "prompts/answer.md").write_text(scripted.texts[THIRD])
        begin(folder, wish(f"answer@{THIRD}"))
        scripted.repository.commit(f"Roll out on day {day}", day=day)
        RollbackCommits(project=project(folder)).suggest_now(*rolled_back(folder))
        git("merge", "-q", branch)
        assert load(folder / "rollouts.toml") == ()
        assert (folder / "prompts/answer.md").read_text() == scripted.texts[SECOND]


def test_without_a_repository_it_is_a_patch_that_applies(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts/answer.md").write_text(prompt_text("1.9.0", change="As it was."))
    (tmp_path / "prompts/answer@9.0.0.md").write_text(prompt_text("9.0.0", change="Bolder."))
    begin(tmp_path, wish("answer@9.0.0"))
    assert Repository.around(tmp_path) is None

    said = RollbackCommits(project=project(tmp_path)).suggest_now(*rolled_back(tmp_path))

    assert ".answerable/rollback-answer-9.0.0.patch" in said
    patch = (tmp_path / ".answerable/rollback-answer-9.0.0.patch").read_text()
    assert "--- a/rollouts.toml\n+++ b/rollouts.toml\n" in patch
    assert "-[answer]\n" in patch


def test_the_list_says_who_is_served_another_version_and_what_was_taken_back(
    scripted: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = scripted.repository.folder
    config = folder / "answerable.toml"
    begin(folder, wish(f"answer@{THIRD}"))
    here, (served, back) = project(folder), rolled_back(folder)
    list_prompts(config)
    assert f"{THIRD} to 10%" in capsys.readouterr().out
    copy_of(here).write(standing_row(Standing(back={served.rollout.id: back})))
    list_prompts(config)
    assert f"{THIRD} taken back" in capsys.readouterr().out
