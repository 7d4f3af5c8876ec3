"""What judges say of both sides, corrected by people. Without people there is no rate, and nothing gates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import fmean, stdev

from answerable.core.evaluation import Row, Score
from answerable.evals.gate.averaged import Averaged
from answerable.evals.gate.lines import Kind, Line, Terms
from answerable.evals.gate.measure import judged
from answerable.evals.gate.pairs import Pair
from answerable.evals.judges.accord import Pair as Labeled
from answerable.evals.judges.fitness import Fitness
from answerable.evals.judges.rates import rate
from answerable.evals.stats.distributions import normal_quantile
from answerable.evals.stats.estimate import Interval
from answerable.evals.stats.paired import Difference, paired_difference

JUDGE = "judge:"
FitnessOf = Callable[[str, str], Fitness]  # by criterion and the judge's digest


def judge_lines(pairs: Sequence[Pair], *, terms: Terms, fitness_of: FitnessOf | None) -> tuple[Line, ...]:
    """A line a criterion; empty where no judge was asked."""
    rows = [row for pair in pairs for side in (pair.base, pair.head) for row in side.rows]
    names = sorted({score.name for row in rows for score in row.scores if score.name.startswith(JUDGE)})
    return tuple(_line(name, pairs, terms=terms, fitness_of=fitness_of) for name in names)


def _line(name: str, pairs: Sequence[Pair], *, terms: Terms, fitness_of: FitnessOf | None) -> Line:
    both = [pair for pair in pairs if name in pair.base.scores and name in pair.head.scores]
    lost = sum(name in pair.base.broken_scores or name in pair.head.broken_scores for pair in pairs)
    empty = Line(kind=Kind.JUDGE, name=name, n=len(both), unmeasured=lost, gates=False)
    judges = {judge for pair in both for side in (pair.base, pair.head) for judge in _judges(side, name)}
    if len(judges) > 1:
        return replace(empty, note="base and head were judged by different judges")
    if not both or fitness_of is None:
        return replace(empty, note="no rate: nobody has labeled answers for it")
    fit = fitness_of(name.removeprefix(JUDGE), next(iter(judges), ""))
    labeled = fit.record.labeled() if fit.record else []
    line = replace(empty, note=fit.why if fit.can_gate else f"cannot gate: {fit.why}", gates=fit.can_gate)
    return _compared(line, both, labeled, terms) if labeled else line


def _compared(line: Line, both: Sequence[Pair], labeled: Sequence[Labeled], terms: Terms) -> Line:
    # the labels are of neither side: people's own share would be one number for both, whatever the difference
    base = rate(line.name, _scores([pair.base for pair in both], line.name), labeled, shifted=True).estimate
    head = rate(line.name, _scores([pair.head for pair in both], line.name), labeled, shifted=True).estimate
    difference = _corrected(both, line.name, labeled, seed=terms.seed)
    if difference is None or base is None or head is None:
        return replace(line, gates=False, note=f"{line.note}; it is no better than chance on people's labels")
    found = replace(line, base=base.value, head=head.value, difference=difference)
    return judged(found, p=difference.p, terms=terms)


def _corrected(both: Sequence[Pair], name: str, labeled: Sequence[Labeled], *, seed: int) -> Difference | None:
    """The judge's difference divided by J = sensitivity + specificity − 1 (Rogan and Gladen 1978, of two rates).

    The same judge errs the same way on both sides, so that no difference stays none and its test is the judge's
    own; only the size is scaled. The interval has the uncertainty of J besides (delta method).
    """
    moved = [pair.head.scores[name] - pair.base.scores[name] for pair in both]
    raw = paired_difference(moved, [pair.head.cluster for pair in both], seed=seed)
    said_yes = [float(one.judge) for one in labeled if one.people]
    said_no = [float(not one.judge) for one in labeled if not one.people]
    if len(said_yes) < 2 or len(said_no) < 2:
        return None
    youden = fmean(said_yes) + fmean(said_no) - 1
    if youden <= 0:
        return None
    mean = max(-1.0, min(1.0, raw.mean / youden))
    error = (stdev(said_yes) ** 2 / len(said_yes) + stdev(said_no) ** 2 / len(said_no)) ** 0.5
    scale = normal_quantile((1 + raw.interval.confidence) / 2) * abs(mean) * error / youden
    center = (raw.interval.low + raw.interval.high) / 2 / youden
    half = ((raw.interval.width / 2 / youden) ** 2 + scale**2) ** 0.5
    interval = Interval(
        low=max(-1.0, center - half), high=min(1.0, center + half), confidence=raw.interval.confidence
    )
    return Difference(mean=mean, interval=interval, p=raw.p, n=raw.n, clusters=raw.clusters)


def _scores(sides: Sequence[Averaged], name: str) -> list[Score]:
    return [score for side in sides for row in side.rows for score in row.scores if score.name == name]


def _judges(side: Averaged, name: str) -> set[str]:
    return {judge_of(score) for row in side.rows for score in _named(row, name)}


def _named(row: Row, name: str) -> list[Score]:
    return [score for score in row.scores if score.name == name and score.value is not None]


def judge_of(score: Score) -> str:
    """The digest of the judge that said it; empty where the score does not tell."""
    return str(score.detail.get("judge", ""))
