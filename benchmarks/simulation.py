"""Whether the statistics keep their promises, by simulation: alarms, power, coverage, corrections, certificates.

    python benchmarks/statistics.py [--replications 1000] [--only PART] [--out benchmarks/results/statistics.json]

Every truth is known here because it was made up. Flakiness, clusters and drops are those of the worlds described
in `Suite`; nothing here is a model's quality. Shares come with their Monte-Carlo standard error.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from answerable.evals.stats.agreement import kappa, krippendorff, sensitivity_specificity
from answerable.evals.stats.corrected import corrected_rate, human_only, ppi, rogan_gladen
from answerable.evals.stats.distributions import t_quantile
from answerable.evals.stats.means import mean_interval
from answerable.evals.stats.paired import by_cluster, paired_difference
from answerable.evals.stats.power import cases_needed, detectable
from answerable.evals.stats.proportions import exact, wilson
from answerable.evals.stats.quantiles import quantile_interval
from answerable.evals.stats.risk import Certificate, certify, certify_each
from answerable.evals.stats.verdict import Change, judge_change

ALPHA, MARGIN = 0.05, 0.02
SIZES, REPEATS = (30, 50, 100, 200), (1, 3)
FIGURE = Path("docs/images/false-alarms.svg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A suite of n cases run k times on two versions. 20 % of cases are flaky, the rest pass (80 %) or fail.

    `clusters`: cases come in documents of 1 to 10; else each is its own. `change`: "none" is the same version
    twice; "churn": 10 % of documents are broken in one of the two, either one; "one-sided churn" breaks one in 20
    and fixes a little in every second one, to a mean of 0; a number is the true drop, as cases that break.
    """

    n: int
    k: int
    clusters: bool
    change: str | float = "none"
    together: bool = False  # a drop takes whole documents

    def draw(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, list[str]]:
        """Passes of base and of head, both (n, k), and each case's document."""
        flaky = rng.random(self.n) < 0.2
        base = np.where(flaky, rng.uniform(0.2, 0.8, self.n), rng.random(self.n) < 0.8)
        documents = self._documents(rng)
        base, head = self._changed(base, documents, rng)
        runs = [rng.random((self.n, self.k)) < chance[:, None] for chance in (base, head)]
        return runs[0], runs[1], [str(one) for one in documents]

    def _documents(self, rng: np.random.Generator) -> np.ndarray:
        if not self.clusters:
            return np.arange(self.n)
        return np.repeat(np.arange(self.n), rng.integers(1, 11, self.n))[: self.n]

    def _changed(
        self, base: np.ndarray, documents: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        document = rng.random(self.n)[documents]
        case = rng.random(self.n)
        if self.change == "none":
            return base, base
        if self.change == "churn":
            return np.where(document < 0.05, 0.0, base), np.where(document > 0.95, 0.0, base)
        if self.change == "one-sided churn":
            broken, fixed = (document < 0.05) & (case < 0.8), (document > 0.5) & (case < 0.8 * 0.05 * 0.74 / 0.13)
            return base, np.where(broken, 0.0, np.where(fixed, 1.0, base))
        struck = document if self.together else case
        return base, np.where(struck < float(self.change) / 0.74, 0.0, base)  # 74 % passed


def rules(base: np.ndarray, head: np.ndarray, documents: Sequence[str]) -> dict[str, bool]:
    """Which rules of thumb raise an alarm ("worse"; where a rule has two sides, either), ours first."""
    change = head.mean(axis=1) - base.mean(axis=1)
    found = paired_difference(change, documents)
    verdict = judge_change(found, margin=MARGIN, p=found.p, alpha=ALPHA)
    majority = (base.mean(axis=1) > 0.5) & (head.mean(axis=1) < 0.5)
    return {
        "answerable": verdict in (Change.BETTER, Change.WORSE),
        "mean dropped": bool(change.mean() < 0.0),
        "mean dropped > 2 points": bool(change.mean() < -0.02),
        "any case flipped": bool(majority.any()),
        "unpaired z-test": _unpaired(base, head),
        "paired bootstrap, no clusters": _bootstrap(change),
    }


def _unpaired(base: np.ndarray, head: np.ndarray) -> bool:
    pooled = (base.mean() + head.mean()) / 2.0
    error = math.sqrt(2.0 * pooled * (1.0 - pooled) / base.size)
    return bool(abs(head.mean() - base.mean()) > 1.96 * error)


def _bootstrap(change: np.ndarray) -> bool:
    """Percentile bootstrap over cases, 500 resamples."""
    values, counts = np.unique(change, return_counts=True)
    drawn = np.random.default_rng(0).multinomial(len(change), counts / len(change), size=500) @ values
    low, high = np.quantile(drawn, [0.025, 0.975])
    return bool(low > 0.0 or high < 0.0)


def alarms(suite: Suite, replications: int, seed: int) -> dict[str, float]:
    """The share of replications in which each rule raised an alarm."""
    rng = np.random.default_rng(seed)
    seen = [rules(*suite.draw(rng)) for _ in range(replications)]
    return {rule: float(np.mean([one[rule] for one in seen])) for rule in seen[0]}


def alarm_table(changes: Sequence[str | float], replications: int) -> list[dict[str, object]]:
    """By world: n, k, clusters, change and the rules' alarms."""
    rows: list[dict[str, object]] = []
    for change in changes:
        for clusters in (False, True):
            for k in REPEATS:
                for n in SIZES:
                    suite = Suite(n=n, k=k, clusters=clusters, change=change)
                    made = alarms(suite, replications, 1_000 * n + 10 * k + clusters)
                    rows.append({"change": change, "clusters": clusters, "k": k, "n": n, "alarms": made})
    return rows


def covered(draw: Callable[[np.random.Generator], tuple[float, object]], replications: int, seed: int) -> float:
    """The share of intervals that hold the truth; draw gives (truth, interval)."""
    rng = np.random.default_rng(seed)
    return float(np.mean([truth in interval for truth, interval in (draw(rng) for _ in range(replications))]))


def coverage_table(replications: int) -> list[dict[str, object]]:
    """Every interval that is printed, in the worlds that the docs speak of."""
    rows: list[dict[str, object]] = []

    def add(
        name: str, world: str, draw: Callable[[np.random.Generator], tuple[float, object]], times: int = 1
    ) -> None:
        share = covered(draw, times * replications, len(rows))
        rows.append({"interval": name, "world": world, "covers": share, "replications": times * replications})

    for n, p in ((30, 0.9), (100, 0.5), (100, 0.9), (400, 0.95)):
        add("Wilson", f"n {n}, truth {p}", lambda rng, n=n, p=p: (p, wilson(int(rng.binomial(n, p)), n)), 4)
        add("exact", f"n {n}, truth {p}", lambda rng, n=n, p=p: (p, exact(int(rng.binomial(n, p)), n)), 4)
    for clusters in (False, True):
        for n in SIZES:
            for k, drop in ((1, 0.0), (3, 0.0), (1, 0.1), (3, 0.1)):
                suite = Suite(n=n, k=k, clusters=clusters, change=drop or "none")
                world = f"n {n}, k {k}, {'documents of 1 to 10' if clusters else 'single cases'}, drop {drop:.0%}"
                add("paired difference", world, lambda rng, s=suite, d=drop: _paired(s, -d, rng))
    for n in (50, 100, 200):
        for judge in ((0.9, 0.95, 0.7), (0.5, 0.9, 0.9)):
            world = f"n {n}, base rate {judge[0]}, se {judge[1]}, sp {judge[2]}"
            add("Cohen's kappa", world, lambda rng, n=n, j=judge: _kappa(n, *j, rng))
            add("Krippendorff's alpha, 3 raters", world, lambda rng, n=n, j=judge: _alpha(n, j[0], j[1], rng))
            add("sensitivity", world, lambda rng, n=n, j=judge: _sensitivity(n, *j, rng))
    for n in (100, 300):
        add("p95, exponential", f"n {n}", lambda rng, n=n: _quantile(n, rng))
        add("mean cost, lognormal σ 0.5", f"n {n}", lambda rng, n=n: _mean(n, 0.5, rng))
        add("mean cost, lognormal σ 1", f"n {n}", lambda rng, n=n: _mean(n, 1.0, rng))
    return rows


def alternatives_table(replications: int) -> list[dict[str, object]]:
    """Coverage and mean width of 95 % intervals of the paired difference: ours, and those that were not taken."""
    rows: list[dict[str, object]] = []
    worlds = [
        Suite(n=n, k=k, clusters=clusters, change=change, together=clusters)
        for change in ("none", 0.1)
        for clusters in (False, True)
        for k in REPEATS
        for n in (30, 100)
    ]
    for suite in worlds:
        rng = np.random.default_rng(suite.n + suite.k)
        truth = 0.0 if suite.change == "none" else -float(suite.change)
        seen: dict[str, list[tuple[bool, float]]] = {}
        for _ in range(replications):
            base, head, documents = suite.draw(rng)
            change = head.mean(axis=1) - base.mean(axis=1)
            for name, (low, high) in _alternatives(change, documents, rng).items():
                seen.setdefault(name, []).append((low - 1e-9 <= truth <= high + 1e-9, high - low))
        by = {
            name: dict(zip(("covers", "width"), map(float, np.mean(one, axis=0)), strict=True))
            for name, one in seen.items()
        }
        rows.append({"change": suite.change, "clusters": suite.clusters, "k": suite.k, "n": suite.n, "by": by})
    return rows


def _alternatives(
    change: np.ndarray, documents: Sequence[str], rng: np.random.Generator
) -> dict[str, tuple[float, float]]:
    ours = paired_difference(change, documents).interval
    data = by_cluster(change, documents)
    sums, sizes, mean, count = data.sums, data.sizes, data.mean, len(data.sums)
    drawn = rng.integers(0, count, (400, count))
    s, m = sums[drawn].sum(axis=1), sizes[drawn].sum(axis=1)
    means = s / m
    residual = sums[drawn] - means[:, None] * sizes[drawn]
    errors = np.sqrt((residual**2).sum(axis=1) * count / (count - 1)) / m
    pulls = np.where(errors > 1e-9, (means - mean) / np.where(errors > 1e-9, errors, 1.0), 0.0)
    error = math.sqrt(float(((sums - mean * sizes) ** 2).sum()) * count / (count - 1)) / data.n
    half = t_quantile(0.975, count - 1) * error
    low, high = np.quantile(means, [0.025, 0.975])
    first, last = np.quantile(pulls, [0.025, 0.975])
    return {
        "answerable": (ours.low, ours.high),
        "percentile cluster bootstrap": (float(low), float(high)),
        "bootstrap-t": (mean - float(last) * error, mean - float(first) * error),
        "clustered error, t": (mean - half, mean + half),
    }


def _paired(suite: Suite, truth: float, rng: np.random.Generator) -> tuple[float, object]:
    base, head, documents = suite.draw(rng)
    return truth, paired_difference(head.mean(axis=1) - base.mean(axis=1), documents).interval


def judged(n: int, base: float, se: float, sp: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """People's words and a judge's, (n,) each."""
    people = rng.random(n) < base
    return people, np.where(people, rng.random(n) < se, rng.random(n) >= sp)


def _pairs(people: np.ndarray, judge: np.ndarray) -> list[tuple[bool, bool]]:
    return list(zip(judge.tolist(), people.tolist(), strict=True))


def _kappa(n: int, base: float, se: float, sp: float, rng: np.random.Generator) -> tuple[float, object]:
    yes = base * se + (1 - base) * (1 - sp)
    chance = yes * base + (1 - yes) * (1 - base)
    made = kappa(_pairs(*judged(n, base, se, sp, rng)))
    return (base * se + (1 - base) * sp - chance) / (1 - chance), made.interval if made else ()


def _alpha(n: int, base: float, accuracy: float, rng: np.random.Generator) -> tuple[float, object]:
    truth = rng.random(n) < base
    said = np.where(rng.random((n, 3)) < accuracy, truth[:, None], ~truth[:, None])
    missing = rng.random((n, 3)) < 0.2
    ratings = {
        str(i): {str(j): bool(said[i, j]) for j in range(3) if not missing[i, j]} for i in range(n)
    }  # of one pair of raters: agreement a² + (1 − a)², by chance from the shares of the labels
    yes = base * accuracy + (1 - base) * (1 - accuracy)
    differ, expected = 2 * accuracy * (1 - accuracy), 2 * yes * (1 - yes)
    made = krippendorff(ratings)
    return 1 - differ / expected, made.interval if made else ()


def _sensitivity(n: int, base: float, se: float, sp: float, rng: np.random.Generator) -> tuple[float, object]:
    made = sensitivity_specificity(_pairs(*judged(n, base, se, sp, rng))).sensitivity
    return se, made.interval if made else ()


def _quantile(n: int, rng: np.random.Generator) -> tuple[float, object]:
    made = quantile_interval(rng.exponential(1.0, n).tolist(), 0.95)
    return -math.log(0.05), made.interval if made else ()


def _mean(n: int, spread: float, rng: np.random.Generator) -> tuple[float, object]:
    made = mean_interval(rng.lognormal(0.0, spread, n).tolist(), resamples=1_000)
    return math.exp(spread**2 / 2), made.interval if made else ()


WORLDS = (  # labels, items, rate when labeled, rate now, se, sp
    (100, 2_000, 0.90, 0.90, 0.95, 0.70),
    (200, 2_000, 0.90, 0.90, 0.95, 0.70),
    (400, 2_000, 0.90, 0.90, 0.95, 0.70),
    (200, 2_000, 0.80, 0.80, 0.90, 0.90),
    (200, 2_000, 0.60, 0.85, 0.95, 0.80),
    (100, 500, 0.60, 0.90, 0.90, 0.90),
    (400, 2_000, 0.90, 0.70, 0.95, 0.70),
)


def correction_table(replications: int) -> list[dict[str, object]]:
    """Coverage, width and bias of each estimator, without a shift of prevalence and with one."""
    rows: list[dict[str, object]] = []
    for number, (labels, items, then, now, se, sp) in enumerate(WORLDS):
        rng = np.random.default_rng(100 + number)
        seen: dict[str, list[tuple[bool, float, float]]] = {}
        for _ in range(replications):
            people, judge = judged(labels, then, se, sp, rng)
            _, every = judged(items, now, se, sp, rng)
            pairs, yes = _pairs(people, judge), int(every.sum())
            made = {
                "judge only": (wilson(yes, items), yes / items),
                "human only": _both(human_only(people.tolist())),
                "PPI++": _both(ppi(people.tolist(), judge.tolist(), every.tolist())),
                "Rogan-Gladen": _both(rogan_gladen(yes, items, pairs)),
                "chosen by rule": _both(corrected_rate(pairs, every.tolist()).estimate),
            }
            for name, (interval, value) in made.items():
                seen.setdefault(name, []).append((now in interval, interval.width, value - now))
        world = {"labels": labels, "items": items, "then": then, "now": now, "se": se, "sp": sp}
        by = {
            name: dict(zip(("covers", "width", "bias"), map(float, np.mean(one, axis=0)), strict=True))
            for name, one in seen.items()
        }
        rows.append({**world, "estimators": by})
    return rows


def _both(estimate: object) -> tuple[object, float]:
    return estimate.interval, estimate.value  # type: ignore[attr-defined]


RISKS: dict[str, Callable[[np.ndarray], np.ndarray]] = {  # chance of being wrong, by score in [0, 1]
    "a sharp score": lambda s: 0.5 * np.exp(-6.0 * s) + 0.005,
    "a fair score": lambda s: 0.4 * (1.0 - s) ** 1.5 + 0.01,
    "a score that knows nothing": lambda s: np.full_like(s, 0.06),
}


def promise_table(replications: int) -> list[dict[str, object]]:
    """How often a certificate is given, how often it is broken (truth > alpha), and what share is answered."""
    rows: list[dict[str, object]] = []
    scores = (np.arange(100_000) + 0.5) / 100_000
    for name, chance in RISKS.items():
        tail = np.cumsum(chance(scores)[::-1])[::-1] / np.arange(len(scores), 0, -1)  # risk at score ≥ each
        for alpha in (0.05, 0.1):
            allowed = float(np.mean(tail <= alpha)) if tail[0] > alpha else 1.0
            for n in (200, 500, 1_000):
                rng = np.random.default_rng(n)
                given = broken = 0
                rate = 0.0
                for seed in range(replications):
                    drawn = rng.random(n)
                    made = certify(drawn, rng.random(n) < chance(drawn), alpha=alpha, delta=0.05, seed=seed)
                    if isinstance(made, Certificate):
                        given += 1
                        rate += made.answer_rate
                        broken += tail[min(len(tail) - 1, int(made.threshold * len(tail)))] > alpha
                rows.append(
                    {
                        "score": name,
                        "alpha": alpha,
                        "n": n,
                        "certified": given / replications,
                        "broken": broken / replications,
                        "answered when certified": rate / given if given else None,
                        "best possible": allowed,
                    }
                )
    return rows


def topics_broken(replications: int) -> dict[str, float]:
    """Four topics of 600 items, one threshold each: how often any of the promises is broken."""
    names = ("sharp", "fair", "hopeless", "mixed")
    chances = [*RISKS.values(), lambda s: 0.25 * (1.0 - s) + 0.02]
    scores = (np.arange(20_000) + 0.5) / 20_000
    tails = [np.cumsum(one(scores)[::-1])[::-1] / np.arange(len(scores), 0, -1) for one in chances]
    rng = np.random.default_rng(8)
    broken = given = 0
    for seed in range(replications):
        drawn = rng.random((4, 600))
        wrong = np.stack([rng.random(600) < one(row) for one, row in zip(chances, drawn, strict=True)])
        groups = [name for name in names for _ in range(600)]
        made = certify_each(drawn.ravel(), wrong.ravel(), groups, alpha=0.05, delta=0.05, seed=seed)
        kept = [(tails[names.index(name)], one) for name, one in made.items() if isinstance(one, Certificate)]
        given += len(kept)
        broken += any(tail[min(len(tail) - 1, int(one.threshold * len(tail)))] > 0.05 for tail, one in kept)
    return {"any broken": broken / replications, "certified of 4": given / replications}


def forecast_table(replications: int) -> list[dict[str, object]]:
    """The drop said to be detectable with 80 %, and how often it is; the same after adding the cases needed."""
    rows: list[dict[str, object]] = []
    for clusters in (False, True):
        for n, k in ((50, 1), (100, 1), (100, 3), (200, 3)):
            rng = np.random.default_rng(n + k)
            idle = Suite(n=n, k=k, clusters=clusters)
            said = []
            needed = []
            for _ in range(60):
                base, head, documents = idle.draw(rng)
                change = head.mean(axis=1) - base.mean(axis=1)
                said.append(detectable(change, documents, alpha=ALPHA) or 1.0)
                needed.append(cases_needed(change, documents, effect=0.05, alpha=ALPHA) or 0)
            drop, total = float(np.median(said)), n + int(np.median(needed))
            seen, then = (
                _significant(Suite(n=size, k=k, clusters=clusters, change=effect), replications)
                for size, effect in ((n, drop), (total, 0.05))
            )
            rows.append(
                {"clusters": clusters, "n": n, "k": k, "detectable": drop, "found": seen}
                | {"total for 5 points": total, "found there": then}
            )
    return rows


def _significant(suite: Suite, replications: int) -> float:
    rng = np.random.default_rng(suite.n)
    found = 0
    for _ in range(replications):
        base, head, documents = suite.draw(rng)
        found += paired_difference(head.mean(axis=1) - base.mean(axis=1), documents).p <= ALPHA
    return found / replications


def same_table(replications: int) -> list[dict[str, object]]:
    """How often "same" is said of a drop of exactly the margin (wrong) and of no change (right)."""
    rows: list[dict[str, object]] = []
    for n in (200, 500, 1_000):
        row: dict[str, object] = {"n": n, "k": 3}
        for name, change in (("a drop of the margin", MARGIN), ("no change", "none")):
            rng = np.random.default_rng(n)
            said = 0
            for _ in range(replications):
                base, head, documents = Suite(n=n, k=3, clusters=False, change=change).draw(rng)
                found = paired_difference(head.mean(axis=1) - base.mean(axis=1), documents)
                said += judge_change(found, margin=MARGIN, p=found.p, alpha=ALPHA) is Change.SAME
            row[name] = said / replications
        rows.append(row)
    return rows


def show(result: dict[str, object]) -> None:
    """Print the tables."""
    for title in ("null", "power"):
        rows = result[title]
        names = list(rows[0]["alarms"])
        print(f"\n{title}: % of alarms\n{'change':>16} {'clusters':>9} {'k':>2} {'n':>4}  " + "  ".join(names))
        for row in rows:
            shares = "  ".join(f"{100 * row['alarms'][name]:{len(name)}.1f}" for name in names)
            print(f"{row['change']!s:>16} {row['clusters']!s:>9} {row['k']:>2} {row['n']:>4}  {shares}")
    print("\ncoverage of 95 % intervals")
    for row in result["coverage"]:
        print(f"{row['interval']:<32} {row['world']:<50} {100 * row['covers']:5.1f} %")
    print("\nother intervals of the paired difference: covers % / mean width in points")
    for row in result["alternatives"]:
        made = "  ".join(f"{name} {100 * v['covers']:.1f}/{100 * v['width']:.0f}" for name, v in row["by"].items())
        print(f"{row['change']!s:>5} {row['clusters']!s:>6} k {row['k']} n {row['n']:>3}  {made}")
    print("\ncorrection: covers % / width / bias, in points")
    for row in result["correction"]:
        print("  ".join(f"{key} {row[key]}" for key in ("labels", "items", "then", "now", "se", "sp")))
        for name, one in row["estimators"].items():
            print(
                f"    {name:<16} {100 * one['covers']:5.1f}  {100 * one['width']:5.1f}  {100 * one['bias']:+5.1f}"
            )
    for title in ("promises", "forecast", "same"):
        print(f"\n{title}")
        for row in result[title]:
            print("  ".join(f"{key}: {round(v, 3) if isinstance(v, float) else v}" for key, v in row.items()))
    print(f"\ntopics: {result['topics']}\nCPU seconds: {result['seconds']}, {result['command']}")


def draw_figure(rows: Sequence[dict[str, object]]) -> str:
    """False alarms of each rule, the same version twice, documents of 1 to 10 cases, k = 1, as bars by n."""
    chosen = [one for one in rows if one["change"] == "none" and one["clusters"] and one["k"] == 1]
    names = list(chosen[0]["alarms"])
    height, width = 46 * len(names) + 46, 680
    colors = ("#9db8d2", "#6f95bb", "#44719f", "#1d4f80")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        'font-size="12" role="img">',
        "<title>False alarms when nothing changed, in % of comparisons, by rule and number of cases</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for place, name in enumerate(names):
        top = 34 + 46 * place
        parts.append(f'<text x="196" y="{top + 22}" text-anchor="end">{name.replace(">", "&gt;")}</text>')
        for i, row in enumerate(chosen):
            share = row["alarms"][name]
            parts.append(
                f'<rect x="206" y="{top + 9 * i}" width="{400 * share + 1:.0f}" height="8" fill="{colors[i]}"/>'
                f'<text x="{212 + 400 * share:.0f}" y="{top + 8 + 9 * i}" font-size="9">'
                f"{100 * share:.1f}</text>"
            )
    parts.append(
        f'<line x1="226" x2="226" y1="28" y2="{height - 14}" stroke="#b00" stroke-dasharray="3 3"/>'
        '<text x="230" y="22" fill="#b00">5 %</text>'
    )
    for i, row in enumerate(chosen):
        parts.append(f'<rect x="{420 + 62 * i}" y="12" width="10" height="10" fill="{colors[i]}"/>')
        parts.append(f'<text x="{434 + 62 * i}" y="21">n {row["n"]}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


PARTS: dict[str, Callable[[int], object]] = {
    "null": lambda count: alarm_table(("none", "churn", "one-sided churn"), count),
    "power": lambda count: alarm_table((0.05, 0.1, 0.2), max(100, count * 2 // 5)),
    "coverage": coverage_table,
    "alternatives": lambda count: alternatives_table(max(100, count * 3 // 10)),
    "correction": correction_table,
    "promises": promise_table,
    "topics": topics_broken,
    "forecast": lambda count: forecast_table(max(100, count // 2)),
    "same": lambda count: same_table(max(100, count * 2 // 5)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replications", type=int, default=1_000)
    parser.add_argument("--only", choices=list(PARTS), help="make one part anew and keep the others of --out")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/statistics.json"))
    parser.add_argument("--figure", type=Path, help=f"also draw, e.g. {FIGURE}")
    options = parser.parse_args()
    count = options.replications
    result: dict[str, object] = json.loads(options.out.read_text()) if options.only else {}
    result |= {
        "command": f"python benchmarks/statistics.py --replications {count}",
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "note": "simulated suites, judges and scores of known truth; nothing here is a model's quality",
        "standard_error": f"of a share p: sqrt(p (1 - p) / {count}); {math.sqrt(0.05 * 0.95 / count):.4f} at 5 %",
    }
    seconds: dict[str, float] = dict(result.get("seconds", {}))  # type: ignore[call-overload]
    for name in [options.only] if options.only else PARTS:
        started = time.process_time()
        result[name] = PARTS[name](count)
        seconds[name] = round(time.process_time() - started, 1)
    result["seconds"] = seconds
    show(result)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1, default=float) + "\n")
    if options.figure:
        options.figure.write_text(draw_figure(result["null"]))


if __name__ == "__main__":
    main()
