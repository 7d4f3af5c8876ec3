"""What a branch changes in a project: files by what they decide, settings by key, prompts by their versions."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from answerable.adapters.branch_point import BranchPoint
from answerable.app.project import Project
from answerable.config import Settings
from answerable.config.load import FILE, load
from answerable.core.errors import ConfigError
from answerable.evals.abstain.lock import FILE as ABSTAIN_LOCK
from answerable.evals.change.kinds import SECTIONS, Changed, Kind, Places, state_of
from answerable.evals.change.report import PromptChange
from answerable.evals.change.settings import Setting, by_kind, differences
from answerable.prompts.collection import Prompts
from answerable.prompts.prompt import Prompt
from answerable.prompts.rollout import FILE as ROLLOUTS

_CACHE_LOCK = "cache.lock"  # of app/semantic_lock.py, which brings the embedder: nobody waits for it here


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """The project as it is, the same where the branch began, and what differs."""

    project: Project
    point: BranchPoint
    base: Project | None  # laid out in a folder of its own, without its documents; None: no readable one there
    changed: tuple[Changed, ...]
    places: Places
    settings: tuple[Setting, ...] = ()
    prompts: tuple[PromptChange, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def relevant(self) -> tuple[Changed, ...]:
        """What decides an answer or a verdict on one."""
        return tuple(one for one in self.changed if one.kind.counts)

    def touches(self, *kinds: Kind) -> bool:
        """Whether something of these kinds changed."""
        return any(one.kind in kinds for one in self.changed)


def look(project: Project, point: BranchPoint, scratch: Path) -> Branch:
    """Compare with where the branch began, whose files are laid out in `scratch`. Raises ConfigError."""
    before = point.files()
    paths = _changed_paths(project, point)
    places = _places(project.settings, project, paths)
    if not any(places.kind(path).counts for path in paths):
        files = [_changed(project, path, places, before) for path in paths]
        return Branch(project=project, point=point, base=None, changed=tuple(files), places=places)
    base, notes = _base(project, point, scratch, before)
    if base is not None:  # what was a prompt or a case there counts as one, though the branch calls it otherwise
        places = Places(config=places.config, known={**_places(base.settings, base, paths).known, **places.known})
    settings = _settings(base, project)
    files = [one for path in paths for one in _entries(project, path, places, before, settings)]
    prompts, said = _prompts(base, project)
    return Branch(
        project=project,
        point=point,
        base=base,
        changed=tuple(files),
        places=places,
        settings=settings,
        prompts=prompts,
        notes=(*notes, *said),
    )


def _changed_paths(project: Project, point: BranchPoint) -> list[str]:
    """Within the project, with /; those of sources outside of its folder begin with ../"""
    outside = [project.path(one.uri).resolve() for one in project.settings.source]
    further = [one for one in outside if one.is_dir() and not one.is_relative_to(project.base.resolve())]
    found = [path for folder in (None, *further) for path in point.changed(folder)]
    return sorted({PurePosixPath(os.path.relpath(path, point.folder)).as_posix() for path in found})


def _places(settings: Settings, project: Project, paths: Sequence[str]) -> Places:
    section = settings.eval
    known: dict[str, Kind] = {
        **_named(settings),
        "prompts": Kind.PROMPT,
        "prompts/tests": Kind.BEHAVIOR,
        ROLLOUTS: Kind.ROLLOUT,
        ABSTAIN_LOCK: Kind.THRESHOLD,
        _CACHE_LOCK: Kind.SETTINGS,
        **({settings.answer.prompt: Kind.PROMPT} if settings.answer.prompt else {}),
        settings.answer.scope or "scope.md": Kind.SCOPE,
        section.criteria: Kind.CRITERIA,
        **dict.fromkeys(section.suites, Kind.CASES),
        **dict.fromkeys(section.patterns, Kind.PATTERNS),
        section.baseline: Kind.BASELINE,
        **dict.fromkeys((section.quarantine, section.waivers, section.fitness), Kind.RULES),
        **{one.uri: Kind.DOCUMENTS for one in settings.source},
    }
    if section.target and not section.target.startswith(("http://", "https://")):  # a function: its code answers
        known |= {path: Kind.TARGET for path in paths if path.endswith(".py")}
    name = project.config.name if project.config else FILE
    return Places(config=name, known={os.path.normpath(path): kind for path, kind in known.items()})


def _named(settings: Settings) -> dict[str, Kind]:
    """Files that a setting names, such as an adapter or a model's folder: they decide what the setting decides."""
    whole = settings.model_dump(mode="json", by_alias=True)
    found = {text: kind for key, kind in SECTIONS.items() for text in _texts(whole.get(key))}
    return {text: kind for text, kind in found.items() if "." in text or "/" in text}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value not in ("", ".", "/") and "://" not in value and "\0" not in value:
            yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _entries(
    project: Project, path: str, places: Places, before: frozenset[str], settings: Sequence[Setting]
) -> Iterator[Changed]:
    """One, or for the configuration one a kind of setting."""
    if path != places.config:
        yield _changed(project, path, places, before)
        return
    state = state_of(before=path in before, after=(project.base / path).exists())
    grouped = by_kind(settings)
    for kind, these in grouped.items():
        yield Changed(path=path, kind=kind, state=state, details=tuple(one.words for one in these))
    if not grouped:
        yield Changed(path=path, kind=Kind.OTHER, state=state, details=("no setting differs",))


