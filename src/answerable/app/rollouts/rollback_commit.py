"""The commit that takes a rollout out of the project's files: on a branch of its own, or as a patch on disk."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from answerable.adapters.checkout import Checkout
from answerable.adapters.git import Repository, write_files
from answerable.app.project import Project
from answerable.core.errors import ConfigError
from answerable.prompts.rollout import FILE
from answerable.prompts.rollout_file import dump, load
from answerable.prompts.standing import Back, Served


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackCommits:
    """Never the branch that is checked out: a person merges it, or does not."""

    project: Project

    async def suggest(self, served: Served, back: Back) -> str:
        """Where it is, in words: never raises for what git does not do."""
        try:
            return await asyncio.to_thread(self.suggest_now, served, back)
        except ConfigError as error:
            finish = f"answerable prompt rollout finish {served.rollout.prompt}"
            return f"`{finish}`, and commit: no branch could be made ({error})"

    def suggest_now(self, served: Served, back: Back) -> str:
        """Raises ConfigError."""
        rollout, base = served.rollout, self.project.base
        files = self.files(served)
        repository = Repository.around(base)
        if repository is None:
            name = f"rollback-{rollout.prompt}-{rollout.candidate.version}.patch"
            write_files(self.project.state, {name: self._patch(files)})
            return f"`patch -p1 < {self.project.state.name}/{name}`, since the project is in no git repository"
        if uncommitted := self._uncommitted(files):
            raise ConfigError(f"not as in the last commit: {', '.join(uncommitted)}")
        branch = branch_of(served)
        done = repository.commit(branch, files, message=_message(served, back))
        return f"`git merge {branch}` ({done.commit[:12]})"

    def files(self, served: Served) -> dict[str, str]:
        """What the files are without the rollout; the prompt's own file is the stable text where it is another."""
        rollout = served.rollout
        others = [one for one in load(self.project.base / FILE) if one.prompt != rollout.prompt]
        files = {FILE: dump(others)}
        own = self.project.prompts.path(rollout.prompt)
        if own is not None and self.project.prompts.get(rollout.prompt).sha256 != served.stable.sha256:
            files[f"prompts/{rollout.prompt}.md"] = served.stable.source
        return files

    def _uncommitted(self, files: Iterable[str]) -> list[str]:
        """Of these files, those that a commit on HEAD would not take back: they are other here, or not there."""
        changed = Checkout(folder=self.project.base).changed("HEAD")
        return [name for name in files if self.project.base / name in changed]

    def _patch(self, files: dict[str, str]) -> str:
        lines: list[str] = []
        for name, text in files.items():
            path = self.project.base / name
            before = path.read_text(encoding="utf-8") if path.is_file() else ""
            after = text.splitlines(keepends=True)
            lines += difflib.unified_diff(before.splitlines(keepends=True), after, f"a/{name}", f"b/{name}")
        return "".join(lines)


def branch_of(served: Served) -> str:
    """`rollback/answer-2.3.0`."""
    return f"rollback/{served.rollout.prompt}-{served.rollout.candidate.version}"


def _message(served: Served, back: Back) -> str:
    rollout = served.rollout
    why = f"{back.metric}: {back.reason}" if back.metric else back.reason
    persons = f"\n\n{back.n} persons had {rollout.ref}." if back.n else ""
    return f"Roll {rollout.prompt} back to {rollout.stable.version}\n\n{why or 'No reason was given.'}{persons}\n"
