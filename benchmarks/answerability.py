"""Can the passages answer the question? AUROC by kind of negative, of what is shipped and of what was tried.

    python benchmarks/answerability.py --data DIR [--questions 1200] [--out FILE]

Below DIR: qa/squad2 and qa/clapnq. Every question is searched, re-ranked and kept by the product's own parts in a
store in memory: as it stands (answerable, or a trick question whose paragraph is there and does not answer), and
an answerable one again without its whole article and without its paragraph alone.

The candidates are fitted on every second of SQuAD's articles, by name; every figure is of the other half and of
CLAPnq. The shipped model was fitted before, on half of the questions of both sets. No model writes here.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from answerability_fit import CANDIDATES, fit, predict
from answerability_sets import Asked, Kind, ask_all
from figures import auroc, with_interval

from answerable.adapters.embedders.cache import default_cache_folder
from answerable.adapters.embedders.minilm import MiniLM
from answerable.adapters.embedders.weights import find_weights
from answerable.answer.abstention import Answerability

SETS = ("squad2", "clapnq")
RESAMPLES = 500
KEPT = 0.95  # of the answerable, at which rejection is compared


def shipped(asked: Sequence[Asked]) -> np.ndarray:
    """The judgements of the answer path."""
    judge = Answerability().judge
    return np.array([judge(one.query, one.passages, one.weights).probability for one in asked])


def halves(asked: Sequence[Asked]) -> tuple[list[Asked], list[Asked]]:
    """To fit on, and held out: articles in turn, by name."""
    names = sorted({one.article for one in asked})
    mine = {name for place, name in enumerate(names) if place % 2 == 0}
    return [one for one in asked if one.article in mine], [one for one in asked if one.article not in mine]


def measure(asked: Sequence[Asked], scores: np.ndarray) -> dict[str, Any]:
    """By kind of negative: AUROC against the answerable with an interval over paragraphs, and what is rejected."""
    kinds = np.array([one.kind for one in asked])
    answerable = scores[kinds == Kind.ANSWERABLE]
    bar, threshold = float(np.quantile(answerable, 1 - KEPT)), Answerability().threshold
    found: dict[str, Any] = {"answerable": {"n": len(answerable), "kept": _share(answerable >= threshold)}}
    for kind in (Kind.ABSENT, Kind.NEAR_MISS, Kind.TRICK):
        chosen = (kinds == kind) | (kinds == Kind.ANSWERABLE)
        labels = (kinds[chosen] == Kind.ANSWERABLE).astype(float)
        clusters = [one.paragraph for one, mine in zip(asked, chosen, strict=True) if mine]
        negative = scores[kinds == kind]
        found[str(kind)] = {
            "n": len(negative),
            "auroc": with_interval(auroc, labels, scores[chosen], clusters),
            "rejected": _share(negative < threshold),
            "rejected_at_95": _share(negative < bar),
        }
    return found


def difference(asked: Sequence[Asked], scores: np.ndarray, base: np.ndarray) -> dict[str, list[float]]:
    """By kind of negative: AUROC above the base's, and its 95 % interval over paragraphs, drawn for both alike."""
    kinds = np.array([one.kind for one in asked])
    names, place = np.unique([one.paragraph for one in asked], return_inverse=True)
    members = [np.flatnonzero(place == one) for one in range(len(names))]
    found = {}
    for kind in (Kind.ABSENT, Kind.NEAR_MISS, Kind.TRICK):
        chosen = (kinds == kind) | (kinds == Kind.ANSWERABLE)
        rng = np.random.default_rng(7)
        drawn = []
        for _ in range(RESAMPLES):
            rows = np.concatenate([members[one] for one in rng.integers(0, len(names), len(names))])
            drawn.append(_above(kinds, scores, base, rows[chosen[rows]]))
        value = _above(kinds, scores, base, np.flatnonzero(chosen))
        found[str(kind)] = [round(float(one), 4) for one in (value, *np.quantile(drawn, [0.025, 0.975]))]
    return found


def _above(kinds: np.ndarray, scores: np.ndarray, base: np.ndarray, rows: np.ndarray) -> float:
    labels = (kinds[rows] == Kind.ANSWERABLE).astype(float)
    return auroc(labels, scores[rows]) - auroc(labels, base[rows])


def _share(said: np.ndarray) -> float:
    return round(float(said.mean()), 4)


def timed(asked: Sequence[Asked]) -> dict[str, float]:
    """CPU milliseconds of one judgement."""
    judge, spent = Answerability(), []
    for one in asked:
        began = time.process_time_ns()
        judge.judge(one.query, one.passages, one.weights)
        spent.append((time.process_time_ns() - began) / 1e6)
    return {"p50_ms": round(float(np.median(spent)), 3), "p95_ms": round(float(np.quantile(spent, 0.95)), 3)}


async def read(data: Path, count: int, cache: Path) -> dict[str, list[Asked]]:
    """Every set, asked."""
    embedder = MiniLM(find_weights())
    try:
        return {name: await ask_all(data / "qa" / name, embedder, count=count, cache=cache) for name in SETS}
    finally:
        embedder.close()


def main() -> None:
    """Measure and write, or fit and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=1200)
    parser.add_argument("--cache", type=Path, default=default_cache_folder() / "benchmarks")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/answerability.json"))
    options = parser.parse_args()
    asked = asyncio.run(read(options.data, options.questions, options.cache))
    own, held_out = halves(asked["squad2"])
    models = {name: fit(own, names) for name, names in CANDIDATES.items()}
    parts = {"squad2, held-out articles": held_out, "clapnq": asked["clapnq"]}
    sets: dict[str, Any] = {}
    for name, some in parts.items():
        base = shipped(some)
        sets[name] = {"shipped": measure(some, base)}
        for label, model in models.items():
            scores = predict(model, some)
            sets[name][label] = measure(some, scores) | {"above shipped": difference(some, scores, base)}
        print(name, json.dumps(sets[name], indent=1))
    result = {
        "command": f"python benchmarks/answerability.py --data DIR --questions {options.questions}",
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "models": {name: {key: round(value, 2) for key, value in model.items()} for name, model in models.items()},
        "fitted_on": sorted({one.article for one in own}),
        "held_out": sorted({one.article for one in held_out}),
        "judge_cpu": timed(held_out),
        "sets": sets,
    }
    options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
