"""A red-team run and its rows as they are kept: a JSONL file a run, written by the line: a kill costs one."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from datetime import date as Day  # noqa: N812 - a pack has a `date`
from pathlib import Path
from typing import Any

from answerable.core.errors import ConfigError, IntegrityError, NotFound
from answerable.evals.redteam.pack import Pack

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRef:
    """Which attacks a run was made of."""

    name: str
    version: str
    date: str  # ISO
    sha256: str
    trials: int

    @classmethod
    def of(cls, pack: Pack) -> PackRef:
        """The pack's own."""
        trials = sum(1 for _ in pack.trials())
        return cls(
            name=pack.name, version=pack.version, date=pack.date.isoformat(), sha256=pack.sha256, trials=trials
        )

    def age_days(self, today: Day) -> int:
        """How old it is."""
        return max(0, (today - Day.fromisoformat(self.date)).days)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHead:
    """What a run is of. `setup` names everything that decides an answer: code, prompt, models, guards."""

    id: str
    at: str  # ISO, UTC
    target: str
    detectors: bool  # whether what guesses at attacks was on
    packs: tuple[PackRef, ...]
    families: tuple[str, ...] = ()  # empty: all
    limit: int | None = None
    setup: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRow:
    """One trial as it ended. `breaches` None: it could not be measured, and `error` says why."""

    id: str
    pack: str
    family: str
    surface: str
    language: str
    form: str
    position: str
    outcome: str
    breaches: tuple[str, ...] | None
    stopped: tuple[str, ...] = ()  # guards and rules that hit
    calls: int = 0  # of a model
    output_tokens: int = 0
    cost: str | None = None
    ms: float = 0.0
    trace_id: str = ""
    error: str = ""
    question: str = ""  # this and the next two only where something got through
    shown: str = ""
    trace: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedteamRun:
    """A run with its rows; not `finished`, it was interrupted and can be resumed."""

    head: RunHead
    rows: tuple[TrialRow, ...]
    finished: str = ""  # ISO, UTC

    @property
    def through(self) -> tuple[TrialRow, ...]:
        """What got through."""
        return tuple(one for one in self.rows if one.breaches)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFolder:
    """Where a project keeps its runs."""

    folder: Path

    def begin(self, head: RunHead) -> None:
        """A new file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write(head.id, {"format": FORMAT, "run": asdict(head)})

    def add(self, run: str, row: TrialRow) -> None:
        """One more line."""
        self._write(run, {"row": asdict(row)})

    def finish(self, run: str) -> None:
        """All is said."""
        self._write(run, {"finished": datetime.now(UTC).isoformat(timespec="seconds")})

    def ids(self) -> list[str]:
        """Oldest first."""
        return sorted(path.stem for path in self.folder.glob("*.jsonl"))

    def read(self, reference: str = "latest") -> RedteamRun:
        """By id, unique prefix or `latest`. Raises NotFound, and IntegrityError for a file that is no run."""
        ids = self.ids()
        found = ids[-1:] if reference == "latest" else [one for one in ids if one.startswith(reference)]
        if not found:
            raise NotFound(f"there is no red-team run {reference}", hint="answerable redteam run")
        if len(found) > 1:
            raise ConfigError(f"{reference} stands for {len(found)} runs", hint="give more of the id")
        return self._read(found[0])

    def before(self, run: RunHead) -> RedteamRun | None:
        """The newest finished run before this one with the same target and the same detectors."""
        for one in reversed([id_ for id_ in self.ids() if id_ < run.id]):
            earlier = self._read(one)
            same = (earlier.head.target, earlier.head.detectors) == (run.target, run.detectors)
            if same and earlier.finished:
                return earlier
        return None

    def _read(self, run: str) -> RedteamRun:
        head, finished, rows = None, "", {}
        for line in (self.folder / f"{run}.jsonl").read_text(encoding="utf-8").splitlines():
            try:
                value = json.loads(line)
            except ValueError:
                continue  # the line that a kill cut off: its trial is tried again
            if "run" in value:
                head = _head(value["run"])
            elif "row" in value:
                rows[value["row"]["id"], value["row"]["pack"]] = _row(value["row"])
            finished = value.get("finished", finished)
        if head is None:
            raise IntegrityError(f"{run}.jsonl is no red-team run")
        return RedteamRun(head=head, rows=tuple(rows.values()), finished=finished)

    def _write(self, run: str, value: Mapping[str, Any]) -> None:
        path = self.folder / f"{run}.jsonl"
        cut_off = path.exists() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)  # it holds what got through
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(("\n" if cut_off else "") + json.dumps(value, ensure_ascii=False, default=str) + "\n")


def new_id(now: datetime) -> str:
    """Sorts by time."""
    return f"rt_{now.astimezone(UTC):%Y%m%d_%H%M%S_%f}"


def _head(given: Mapping[str, Any]) -> RunHead:
    packs = tuple(PackRef(**one) for one in given["packs"])
    return RunHead(**{**given, "packs": packs, "families": tuple(given["families"])})


def _row(given: Mapping[str, Any]) -> TrialRow:
    breaches = given["breaches"]
    return TrialRow(
        **{
            **given,
            "breaches": None if breaches is None else tuple(breaches),
            "stopped": tuple(given["stopped"]),
        }
    )
