"""How often a rollout is rolled back without a reason, and how soon with one: made-up traffic, looked at often.

    python benchmarks/rollouts.py [--runs 1000] [--small] [--only PART] [--out benchmarks/results/rollouts.json]

Every truth is known, for the traffic is made up (rollout_worlds.py); no model was asked. Two guards, as in
`--guard task_completion,harmful`, are looked at after every 50 answers; beside them the same data is judged in the
usual ways.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from rollout_bets import compared
from rollout_picture import FIGURE, picture
from rollout_worlds import HARMFUL, Traffic, World, draw

from answerable.app.rollouts.guard_metrics import ALPHA, METRICS, judged
from answerable.core.arm import CANDIDATE
from answerable.evals.stats.distributions import normal_quantile
from answerable.evals.stats.proportions import exact
from answerable.evals.stats.sequential import BOLD, STAKES, bets, grown, mixed
from answerable.prompts.rollout import Pin, Rollout

HORIZON, LOOK, SEED = 10_000, 50, 41  # the stakes were chosen on another seed
COMPLETION, HARM = METRICS["task_completion"], METRICS["harmful"]
WAITS_S = (COMPLETION.window + COMPLETION.settles).total_seconds()
USUAL, NONE = (COMPLETION.margin, COMPLETION.tolerated), (0.0, 0.0)
Margins = tuple[float, float]  # beyond the first roll back, below the second keep
PIECE = 1000
CURVE = range(0, HORIZON + 1, 250)
CLUSTERED = {"alike": 0.3, "many": True}

WORLDS = (
    World(name="no difference"),
    World(name="no difference, persons alike", **CLUSTERED),
    World(name="drop of 10 points", drop=0.1),
    World(name="drop of 10 points, persons alike", drop=0.1, **CLUSTERED),
)
MORE = (  # in a tenth of the runs
    *(World(name="no difference", share=share) for share in (0.05, 0.5)),
    World(name="no difference, persons alike", share=0.5, **CLUSTERED),
    World(name="no difference, drifting", drifts=True, **CLUSTERED),
    World(name="improvement of 10 points", drop=-0.1),
    *(World(name="drop of 5 points", drop=0.05, share=share) for share in (0.05, 0.1, 0.5)),
    *(World(name="drop of 10 points", drop=0.1, share=share) for share in (0.05, 0.5)),
    *(World(name="drop of 20 points", drop=0.2, share=share) for share in (0.05, 0.1, 0.5)),
    World(name="drop of 10 points, persons alike", drop=0.1, share=0.5, **CLUSTERED),
    World(name="drop of 10 points, drifting", drop=0.1, drifts=True, **CLUSTERED),
    World(name="1 point more harmful answers", harm=0.01),
)
BARE = (  # one guard without a margin: the truth is on the very edge of what may not be rolled back
    World(name="no difference"),
    World(name="no difference, persons alike", **CLUSTERED),
    World(name="no difference, persons alike", share=0.5, **CLUSTERED),
)


def persons_of(traffic: Traffic) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Units in their order: mean badness, arm, and when each entered; as evals/stats/persons.py has it."""
    person, at = traffic.person, traffic.at
    numbers, first = np.unique(person, return_index=True)
    begins = np.full(len(traffic.candidate), np.inf)
    begins[numbers] = at[first]
    counts = at < begins[person] + COMPLETION.window.total_seconds()
    n = np.bincount(person[counts], minlength=len(begins))
    bad = np.bincount(person[counts], weights=traffic.bad[counts], minlength=len(begins))
    order = numbers[np.argsort(begins[numbers], kind="stable")]
    return bad[order] / n[order], traffic.candidate[order], begins[order] + WAITS_S


def crossed(
    value: np.ndarray, arm: np.ndarray, share: float, *, alpha: float, margin: float, keep: bool = False
) -> int:
    """After how many units the capital is enough to roll back, or to keep; one more than there are: never."""
    center = (np.cumsum(value) - value + 0.5) / np.arange(1.0, len(value) + 1.0)
    return _first_enough(bets(value, arm, share, center, margin)[keep], alpha)


def crossed_by_events(arm: np.ndarray, share: float, *, alpha: float) -> int:
    """The same for units that are events."""
    return _first_enough(bets(1.0, arm, share, np.zeros(len(arm)), 0.0)[0], alpha, BOLD)


def _first_enough(bet: np.ndarray, alpha: float, stakes: np.ndarray = STAKES) -> int:
    """In pieces, so that a run that is over costs no more."""
    capital, needed = np.zeros(len(stakes)), -math.log(alpha)
    for start in range(0, len(bet), PIECE):
        path = capital + np.log(grown(bet[start : start + PIECE], stakes)).cumsum(axis=0)
        near = np.flatnonzero(path.max(axis=1) >= needed)  # a mean is no larger than the maximum
        enough = near[mixed(path[near]) >= needed]
        if len(enough):
            return start + int(enough[0]) + 1
        capital = path[-1]
    return len(bet) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """One run: after how many answers each way rolled back; None: never by the horizon."""

    ours: float | None
    kept: float | None
    answers_as_units: float | None
    every_look: float | None
    at_the_end: bool
    units: int


