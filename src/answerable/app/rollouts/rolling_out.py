"""Beginning, growing and ending a rollout in the project's files: what is served is what was measured."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from answerable.adapters.git import write_files
from answerable.app.project import Project
from answerable.app.prompts.history import Found, text_of
from answerable.app.prompts.past import history_of
from answerable.core.errors import ConfigError
from answerable.prompts.collection import load_library, shipped
from answerable.prompts.prompt import Prompt
from answerable.prompts.rollout import FILE, USES, Pin, Rollout, say_share
from answerable.prompts.rollout_file import dump, load
from answerable.prompts.standing import resolve

_SALT_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person asked for. None leaves a rollout that is under way as it is."""

    ref: str  # answer@2.3.0
    share: float
    guards: tuple[str, ...] | None = None
    auto_rollback: bool | None = None
    stable: str = ""  # answer@2.2.0; empty: what is served now
    by: str = ""
    why: str = ""
    anew: bool = False  # other persons, and all evidence from the beginning


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be written. `was`: the same rollout as it is now, where it only changes its share or guards."""

    rollout: Rollout
    candidate: Prompt
    stable: Prompt
    files: Mapping[str, str] = field(default_factory=dict)  # prompt files, by path within the project
    was: Rollout | None = None


def plan(project: Project, wish: Wish, *, now: datetime, back: Collection[str]) -> Plan:
    """`back`: ids of rollouts that were taken back. Raises ConfigError and NotFound; nothing is written yet."""
    id_, _, version = wish.ref.partition("@")
    _check_use(project, id_, version)
    candidate = _prompt(text_of(project, wish.ref), wish.ref)
    existing = next((one for one in load(project.base / FILE) if one.prompt == id_), None)
    if existing is not None and existing.candidate == _pin(candidate) and not wish.anew:
        return _changed(project, existing, candidate, wish, back)
    if existing is not None and existing.id not in back and existing.candidate != _pin(candidate):
        raise ConfigError(
            f"{existing.ref} is under way with {say_share(existing.share)}",
            hint=f"`answerable prompt rollout back {id_}` or `finish {id_}` first",
        )
    stable = _stable(project, candidate, wish, existing)
    _check_pair(candidate, stable)
    again = existing if existing is not None and existing.candidate == _pin(candidate) else None
    guards, auto = _guards(wish, again)
    rollout = Rollout(
        prompt=id_,
        stable=_pin(stable),
        candidate=_pin(candidate),
        share=wish.share,
        salt=secrets.token_hex(_SALT_BYTES),
        guards=guards,
        auto_rollback=auto,
        started=now.replace(microsecond=0),
        by=wish.by,
        why=wish.why or candidate.change,
    )
    return Plan(rollout=rollout, candidate=candidate, stable=stable, files=_files(project, (candidate, stable)))


def write(project: Project, planned: Plan) -> list[Path]:
    """Prompt files first, then rollouts.toml: who reads between them serves what was served.

    Raises ConfigError, and leaves nothing behind where the texts are not what was planned.
    """
    written = write_files(project.base, planned.files)
    try:
        resolve(project.prompts, planned.rollout)
    except ConfigError:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    others = [one for one in load(project.base / FILE) if one.prompt != planned.rollout.prompt]
    return [*written, *write_files(project.base, {FILE: dump([*others, planned.rollout])})]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A rollout that is over: the version that serves everybody, and the files that changed."""

    prompt: Prompt
    written: Sequence[Path]
    removed: Sequence[Path]


def finish(project: Project, id_: str, *, back: Collection[str]) -> Finished:
    """The version that everybody has becomes prompts/ID.md: the candidate at 100 %, the stable one if taken back.

    Raises ConfigError where there is no rollout, and where both versions serve people.
    """
    rollouts = load(project.base / FILE)
    rollout = next((one for one in rollouts if one.prompt == id_), None)
    if rollout is None:
        raise ConfigError(f"no rollout of {id_} is in {FILE}", hint="`answerable prompt rollout status`")
    if rollout.id not in back and rollout.share < 1.0:
        raise ConfigError(
            f"{rollout.ref} serves {say_share(rollout.share)}, and {rollout.stable_ref} the others",
            hint=f"`answerable prompt rollout {rollout.ref} --to 100%` first, or `back {id_}`",
        )
    both = resolve(project.prompts, rollout)
    winner = both.stable if rollout.id in back or both.candidate is None else both.candidate
    files = {FILE: dump(one for one in rollouts if one is not rollout)}
    if project.prompts.path(id_) is not None or not _is_shipped(winner):
        files = {f"prompts/{id_}.md": winner.source} | files
    written = write_files(project.base, files)
    removed = []
    for pin in (rollout.stable, rollout.candidate):
        if (path := project.prompts.path(f"{id_}@{pin.version}")) is not None:
            path.unlink()
            removed.append(path)
    return Finished(prompt=winner, written=written, removed=removed)


