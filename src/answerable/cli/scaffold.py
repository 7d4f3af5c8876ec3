"""answerable init: a project folder with the other ninety percent in it."""

from __future__ import annotations

import os
import re
import shutil
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from answerable.app.sample import sample_folder
from answerable.cli.ci_files import write_ci
from answerable.cli.console import note, say
from answerable.core.errors import ConfigError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init")(init)


def init(
    folder: Annotated[Path, typer.Argument(help="The project's folder; made if it is not there.")],
    sample: Annotated[
        bool, typer.Option("--sample", help="Start from the TechCorp sample with its documents.")
    ] = False,
    from_demo: Annotated[
        str,
        typer.Option(
            "--from-demo", metavar="MODULE:FUNCTION", help="Only measure a Python function that you have."
        ),
    ] = "",
) -> None:
    """Make a project: configuration, scope, prompt, first documents and cases with their reasons, and CI.

    Never overwrites a file. With --from-demo it has ten first cases, and `answerable eval run` asks your function.

    Examples: `answerable init support-bot` · `answerable init . --from-demo demo:answer`
    """
    if sample and from_demo:
        raise ConfigError("--sample and --from-demo are two kinds of project", hint="choose one")
    if (folder / "answerable.toml").exists():
        raise ConfigError(f"{folder} is a project already", hint="choose another folder")
    if from_demo:
        _check_function(from_demo, folder)
    folder.mkdir(parents=True, exist_ok=True)
    if from_demo:
        _tell(_fill(folder, "demo", function=from_demo), folder, "answerable eval run")
        return
    written = _copy(sample_folder(), folder) + _ignored(folder) if sample else _fill(folder)
    if not (folder / "prompts").exists():
        written += _prompt(folder)
    written += _ops(folder)
    _tell(written, folder, "answerable up")


def _ignored(folder: Path) -> list[Path]:
    """What no commit should take: the sample's own folder here has no such file, for it is in our repository."""
    place = folder / ".gitignore"
    if place.exists():
        return []
    text = resources.files("answerable.cli").joinpath("templates/project/dot.gitignore").read_text("utf-8")
    place.write_text(text, encoding="utf-8")
    return [place]


def _tell(written: list[Path], folder: Path, then: str) -> None:
    written = [path.resolve() for path in written] + list(write_ci(folder).written)
    for path in sorted(written):
        note(f"  {os.path.relpath(path, folder.resolve())}")
    there = "" if folder.resolve() == Path.cwd() else f"cd {folder} && "
    say(f"made {folder}; next: {there}{then}")


def _check_function(reference: str, folder: Path) -> None:
    """Raise ConfigError before anything is written."""
    from answerable.adapters.targets.function import FunctionTarget  # only here; --help stays quick

    FunctionTarget.load(reference, folder=folder.resolve())


def _fill(folder: Path, template: str = "project", *, function: str = "") -> list[Path]:
    """A template's files, with the project's name and the function in the configuration."""
    with resources.as_file(resources.files("answerable.cli") / "templates" / template) as source:
        written = _copy(source, folder)
    config = folder / "answerable.toml"
    name = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-") or "assistant"
    text = config.read_text(encoding="utf-8")
    for placeholder, value in {"PROJECT_NAME": name, "FUNCTION": function}.items():
        text = text.replace(placeholder, value)
    config.write_text(text, encoding="utf-8")
    return written


def _ops(folder: Path) -> list[Path]:
    """Rules for Prometheus with their tests, and a dashboard for Grafana."""
    with resources.as_file(resources.files("answerable.cli") / "templates" / "ops") as source:
        return _copy(source, folder / "ops")


def _copy(source: Path, folder: Path) -> list[Path]:
    written = []
    for path in sorted(source.rglob("*")):
        place = folder / path.relative_to(source)
        # Files that tools would hide or act on in our own tree are kept without their dot.
        place = place.with_name(f".{place.name[4:]}") if place.name.startswith("dot.") else place
        if path.is_file() and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
            written.append(place)
    return written


def _prompt(folder: Path) -> list[Path]:
    """The shipped answer prompt and its behavior cases, as the project's own files to change."""
    written = []
    for name, place in (("library/answer.md", "answer.md"), ("tests/answer.yaml", "tests/answer.yaml")):
        path = folder / "prompts" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((resources.files("answerable.prompts") / name).read_text("utf-8"), encoding="utf-8")
        written.append(path)
    return written