def _changed(project: Project, path: str, places: Places, before: frozenset[str]) -> Changed:
    there = path in before or path.startswith("../")
    state = state_of(before=there, after=(project.base / path).exists())
    return Changed(path=path, kind=places.kind(path), state=state)


def _base(
    project: Project, point: BranchPoint, scratch: Path, before: frozenset[str]
) -> tuple[Project | None, tuple[str, ...]]:
    """The project there, with every file but its documents."""
    name = project.config.name if project.config else FILE
    if project.config is not None and name not in before:
        return None, (f"{point.reference} has no {name}: there is nothing to compare with",)
    documents = [os.path.normpath(one.uri) for one in project.settings.source]
    wanted = [path for path in sorted(before) if not _within(path, documents)]
    folder = point.lay_out(scratch, wanted)
    config = folder / name if name in before else None
    try:
        settings = load(config)
    except ConfigError as error:
        return None, (f"the configuration of {point.reference} cannot be read now: {error}",)
    return Project(settings=settings, base=folder, config=config, home=project.base), ()


def _within(path: str, folders: Sequence[str]) -> bool:
    parts = PurePosixPath(path)
    return any(PurePosixPath(one) in parts.parents for one in folders if one != ".")


def _settings(base: Project | None, project: Project) -> tuple[Setting, ...]:
    if base is None:
        return ()
    before, after = (one.settings.model_dump(mode="json", by_alias=True) for one in (base, project))
    return differences(before, after)


def _prompts(base: Project | None, project: Project) -> tuple[tuple[PromptChange, ...], tuple[str, ...]]:
    """Every prompt whose text is another one, with all that it includes; and those that cannot be read."""
    before, _ = _read(base) if base else ({}, ())
    after, said = _read(project)
    changed = [
        _prompt(name, before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if _sha256(before.get(name)) != _sha256(after.get(name))
    ]
    return tuple(changed), said


def _read(project: Project) -> tuple[dict[str, Prompt], tuple[str, ...]]:
    found: dict[str, Prompt] = {}
    said: list[str] = []
    for name in _names(project.prompts):
        try:
            found[name] = project.prompts.get(name)
        except ConfigError as error:
            said.append(str(error))
    return found, tuple(said)


def _names(prompts: Prompts) -> list[str]:
    beside = [path.stem for path in prompts.folder.glob("*@*.md")] if prompts.folder else []
    return [*prompts.ids(), *sorted(beside)]


def _sha256(prompt: Prompt | None) -> str:
    return prompt.sha256 if prompt else ""


def _prompt(name: str, before: Prompt | None, after: Prompt | None) -> PromptChange:
    return PromptChange(
        id=name,
        before=before.ref if before else "",
        after=after.ref if after else "",
        before_sha256=_sha256(before),
        after_sha256=_sha256(after),
        note=after.change if after and (before is None or before.change != after.change) else "",
    )
