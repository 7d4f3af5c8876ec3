"""The files for CI: a plain script that any machine can run, and a workflow that runs it on a pull request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path

from answerable.cli.writing import writing

SCRIPT, WORKFLOW = "ci.sh", "answerable.yml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What became of them."""

    written: tuple[Path, ...] = ()
    kept: tuple[Path, ...] = ()  # they were there
    notes: tuple[str, ...] = ()


def write_ci(folder: Path, *, force: bool = False) -> Files:
    """The script into the project's folder, the workflow to the root of its repository. Raises ConfigError.

    What is there is kept unless `force`. A project in a folder of a repository has a workflow of its own name,
    which works in that folder.
    """
    folder = folder.resolve()
    root = _repository(folder)
    inner = folder.relative_to(root).as_posix() if root else "."
    name = "answerable" + ("" if inner == "." else "-" + re.sub(r"[^a-z0-9]+", "-", inner.lower()).strip("-"))
    texts = {
        folder / SCRIPT: _template(SCRIPT),
        (root or folder) / ".github" / "workflows" / f"{name}.yml": _filled(inner, name),
    }
    kept = tuple(path for path in texts if path.exists() and not force)
    written = tuple(path for path in texts if path not in kept)
    for path in written:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(texts[path], encoding="utf-8")
            path.chmod(0o755 if path.name == SCRIPT else 0o644)
    notes = () if root else ("there is no git repository yet: git init, and commit, so that a base is known",)
    return Files(written=written, kept=kept, notes=notes)


def _repository(folder: Path) -> Path | None:
    """The root of the repository around; a file named .git is a worktree's or a submodule's."""
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)


def _filled(inner: str, name: str) -> str:
    values = {"ANSWERABLE_VERSION": metadata.version("answerable"), "PROJECT_FOLDER": inner, "WORKFLOW_NAME": name}
    text = _template(WORKFLOW)
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text


def _template(name: str) -> str:
    return (resources.files("answerable.cli") / "templates" / "ci" / name).read_text(encoding="utf-8")
