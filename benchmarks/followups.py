"""How often the class of a follow-up is right: `python benchmarks/followups.py [--fit]`.

Pairs of turns with a class given by hand (benchmarks/followups/CARD.md). Thresholds are fitted on seven of ten
pairs of fit.tsv and looked at on the other three; heldout.tsv was written before any threshold was fitted and is
only ever measured. Each pair is classified twice: by words alone, and with the shipped embedder's vectors. `--fit`
prints the best thresholds of the grid instead. The corrected rate's interval is checked by simulation at the
measured sensitivity and specificity.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from answerable.adapters.embedders.minilm import MiniLM
from answerable.adapters.embedders.weights import find_weights
from answerable.evals.stats.corrected import rogan_gladen
from answerable.evals.stats.proportions import wilson
from answerable.monitor.followup import FITTED, Thresholds, TurnFacts, follow_up

HERE = Path(__file__).parent
CLASSES = ("rephrase", "drill_down", "clarify", "pushback", "thanks", "new_topic")
START = datetime(2026, 11, 2, 9, tzinfo=UTC)
GRID = {
    "cosine": (0.6, 0.65, 0.7, 0.75, 0.8, 0.85),
    "containment": (0.34, 0.5, 0.67),
    "characters": (0.6, 0.7, 0.8),
    "near": (0.5, 0.55, 0.6, 0.65, 0.7),
}
Vectors = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A turn and the one before it, `gap_s` later; `class_` was given by hand."""

    language: str
    gap_s: int
    class_: str
    before: str
    after: str


