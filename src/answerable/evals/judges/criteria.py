"""The criteria a project has: its own folder's, and beside them the shipped ones that it does not replace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path

from answerable.core.errors import ConfigError
from answerable.evals.judges.criterion import Criterion
from answerable.evals.judges.criterion_file import Finding, lint, parse


def load_criteria(folder: Path | None = None) -> dict[str, Criterion]:
    """By id, sorted. Raises ConfigError naming file and line of the first problem."""
    found = {name: parse(text, where=where) for name, (text, where) in _sources(folder).items()}
    for name, criterion in found.items():
        if criterion.id != name:
            raise ConfigError(
                f"{criterion.where}: its id is {criterion.id!r}", hint=f"call the file {criterion.id}.md"
            )
    return dict(sorted(found.items()))


def lint_criteria(folder: Path | None = None) -> list[Finding]:
    """Everything wrong with the project's criteria, and with the shipped ones that serve beside them."""
    return [
        finding for _, (text, where) in sorted(_sources(folder).items()) for finding in lint(text, where=where)
    ]


def select(criteria: Mapping[str, Criterion], names: Sequence[str]) -> list[Criterion]:
    """The named ones, in that order; none named: all. Raises ConfigError for one that is not there."""
    if missing := [name for name in names if name not in criteria]:
        raise ConfigError(
            f"there is no criterion {missing[0]!r}", hint=f"there are: {', '.join(criteria) or 'none'}"
        )
    return [criteria[name] for name in names] if names else list(criteria.values())


def _sources(folder: Path | None) -> dict[str, tuple[str, str]]:
    """By the file's name: its text, and where it is."""
    library = resources.files("answerable.evals") / "library" / "criteria"
    shipped = {
        entry.name.removesuffix(".md"): (entry.read_text(encoding="utf-8"), f"(shipped) {entry.name}")
        for entry in library.iterdir()
        if entry.name.endswith(".md")
    }
    return shipped | dict(_own(folder))


def _own(folder: Path | None) -> Iterator[tuple[str, tuple[str, str]]]:
    if folder is None or not folder.is_dir():
        return
    for path in sorted(folder.glob("*.md")):
        if path.name == "README.md":
            continue
        try:
            yield path.stem, (path.read_text(encoding="utf-8"), str(path))
        except (OSError, UnicodeDecodeError) as exc:
            raise ConfigError(f"{path} cannot be read: {exc}", hint="a criterion is Markdown in UTF-8") from exc