def one_run(world: World, rng: np.random.Generator, *, guards: int, margins: Margins) -> Ended:
    """Draw the traffic and judge it in every way."""
    traffic, alpha = draw(world, HORIZON, rng), ALPHA / guards
    value, arm, enters = persons_of(traffic)
    back = crossed(value, arm, world.share, alpha=alpha, margin=margins[0])
    keep = crossed(value, arm, world.share, alpha=alpha, margin=margins[1], keep=True)
    until = [_asked_by(traffic, enters[back - 1])] if back <= len(value) else []
    if guards > 1:
        until += _harmful_back(traffic, world.share, alpha)
    by_answers = back
    if world.many:
        by_answers = crossed(traffic.bad, traffic.arm, world.share, alpha=alpha, margin=margins[0])
    looks, end = _z_tests(traffic, alpha)
    return Ended(
        ours=min((one for one in until if one is not None), default=None),
        kept=_asked_by(traffic, enters[keep - 1]) if keep <= len(value) else None,
        answers_as_units=_at_look(by_answers) if by_answers <= HORIZON else None,
        every_look=looks,
        at_the_end=end,
        units=len(value),
    )


def _harmful_back(traffic: Traffic, share: float, alpha: float) -> list[float | None]:
    hits = np.flatnonzero(traffic.harmful)
    _, first = np.unique(traffic.person[hits], return_index=True)
    events = hits[np.sort(first)]
    back = crossed_by_events(traffic.arm[events], share, alpha=alpha)
    return [_at_look(float(events[back - 1]) + 1.0)] if back <= len(events) else []


def _asked_by(traffic: Traffic, moment: float) -> float | None:
    """The first look, in answers, at which what entered at this moment is seen; None after the horizon."""
    asked = int(np.searchsorted(traffic.at, moment, side="left")) + 1
    return _at_look(asked) if asked <= HORIZON else None


def _at_look(asked: float) -> float:
    return float(math.ceil(asked / LOOK) * LOOK)


def _z_tests(traffic: Traffic, alpha: float) -> tuple[float | None, bool]:
    """Two shares of answers, one-sided: at the first look at which they differ, and at the end alone."""
    at = np.arange(LOOK, HORIZON + 1, LOOK) - 1
    n1, k1 = (np.cumsum(one)[at] for one in (traffic.arm, traffic.arm * traffic.bad))
    n0, k0 = at + 1 - n1, np.cumsum(traffic.bad)[at] - k1
    pooled = (k1 + k0) / (at + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (k1 / n1 - k0 / n0) / np.sqrt(pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n0))
    worse = np.nan_to_num(z, nan=0.0, posinf=0.0) > normal_quantile(1.0 - alpha)
    return (float(at[int(np.argmax(worse))] + 1) if worse.any() else None), bool(worse[-1])


def of_world(world: World, runs: int, *, guards: int, margins: Margins) -> dict[str, Any]:
    """Shares and quantiles over the runs of one world."""
    ended = [
        one_run(world, np.random.default_rng([SEED, index]), guards=guards, margins=margins)
        for index in range(runs)
    ]
    return {
        "world": asdict(world),
        "guards": guards,
        "margin": margins[0],
        "tolerated": margins[1],
        "runs": runs,
        "units": round(float(np.mean([one.units for one in ended]))),
        "rolled_back": _share([one.ours is not None for one in ended]),
        "until": _quantiles([one.ours for one in ended]),
        "kept": _share([one.kept is not None and one.ours is None for one in ended]),
        "answers_as_units": _share([one.answers_as_units is not None for one in ended]),
        "fixed_test_at_every_look": _share([one.every_look is not None for one in ended]),
        "fixed_test_at_the_end": _share([one.at_the_end for one in ended]),
        "by_answers": {
            "answers": list(CURVE),
            "ours": _by([one.ours for one in ended]),
            "fixed_test_at_every_look": _by([one.every_look for one in ended]),
        },
    }


def _by(until: Sequence[float | None]) -> list[int]:
    """How many runs had been rolled back by so many answers."""
    return [sum(one is not None and one <= answers for one in until) for answers in CURVE]


def _share(said: Sequence[bool]) -> dict[str, Any]:
    """k of n with Clopper and Pearson's interval."""
    interval = exact(sum(said), len(said))
    return {"k": sum(said), "n": len(said), "low": round(interval.low, 4), "high": round(interval.high, 4)}


