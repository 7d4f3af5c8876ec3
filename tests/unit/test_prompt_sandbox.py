"""A prompt being written: what stands against it, and how it leaves as a branch while nothing else changes."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from answerable.app.project import Project
from answerable.app.prompts.board import board, prompt_page, prompt_text
from answerable.app.prompts.sandbox import MAX_CHARS, draft_of, handed_over, looked_at, next_version
from answerable.config import Settings
from answerable.core.errors import ConfigError, NotFound
from answerable.prompts.collection import load_library
from answerable.testing import repositories
from answerable.testing.repositories import FIRST, SECOND, THIRD, Scripted, ScriptedRepository, scripted_repository

NEXT = "1.3.0"


def project(folder: Path) -> Project:
    return Project(settings=Settings(), base=folder)


def written(version: str = NEXT, *, change: str = "Say the day.", rule: str = "Name the day.") -> str:
    return repositories.prompt_text(version, change=change, rule=rule)


def hashes(folder: Path) -> dict[str, str]:
    """Of every file outside of git's own folder."""
    files = [one for one in sorted(folder.rglob("*")) if one.is_file() and ".git" not in one.parts]
    return {str(one.relative_to(folder)): hashlib.sha256(one.read_bytes()).hexdigest() for one in files}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Scripted:
    return scripted_repository(tmp_path_factory.mktemp("scripted") / "shop")


@pytest.fixture
def scripted(made: Scripted, tmp_path: Path) -> Scripted:
    """A copy, which is a whole repository and costs no commit."""
    folder = tmp_path / "shop"
    shutil.copytree(made.repository.folder, folder)
    return replace(made, repository=ScriptedRepository(folder=folder))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (written(), ""),
        ("no front matter", "front matter"),
        (written().replace("id: answer", "id: other", 1), "its id is other, and this is answer"),
        (written(THIRD), f"version {THIRD} is not above {THIRD}"),
        (written("1.1.9"), f"version 1.1.9 is not above {THIRD}"),
        (written("1.10.0"), ""),
        (written(change="Say it shortly."), "`change` does not say what is new"),
    ],
)
def test_what_stands_against_handing_it_over(made: Scripted, text: str, problem: str) -> None:
    problems = draft_of(project(made.repository.folder), "answer", text).problems
    assert [problem in one for one in problems] == ([True] if problem else [])


def test_an_unchanged_text_an_unknown_prompt_and_one_too_long_are_refused(made: Scripted) -> None:
    here = project(made.repository.folder)
    assert draft_of(here, "answer", made.texts[THIRD]).problems == ("nothing is changed",)
    with pytest.raises(NotFound):
        draft_of(here, "nobody", written())
    with pytest.raises(ConfigError, match=f"at most {MAX_CHARS} characters"):
        draft_of(here, "answer", "x" * (MAX_CHARS + 1))


def test_the_next_version_is_the_next_minor_one() -> None:
    assert [next_version(one) for one in ("1.9.4", "2.0.0", "2")] == ["1.10.0", "2.1.0", "2"]


def test_looking_at_a_draft_tells_lint_with_its_line_size_and_difference(made: Scripted) -> None:
    here = project(made.repository.folder)
    text = written(rule="Name the day.\nThe key is ghp_16C7e42F292c6912E7710c838347Ae178B4a.")
    found = looked_at(here, "answer", text)
    (secret,) = [one for one in found["lint"] if "secret" in one["rule"]]
    assert "ghp_" in text.splitlines()[secret["line"] - 1]
    assert secret["file"] == "prompts/answer.md"
    assert found["tokens"][1] > found["tokens"][0] > found["fixed"][0] > 0
    assert "+Name the day." in found["lines"]
    assert (found["version"], found["next"], found["problems"]) == (NEXT, NEXT, [])
    broken = looked_at(here, "answer", "---\nid: [\n")
    assert broken["problems"] and broken["version"] == ""


async def test_it_leaves_as_a_branch_with_its_report_and_no_file_changes(scripted: Scripted) -> None:
    repository = scripted.repository
    here, before = project(repository.folder), hashes(repository.folder)
    head, status = repository.git("rev-parse", "HEAD"), repository.git("status", "--porcelain")
    draft = draft_of(here, "answer", written())

    made = await handed_over(here, draft, by="ann", note="Customers ask for it.", report="| behavior | passed |")

    assert (made["branch"], made["merge"]) == (f"prompt/answer-{NEXT}", f"git merge prompt/answer-{NEXT}")
    assert repository.git("rev-parse", made["branch"]) == made["commit"]
    assert repository.git("rev-parse", f"{made['branch']}^") == head
    assert repository.git("diff", "--name-only", "HEAD", made["branch"]) == "prompts/answer.md"
    assert repository.git("show", f"{made['branch']}:prompts/answer.md") == written().strip()
    message = repository.git("log", "-1", "--format=%B", made["branch"])
    for part in (f"answer@{NEXT}: Say the day.", "Proposed by ann.", "Customers ask for it.", "| behavior |"):
        assert part in message
    assert hashes(repository.folder) == before
    assert (repository.git("rev-parse", "HEAD"), repository.git("status", "--porcelain")) == (head, status)