def _check_use(project: Project, id_: str, version: str) -> None:
    if id_ not in USES:
        raise ConfigError(
            f"{id_} cannot be rolled out to a share of people: nobody asks it",
            hint=f"one of {', '.join(USES)}; other prompts change for all at once, behind the gate",
        )
    if not version:
        raise ConfigError(f"which version of {id_}?", hint=f"{id_}@VERSION; `answerable prompt log {id_}`")
    own = project.settings.answer.prompt
    if id_ == "answer" and own and project.path(own) != project.base / "prompts" / "answer.md":
        raise ConfigError(
            f"answer.prompt names {own}, and a rollout serves prompts/answer.md",
            hint="move the file there, and take answer.prompt out of the configuration",
        )


def _changed(project: Project, was: Rollout, candidate: Prompt, wish: Wish, back: Collection[str]) -> Plan:
    """The same rollout with another share or other guards: who was in it stays in it."""
    if was.id in back:
        raise ConfigError(
            f"{was.ref} was rolled back",
            hint="--anew begins it again, with other persons and no evidence; or give the text a new version",
        )
    if wish.stable and wish.stable != was.stable_ref:
        raise ConfigError(f"{was.ref} is held against {was.stable_ref}", hint="--anew begins another rollout")
    guards, auto = _guards(wish, was)
    rollout = replace(was, share=wish.share, guards=guards, auto_rollback=auto, why=wish.why or was.why)
    both = resolve(project.prompts, rollout)
    return Plan(rollout=rollout, candidate=candidate, stable=both.stable, was=was)


def _stable(project: Project, candidate: Prompt, wish: Wish, existing: Rollout | None) -> Prompt:
    """What the candidate is held against: as named, as before, what is served now, or the version before it."""
    id_ = candidate.id
    if wish.stable:
        ref = wish.stable if "@" in wish.stable else f"{id_}@{wish.stable}"
        return _prompt(text_of(project, ref), ref)
    if existing is not None:
        return resolve(project.prompts, existing).stable
    current = project.prompts.get(id_)
    if current.sha256 != candidate.sha256:
        return current
    for one in history_of(project, id_).versions:
        if one.version != candidate.version and one.last.prompt is not None:
            return one.last.prompt
    if id_ in shipped() and (library := load_library(id_)).version != candidate.version:
        return library
    raise ConfigError(
        f"{candidate.ref} is what everybody has, and no version before it is known",
        hint=f"--stable {id_}@VERSION names what it is held against",
    )


def _check_pair(candidate: Prompt, stable: Prompt) -> None:
    if candidate.version == stable.version:
        raise ConfigError(
            f"{candidate.where} and {stable.where} are both {stable.ref}",
            hint="give the changed text a version of its own",
        )
    if other := sorted(candidate.names ^ stable.names):
        raise ConfigError(
            f"{candidate.ref} and {stable.ref} do not take the same inputs: {', '.join(other)}",
            hint="a change of inputs is a change of code: deploy it for all",
        )


def _guards(wish: Wish, was: Rollout | None) -> tuple[tuple[str, ...], bool]:
    """As wished, else as before. Raises ConfigError for an unknown metric, and for a rollback without one."""
    guards = wish.guards if wish.guards is not None else was.guards if was else ()
    auto = wish.auto_rollback if wish.auto_rollback is not None else was is not None and was.auto_rollback
    if guards or auto:
        from answerable.app.rollouts.guard_metrics import (
            guard_metrics,  # numpy, which most commands need not wait for
        )

        guard_metrics(guards)
    return guards, auto


def _files(project: Project, prompts: Sequence[Prompt]) -> dict[str, str]:
    """Each version by its own name, but for the one that prompts/ID.md is."""
    files = {}
    for one in prompts:
        own = None
        with suppress(ConfigError):
            own = project.prompts.get(one.ref) if project.prompts.path(one.ref) else None
        current = project.prompts.path(one.id) and project.prompts.get(one.id).sha256
        if own is None and current != one.sha256:
            files[f"prompts/{one.ref}.md"] = one.source
    return files


def _prompt(found: Found, ref: str) -> Prompt:
    if found.prompt is None:
        raise ConfigError(f"{ref} ({found.told}) is no valid prompt", hint="`answerable prompt lint` says why")
    return found.prompt


def _pin(prompt: Prompt) -> Pin:
    return Pin(version=prompt.version, sha256=prompt.sha256)


def _is_shipped(prompt: Prompt) -> bool:
    return prompt.id in shipped() and load_library(prompt.id).sha256 == prompt.sha256