def read(name: str) -> list[Pair]:
    """The pairs of a file of this folder."""
    lines = (HERE / "followups" / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    return [Pair(language=a, gap_s=int(b), class_=c, before=d, after=e) for a, b, c, d, e in rows]


def said(pair: Pair, vectors: Vectors, limits: Thresholds = FITTED) -> str:
    """The class that the detector gives."""
    before = TurnFacts(text=pair.before, language=pair.language, at=START, embedding=vectors.get(pair.before))
    at = START + timedelta(seconds=pair.gap_s)
    after = TurnFacts(text=pair.after, language=pair.language, at=at, embedding=vectors.get(pair.after))
    return follow_up(before, after, thresholds=limits).class_


def confusion(pairs: Sequence[Pair], vectors: Vectors, limits: Thresholds = FITTED) -> Counter[tuple[str, str]]:
    """(true, said) → pairs."""
    return Counter((one.class_, said(one, vectors, limits)) for one in pairs)


def macro_f1(counts: Counter[tuple[str, str]]) -> float:
    """The mean over classes of 2 TP / (2 TP + FN + FP)."""
    scores = []
    for one in CLASSES:
        right = counts[one, one]
        missed = sum(counts[one, other] for other in CLASSES) - right
        wrong = sum(counts[other, one] for other in CLASSES) - right
        scores.append(2 * right / max(1, 2 * right + missed + wrong))
    return sum(scores) / len(scores)


def fitted(pairs: Sequence[Pair], vectors: Vectors) -> Thresholds:
    """The best of the grid, by the mean of both ways; of equal ones that nearest to what is shipped."""
    keys = tuple(GRID)

    def worth(values: tuple[float, ...]) -> tuple[float, float]:
        limits = replace(FITTED, **dict(zip(keys, values, strict=True)))
        both = (macro_f1(confusion(pairs, vectors, limits)) + macro_f1(confusion(pairs, {}, limits))) / 2
        far = sum(abs(value - getattr(FITTED, key)) for key, value in zip(keys, values, strict=True))
        return round(both, 9), -far

    best = max(product(*GRID.values()), key=worth)
    return replace(FITTED, **dict(zip(keys, best, strict=True)))


def by_class(counts: Counter[tuple[str, str]]) -> list[dict[str, Any]]:
    """Precision and recall of each class, as counts and with 95 % intervals (Wilson)."""
    return [
        {
            "class": one,
            "precision": share(counts[one, one], sum(counts[other, one] for other in CLASSES)),
            "recall": share(counts[one, one], sum(counts[one, other] for other in CLASSES)),
        }
        for one in CLASSES
    ]


def share(k: int, n: int) -> dict[str, Any]:
    """k of n with its interval."""
    bounds = wilson(k, n) if n else None
    return {"k": k, "n": n, "low": bounds and round(bounds.low, 3), "high": bounds and round(bounds.high, 3)}


def measured(pairs: Sequence[Pair], vectors: Vectors) -> dict[str, Any]:
    """All that is said of one set, in one way."""
    counts = confusion(pairs, vectors)
    right = sum(counts[one, one] for one in CLASSES)
    languages = sorted({one.language for one in pairs})
    return {
        "n": len(pairs),
        "right": share(right, len(pairs)),
        "macro_f1": round(macro_f1(counts), 3),
        "classes": by_class(counts),
        "rephrase_by_language": {
            name: by_class(confusion([one for one in pairs if one.language == name], vectors))[0]
            for name in languages
        },
        "confusion": {f"{true} > {told}": count for (true, told), count in sorted(counts.items())},
    }


def labeled(counts: Mapping[str, int], class_: str) -> list[tuple[bool, bool]]:
    """(said so, is so) for each pair, as the correction wants them."""
    found = []
    for key, count in counts.items():
        true, _, told = key.partition(" > ")
        found += [(told == class_, true == class_)] * count
    return found


def coverage(pairs: Sequence[tuple[bool, bool]], *, worlds: int, turns: int, rate: float) -> dict[str, Any]:
    """How often the corrected rate's 95 % interval holds the truth, and how far off the raw rate is."""
    se = sum(told for told, true in pairs if true) / sum(true for _, true in pairs)
    fa = sum(told for told, true in pairs if not true) / sum(not true for _, true in pairs)
    chance = random.Random(20261123)
    held, raw, values = 0, 0.0, 0.0
    for _ in range(worlds):
        again = [(chance.random() < (se if true else fa), true) for _, true in pairs]
        counted = sum(chance.random() < (se if chance.random() < rate else fa) for _ in range(turns))
        found = rogan_gladen(counted, turns, again)
        held += rate in found.interval
        raw += counted / turns / worlds
        values += found.value / worlds
    return {"rate": rate, "turns": turns, "worlds": worlds, "held": held, "raw_mean": round(raw, 4),
            "corrected_mean": round(values, 4)}  # fmt: skip


def microseconds(pairs: Sequence[Pair], vectors: Vectors) -> dict[str, float]:
    """CPU of one call: the median of five rounds over all pairs, words alone and with vectors."""
    found = {}
    for name, known in (("words", {}), ("vectors", vectors)):
        rounds = []
        for _ in range(5):
            began = time.process_time()
            for one in pairs:
                said(one, known)
            rounds.append((time.process_time() - began) / len(pairs) * 1e6)
        found[name] = round(sorted(rounds)[2], 1)
    return found


async def vectors_of(pairs: Sequence[Pair]) -> Vectors:
    """Of all texts, by the shipped embedder."""
    texts = sorted({text for one in pairs for text in (one.before, one.after)})
    embedder = MiniLM(find_weights(None))
    found = await embedder.embed(texts, kind="query")
    embedder.close()
    return dict(zip(texts, found, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", action="store_true")
    wanted = parser.parse_args()
    own, held = read("fit"), read("heldout")
    vectors = asyncio.run(vectors_of([*own, *held]))
    fit = [one for place, one in enumerate(own) if place % 10 < 7]
    validation = [one for place, one in enumerate(own) if place % 10 >= 7]
    best = fitted(fit, vectors)
    if wanted.fit:
        print(best)
        return
    result: dict[str, Any] = {
        "machine": {"python": platform.python_version(), "cpu": platform.processor() or platform.machine()},
        "fitted": {key: getattr(best, key) for key in GRID},
        "shipped": {key: getattr(FITTED, key) for key in GRID},
        "sets": {
            name: {"words": measured(pairs, {}), "vectors": measured(pairs, vectors)}
            for name, pairs in (("fit", fit), ("validation", validation), ("heldout", held))
        },
        "cpu_us": microseconds(held, vectors),
    }
    pairs = labeled(result["sets"]["heldout"]["vectors"]["confusion"], "rephrase")
    result["coverage"] = [
        coverage(pairs, worlds=1000, turns=turns, rate=rate) for turns in (300, 3000) for rate in (0.05, 0.1, 0.2)
    ]
    (HERE / "results" / "followups.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for name, ways in result["sets"].items():
        for way, one in ways.items():
            print(name, way, one["right"], one["macro_f1"], one["classes"][0])
    print(result["fitted"], result["cpu_us"], *result["coverage"], sep="\n")


if __name__ == "__main__":
    main()