def _quantiles(until: Sequence[float | None]) -> list[float | None]:
    """Quartiles over all runs; None where so many had not ended by the horizon."""
    last = sorted(math.inf if one is None else one for one in until)
    found = [last[min(len(last) - 1, math.ceil(q * len(last)) - 1)] for q in (0.25, 0.5, 0.75)]
    return [None if math.isinf(one) else one for one in found]


def through_the_real_code(runs: int, *, answers: int = 4000) -> list[dict[str, Any]]:
    """Arms drawn by Rollout.arm, judged by the guards themselves; the share grows 10 % → 50 % half way."""
    worlds = (World(name="no difference", **CLUSTERED), World(name="drop of 20 points", drop=0.2, **CLUSTERED))
    return [
        {
            "world": asdict(world),
            "answers": answers,
            "rolled_back": _share([_really(world, index, answers) for index in range(runs)]),
        }
        for world in worlds
    ]


def _really(world: World, index: int, answers: int) -> bool:
    rng = np.random.default_rng([7, index])
    started = datetime(2026, 11, 2, tzinfo=UTC)
    small, large = (
        Rollout(prompt="answer", stable=Pin(version="1.0.0", sha256="0" * 64), share=share, salt=f"run {index}",
                candidate=Pin(version="1.1.0", sha256="1" * 64), started=started)
        for share in (0.1, 0.5)
    )  # fmt: skip
    # drawn for both arms alike; the one that the person is in applies
    stable, candidate = (draw(world, answers, np.random.default_rng([7, index]), np.full(answers, arm))
                         for arm in (False, True))  # fmt: skip
    half = float(stable.at[answers // 2])
    rows = []
    for n in range(answers):
        arm = (small if stable.at[n] < half else large).arm(str(stable.person[n]))
        traffic = candidate if arm.name == CANDIDATE else stable
        rows.append(
            {
                "id": f"{n:05d}", "at": started + timedelta(seconds=float(stable.at[n])), "duration_ms": 900.0,
                "outcome": "abstained" if traffic.bad[n] else "answered", "degraded": [], "question": f"word{n}",
                "language": "en", "person": arm.unit, "candidate": arm.name == CANDIDATE, "share": arm.share,
                "withheld": 0, "value": None, "solved": None,
                "harmful_at": started + timedelta(seconds=float(stable.at[n])) if rng.random() < HARMFUL else None,
            }
        )  # fmt: skip
    report = judged(small.id, rows, (COMPLETION, HARM), now=rows[-1]["at"])
    return report.word.value == "roll back"


def worlds(runs: int) -> list[dict[str, Any]]:
    """As a rollout is watched: two guards, the margins of task_completion."""
    return [of_world(one, runs, guards=2, margins=USUAL) for one in WORLDS]


def more(runs: int) -> list[dict[str, Any]]:
    """The same in further worlds, a tenth of the runs."""
    return [of_world(one, max(1, runs // 10), guards=2, margins=USUAL) for one in MORE]


def bare(runs: int) -> list[dict[str, Any]]:
    """The sharpest case: one guard, no margin, no difference."""
    return [of_world(one, runs, guards=1, margins=NONE) for one in BARE]


def real(runs: int) -> list[dict[str, Any]]:
    """A fiftieth of the runs through Rollout.arm and the guards."""
    return through_the_real_code(max(1, runs // 50))


def ways(_: int) -> list[dict[str, Any]]:
    """How to bet, on 300 runs of bare units."""
    return compared()


Part = Callable[[int], list[dict[str, Any]]]
PARTS: dict[str, Part] = {"worlds": worlds, "more": more, "bare": bare, "real": real, "bets": ways}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--small", action="store_true", help="20 runs: to see that it works")
    parser.add_argument("--only", choices=list(PARTS), help="make one part anew and keep the others of --out")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/rollouts.json"))
    parser.add_argument("--figure", type=Path, help=f"also draw, e.g. {FIGURE}")
    options = parser.parse_args()
    runs = 20 if options.small else options.runs
    result: dict[str, Any] = json.loads(options.out.read_text()) if options.only else {}
    result |= {
        "command": f"python benchmarks/rollouts.py --runs {runs}",
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "note": "made-up traffic of known truth; no model was asked, and nothing here is a model's quality",
        "alpha": ALPHA,
        "horizon": HORIZON,
        "look": LOOK,
    }
    seconds: dict[str, float] = dict(result.get("cpu_s", {}))
    for name in [options.only] if options.only else PARTS:
        started = time.process_time()
        result[name] = PARTS[name](runs)
        seconds[name] = round(time.process_time() - started, 1)
    result["cpu_s"] = seconds
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1) + "\n")
    if options.figure:
        options.figure.write_text(picture(result["worlds"]))


if __name__ == "__main__":
    main()