async def test_what_was_not_run_is_said_and_what_is_no_new_version_stays(scripted: Scripted) -> None:
    here = project(scripted.repository.folder)
    made = await handed_over(here, draft_of(here, "answer", written()), by="ann", note="", report="")
    message = scripted.repository.git("log", "-1", "--format=%B", made["branch"])
    assert message.strip().endswith("It was not run on the suite.")
    with pytest.raises(ConfigError, match="nothing is changed"):
        await handed_over(here, draft_of(here, "answer", scripted.texts[THIRD]), by="ann", note="", report="")
    assert "prompt/" not in scripted.repository.git(
        "branch", "--list", "--format=%(refname:short)", "prompt/*1.2*"
    )


async def test_without_git_it_leaves_as_files_beside_those_in_use(tmp_path: Path) -> None:
    (tmp_path / "answerable.toml").write_text('[project]\nname = "shop"\n')
    here, before = project(tmp_path), hashes(tmp_path)
    version = next_version(load_library("answer").version)
    made = await handed_over(here, draft_of(here, "answer", written(version)), by="ann", note="", report="")
    assert (made["branch"], made["commit"]) == ("", "")
    folder = Path(made["folder"])
    assert (folder / "prompts/answer.md").read_text() == written(version)
    assert "Proposed by ann." in (folder / "MESSAGE.md").read_text()
    assert made["merge"].startswith("cp ")
    after = hashes(tmp_path)
    assert {name: after[name] for name in before} == before
    assert all(name.startswith(".answerable/proposals/") for name in after.keys() - before.keys())


def test_the_board_has_a_row_for_each_prompt_and_says_why_one_cannot_be_read(scripted: Scripted) -> None:
    scripted.repository.write({"prompts/broken.md": "nothing\n"})
    rows = {one["id"]: one for one in board(project(scripted.repository.folder))["prompts"]}
    assert {"answer", "rewrite", "judge"} < rows.keys()
    assert (rows["answer"]["version"], rows["answer"]["versions"]) == (THIRD, 3)
    assert rows["answer"]["changed"]["author"] == repositories.CLEO
    assert (rows["answer"]["errors"], rows["answer"]["state"]) == (0, "committed")
    assert rows["rewrite"]["state"] == "shipped" and rows["rewrite"]["changed"] is None
    assert "broken.md" in rows["broken"]["fault"]


def test_a_page_tells_versions_newest_first_and_any_two_of_them_apart(made: Scripted) -> None:
    here = project(made.repository.folder)
    page = prompt_page(here, "answer")
    assert [(one["version"], one["begun"]["author"]) for one in page["versions"]] == [
        (THIRD, repositories.CLEO),
        (SECOND, repositories.BEN),
        (FIRST, repositories.ANN),
    ]
    assert (page["difference"]["base"], page["difference"]["head"]) == (SECOND, THIRD)
    chosen = prompt_page(here, "answer", base=FIRST, head=THIRD)["difference"]
    assert f"+{repositories.DATED_SHORTLY}" in chosen["lines"]
    assert "multi_step" in {one["name"].removeprefix("handles.") for one in chosen["changed"]}
    assert all(page["contract"].values()) and page["lint"] == []
    with pytest.raises(NotFound):
        prompt_page(here, "nobody")
    with pytest.raises((ConfigError, NotFound)):
        prompt_page(here, "answer", base="9.9.9")


def test_an_exact_text_is_found_by_its_hash_and_told_where(made: Scripted) -> None:
    here = project(made.repository.folder)
    sha256 = prompt_page(here, "answer")["versions"][-1]["sha256"]
    found = prompt_text(here, sha256)
    assert (found["text"], found["place"], found["version"]) == (made.texts[FIRST], "git", FIRST)
    assert prompt_text(here, f"answer@{SECOND}")["text"] == made.texts[SECOND]
    assert {one["name"]: one["trust"] for one in found["inputs"]}["question"] == "user"
    with pytest.raises(NotFound):
        prompt_text(here, "0" * 64)
