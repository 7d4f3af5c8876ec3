"""A repository whose prompt has a history, for tests: three versions over five commits, by three people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from answerable.adapters.git_program import Git
from answerable.prompts.collection import load_library
from answerable.prompts.prompt import USER_PART

ANN, BEN, CLEO = "Ann Ash", "Ben Bell", "Cleo Coe"
FIRST, SECOND, THIRD = "1.0.0", "1.1.0", "1.2.0"
OLD_PATH, PATH = "answer.md", "prompts/answer.md"
DATED = "Where a source has a date, the sentence that rests on it names it."
DATED_SHORTLY = "A sentence names the date of its source."
_CONFIG = '[project]\nname = "shop"\ncontact = "help@example.com"\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedRepository:
    """A git repository in a folder. The same steps give the same commits, on every machine."""

    folder: Path

    def git(self, *arguments: str, author: str = ANN, day: int = 1) -> str:
        """What git says, as this person, at noon of that day of October 2026."""
        email = f"{author.split(maxsplit=1)[0].lower()}@example.com"
        at = f"2026-10-{day:02d}T12:00:00+00:00"
        env = {
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", author), ("EMAIL", email), ("DATE", at))
        }
        apart = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
        return Git(folder=self.folder).line(*arguments, env={**env, **apart})

    def write(self, files: Mapping[str, str]) -> None:
        """Files of the working tree, by path."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def commit(self, message: str, files: Mapping[str, str] | None = None, *, author: str = ANN, day: int) -> str:
        """Everything in the working tree, with these files. The commit's hash."""
        self.write(files or {})
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message, author=author, day=day)
        return self.git("rev-parse", "HEAD")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripted:
    """The repository with its five commits, oldest first, and the prompt's text of each version."""

    repository: ScriptedRepository
    commits: tuple[str, ...]
    texts: Mapping[str, str]


def open_repository(folder: Path) -> ScriptedRepository:
    """A new one, without a commit, on the branch main."""
    folder.mkdir(parents=True, exist_ok=True)
    made = ScriptedRepository(folder=folder)
    made.git("init", "-q", "-b", "main")
    return made


def scripted_repository(folder: Path) -> Scripted:
    """1 Ann: version 1.0.0, in the root · 2 Ben: a page, no prompt · 3 Ben: 1.1.0, a rule more · 4 Ann: the file
    goes to prompts/ · 5 Cleo: 1.2.0, that rule in other words and another line of the contract."""
    repository = open_repository(folder)
    texts = {
        FIRST: prompt_text(FIRST, change="First version."),
        SECOND: prompt_text(SECOND, change="Name dates.", rule=DATED),
        THIRD: prompt_text(THIRD, change="Say it shortly.", rule=DATED_SHORTLY, multi_step="name what is missing"),
    }
    named = _CONFIG + f'\n[answer]\nprompt = "{OLD_PATH}"\n'
    page = {"knowledge/returns.md": "# Returns\n\nMost items can be returned within 30 days of delivery.\n"}
    commits = [
        repository.commit("Begin", {"answerable.toml": named, OLD_PATH: texts[FIRST]}, author=ANN, day=1),
        repository.commit("Add a page", page, author=BEN, day=2),
        repository.commit("Ask for dates", {OLD_PATH: texts[SECOND]}, author=BEN, day=3),
    ]
    (folder / "prompts").mkdir()
    repository.git("mv", OLD_PATH, PATH)
    commits += [
        repository.commit("Keep prompts in one folder", {"answerable.toml": _CONFIG}, author=ANN, day=4),
        repository.commit("Say it shortly", {PATH: texts[THIRD]}, author=CLEO, day=5),
    ]
    return Scripted(repository=repository, commits=tuple(commits), texts=texts)


def prompt_text(version: str, *, change: str, rule: str = "", multi_step: str = "") -> str:
    """The shipped answer prompt as another version: a rule at the end of its system part, another contract."""
    text = _with(load_library("answer").source, {"version": version, "change": change})
    text = _with(text, {"multi_step": multi_step}) if multi_step else text
    end = f"\n{USER_PART}\n"
    return text.replace(end, f"{rule}\n{end}", 1) if rule else text


def _with(text: str, fields: Mapping[str, str]) -> str:
    """The front matter with these lines in the place of what was there."""
    for name, value in fields.items():
        text = re.sub(rf"(?m)^( *{name}:) .*$", rf"\1 {value}", text, count=1)
    return text
