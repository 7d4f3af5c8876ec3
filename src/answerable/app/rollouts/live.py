"""The rollouts of a running process: read from their file, taken back when somebody says so, and never a crash.

`rollouts.toml` says who is served what. What was taken back is in the happenings, which all processes read, and on
disk. Where files or database are away or wrong, the last good state serves, and the log and a happening say so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from answerable.adapters.entry import plain
from answerable.adapters.last_good import LastGood
from answerable.app.project import Project
from answerable.app.prompts.archive import keep_standing
from answerable.app.rollouts.copy import copy_of, read_standing, standing_row
from answerable.core.beside import beside
from answerable.core.errors import AnswerableError, ConfigError, Unreachable
from answerable.core.identity import content_id
from answerable.core.ports import Happening, Happenings
from answerable.core.query import Query
from answerable.prompts.prompt import Prompt
from answerable.prompts.rollout import FILE, USES, Rollout
from answerable.prompts.rollout_file import load
from answerable.prompts.standing import Back, Served, Standing, only_stable, resolve

log = logging.getLogger(__name__)

CHANGED = "rollout.changed"
DEGRADED = "rollout.degraded"
POLL_S = 2.0  # how long a process may not know of a rollback
_SEEN = 500  # newest changes that are read: a rollout makes a handful


def _now() -> datetime:
    return datetime.now(UTC)


def uncounted(prompt: str, what: str) -> None:
    """Nobody counts."""


@dataclass(slots=True, kw_only=True)
class Rollouts:
    """`choose` is asked for every question and never waits; `refresh` reads files and happenings anew."""

    project: Project
    happenings: Happenings
    count: Callable[[str, str], None] = uncounted  # prompt and what happened
    now: Callable[[], datetime] = _now
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    standing: Standing = field(default_factory=Standing)
    _read: tuple[object, ...] | None = None  # the files' state when they were read; None: never
    _told: list[Happening] | None = None  # the changes that are known, newest first; None: not while they are away
    _alarms: set[str] = field(default_factory=set)
    _said: Mapping[str, str] = field(default_factory=dict)  # faults that were told

    def choose(self, prompt: Prompt, query: Query) -> Prompt:
        """The version of a prompt that a question is asked with, and its arm in the trace."""
        return self.standing.choose(prompt, query)

    async def refresh(self) -> None:
        """Read what changed. Raises nothing for files that are wrong or a database that is away."""
        if self._read is None:
            self.standing = read_standing(self._copy.read())
        seen = self._signature()
        if seen != self._read:
            before = self.standing if self._read is not None else replace(self.standing, ended={})
            self.standing = read_files(self.project, before, begun=self._read is not None)
            keep_standing(self.project, self.standing)
            self._read = seen
        if self.standing.served:
            await self._read_happenings()
        self._keep()

    async def back(self, prompt: str, *, by: str, reason: str, metric: str = "", n: int = 0) -> Back:
        """Take a rollout back, at once here and within seconds in every process. Twice is once.

        Raises ConfigError where the prompt has none. Without a database this folder's processes follow the disk.
        """
        served = self.standing.served.get(prompt)
        if served is None:
            raise ConfigError(f"no rollout of {prompt} is under way", hint="`answerable prompt rollout status`")
        rollout = served.rollout
        if earlier := self.standing.back.get(rollout.id):
            return earlier
        done = Back(at=self.now(), by=by, metric=metric, n=n, reason=reason[:300])
        self.standing = replace(self.standing, back={**self.standing.back, rollout.id: done})
        self._keep()
        self._write_back(rollout, done)
        log.warning("%s is rolled back to %s: %s", rollout.ref, rollout.stable_ref, done.reason)
        with suppress(Unreachable):  # it is spooled: written when the database is there again
            await self.happenings.flush()
        return done

    def worse(self, rollout: Rollout, *, metric: str, n: int, reason: str) -> None:
        """Say, once for a metric, that a guard finds the candidate worse and nobody takes it back."""
        id_ = content_id("ev", rollout.id, "worse", metric)
        if id_ in self._alarms:
            return
        self._alarms.add(id_)
        log.warning("%s is worse than %s: %s", rollout.ref, rollout.stable_ref, reason)
        props = _props(rollout, "worse", metric=metric, n=n, reason=reason[:300])
        self._happened(Happening(name=CHANGED, id=id_, at=self.now(), props=props))

    def tell(self) -> None:
        """Write down where each rollout stands, where that is news: of all processes that see it, one event."""
        for prompt, fault in self.standing.faults.items():
            self._tell_fault(prompt, fault)
        self._said = dict(self.standing.faults)
        for served in self.standing.served.values():
            self._tell_share(served.rollout)

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """While questions are served: files and happenings are read every POLL_S seconds."""
        async with beside(self._follow(), name="rollouts"):
            yield

    async def _follow(self) -> None:
        while True:
            self.tell()
            await self.sleep(POLL_S)
            try:
                await self.refresh()
            except AnswerableError as error:  # the next round may do better, and what is known stands
                log.warning("rollouts: %s", error)

    @property
    def _copy(self) -> LastGood:
        return copy_of(self.project)

    def _signature(self) -> tuple[object, ...]:
        """Another one when a file changes that a rollout is made of, or the copy that another process wrote."""
        prompts = self.project.base / "prompts"
        paths = [self.project.base / FILE, self._copy.path]
        paths += sorted(path for use in USES for path in prompts.glob(f"{use}*.md"))
        found: list[object] = []
        for path in paths:
            with suppress(OSError):
                state = path.stat()
                found.append((path.name, state.st_mtime_ns, state.st_size, state.st_ino))
        return tuple(found)

    def _keep(self) -> None:
        """Put the state on disk, with what other processes took back."""
        on_disk = self._copy.read()
        back = {**read_standing(on_disk).back, **self.standing.back}
        row = plain(standing_row(replace(self.standing, back=back)))
        if row != on_disk and (on_disk or row["served"] or row["back"]):
            self._copy.write(row)

    async def _read_happenings(self) -> None:
        home = self.project.settings.project.tenant
        on_disk = read_standing(self._copy.read()).back
        try:
            self._told = await self.happenings.latest(tenant=home, name=CHANGED, limit=_SEEN)
        except Unreachable as error:
            log.debug("rollouts: %s; what is known of them stands", error)
            self._told = None
        backs = [one for one in self._told or () if one.props.get("what") == "back"]
        known = {str(one.props.get("rollout", "")): _back(one) for one in backs}
        self._log_new({**on_disk, **known})
        self.standing = replace(self.standing, back={**on_disk, **known, **self.standing.back})
        if self._told is not None:
            self._write_missing(known)

    def _log_new(self, back: Mapping[str, Back]) -> None:
        """Of those that are served here and that another process took back."""
        for served in self.standing.served.values():
            rollout = served.rollout
            if rollout.id in back and rollout.id not in self.standing.back:
                done = back[rollout.id]
                log.warning("%s was rolled back to %s: %s", rollout.ref, rollout.stable_ref, done.reason)

    def _write_missing(self, known: Mapping[str, Back]) -> None:
        """What was taken back while the database was away is told to the others now."""
        for served in self.standing.served.values():
            done = self.standing.back.get(served.rollout.id)
            if done is not None and served.rollout.id not in known:
                self._write_back(served.rollout, done)

    def _write_back(self, rollout: Rollout, done: Back) -> None:
        props = _props(rollout, "back", metric=done.metric, n=done.n, by=done.by, reason=done.reason)
        self._happened(Happening(name=CHANGED, id=content_id("ev", rollout.id, "back"), at=done.at, props=props))

    def _tell_share(self, rollout: Rollout) -> None:
        if self._told is None:
            return
        mine = [one for one in self._told if one.props.get("rollout") == rollout.id]
        last = next((one for one in mine if one.props.get("what") != "worse"), None)
        if last is not None and (last.props.get("what") == "back" or last.props.get("share") == rollout.share):
            return
        what = "begun" if last is None else "share"
        props = _props(rollout, what, by=rollout.by[:300], reason=rollout.why[:300])
        id_ = content_id("ev", rollout.id, last.id if last else "", repr(rollout.share))
        news = Happening(name=CHANGED, id=id_, at=self.now(), props=props)
        self._told = [news, *self._told]
        self._happened(news)

    def _happened(self, one: Happening) -> None:
        self.count(str(one.props["prompt"]), str(one.props.get("what", "degraded")))
        self.happenings.write(one)

    def _tell_fault(self, prompt: str, fault: str) -> None:
        if self._said.get(prompt) == fault:
            return
        log.warning("rollouts: %s; the last good state serves", fault)
        now = self.now()
        id_ = content_id("ev", DEGRADED, prompt, fault, now.date().isoformat())
        self._happened(Happening(name=DEGRADED, id=id_, at=now, props={"prompt": prompt, "reason": fault[:300]}))


def read_files(project: Project, last: Standing, *, begun: bool) -> Standing:
    """The file's rollouts with their texts; what cannot be had is as in `last`, and named in `faults`.

    `begun`: the process served `last`, so a rollout that is no more leaves the file it ended in.
    """
    try:
        rollouts = load(project.base / FILE)
    except ConfigError as error:
        return replace(last, faults={"": _said(error)})
    served: dict[str, Served] = {}
    faults: dict[str, str] = {}
    for one in rollouts:
        try:
            served[one.prompt] = resolve(project.prompts, one)
        except ConfigError as error:
            faults[one.prompt] = _said(error)
            if good := _last_good(project, one, last.served.get(one.prompt)):
                served[one.prompt] = good
    ended = _ended(project, last, {*served, *faults}) if begun else {}
    return Standing(served=served, back=last.back, ended=ended, faults=faults)


def _last_good(project: Project, rollout: Rollout, last: Served | None) -> Served | None:
    """The same rollout with the texts that were read before; else the stable one for all; else what was before."""
    if last is not None and last.candidate is not None and last.rollout.id == rollout.id:
        return replace(last, rollout=rollout)
    return only_stable(project.prompts, rollout) or last


def _ended(project: Project, last: Standing, under_way: set[str]) -> dict[str, Prompt]:
    """The project's own prompt, where there was a rollout that is no more: the process began with another text."""
    found = {}
    for prompt in {*last.served, *last.ended} - under_way:
        try:
            found[prompt] = project.prompts.get(prompt)
        except ConfigError:
            found[prompt] = last.ended[prompt] if prompt in last.ended else last.served[prompt].stable
    return found


def _props(
    rollout: Rollout, what: str, *, metric: str = "", n: int = 0, by: str = "", reason: str = ""
) -> dict[str, object]:
    """`from` is what was served to those whom the change is about, `to` is what they are served now."""
    ways = (rollout.ref, rollout.stable_ref) if what == "back" else (rollout.stable_ref, rollout.ref)
    return {
        "prompt": rollout.prompt,
        "rollout": rollout.id,
        "what": what,
        "from": ways[0],
        "to": ways[1],
        "share": rollout.share,
        "metric": metric,
        "n": n,
        "by": by,
        "reason": reason,
    }


def _back(one: Happening) -> Back:
    told = one.props
    return Back(
        at=one.at,
        by=str(told.get("by", "")),
        metric=str(told.get("metric", "")),
        n=int(told.get("n", 0)),
        reason=str(told.get("reason", "")),
    )


def _said(error: AnswerableError) -> str:
    return f"{error}; {error.hint}" if error.hint else str(error)
