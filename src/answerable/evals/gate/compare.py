"""Base against head, pure: what cannot be measured is counted and named, never a pass and never a fail."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from answerable.core.evaluation import Row
from answerable.evals.gate.averaged import Averaged, average
from answerable.evals.gate.judged import FitnessOf, judge_lines
from answerable.evals.gate.lines import Comparison, Kind, Line, MustPass, Terms, Times
from answerable.evals.gate.measure import Measured, relative_line, share_line, with_flips, with_holm
from answerable.evals.gate.pairs import Pair, Pairing, pair_up
from answerable.evals.gate.quantiles import Quantile, quantile
from answerable.evals.gate.retrieved import retrieval_names

_LEVELS = (0.5, 0.95)
GATING_SCORE = "span_recall"


def compare(
    base: Sequence[Row],
    head: Sequence[Row],
    *,
    terms: Terms,
    changed: Collection[str] = (),
    quarantined: Collection[str] = (),
    same_system: bool = False,
    fitness_of: FitnessOf | None = None,
) -> Comparison:
    """Pair the cases, average repeats within each, and judge every measure in one of four words.

    `changed` are cases whose question or expectation is another one now; `quarantined` are reported apart;
    `same_system`: both sides have one fingerprint, so whatever differs is chance. `fitness_of` says which judge
    may gate; None: none was checked.
    """
    before, after = average(base), average(head)
    pairing = pair_up(before, after, changed=changed, quarantined=quarantined, same_system=same_system)
    return Comparison(
        terms=terms,
        pairing=pairing,
        must_pass=_must_pass(before, after, terms=terms, quarantined=quarantined),
        lines=(
            *_passing(pairing, terms, judge_lines(pairing.pairs, terms=terms, fitness_of=fitness_of)),
            *_retrieval(pairing, terms),
            *_relative(pairing, terms),
        ),
        times=tuple(_times(pairing, level) for level in _LEVELS),
        head=after,
        set_aside=frozenset(quarantined),
        repeats=(_most(before), _most(after)),
    )


def is_must_pass(case: str, tags: Sequence[str], terms: Terms) -> bool:
    """Whether one of the selectors, `tag:NAME` or an id, takes the case in."""
    return case in terms.must_pass or any(f"tag:{tag}" in terms.must_pass for tag in tags)


def _most(side: Mapping[str, Averaged]) -> int:
    return max((len(one.rows) for one in side.values()), default=0)


def _must_pass(
    base: Mapping[str, Averaged], head: Mapping[str, Averaged], *, terms: Terms, quarantined: Collection[str]
) -> MustPass:
    """By head's tags where it has the case: taking the tag off is a change of the case, and shows there."""
    every = {**base, **head}
    by_id = {one for one in terms.must_pass if not one.startswith("tag:")}  # one that nobody has is missing, too
    named = sorted(by_id | {case for case, one in every.items() if is_must_pass(case, one.tags, terms)})
    held = [case for case in named if case not in quarantined]
    asked = {case: head[case] for case in held if case in head}
    failed = tuple(case for case, one in asked.items() if one.passed is False)
    return MustPass(
        cases=tuple(held),
        base_passed=sum(base[case].passed is True for case in held if case in base),
        head_passed=sum(one.passed is True for one in asked.values()),
        failed=failed,
        failed_before=tuple(case for case in failed if case in base and base[case].passed is False),
        shaky=tuple(case for case, one in asked.items() if one.passed and one.fails),
        unmeasured=tuple(case for case, one in asked.items() if one.passed is None),
        missing=tuple(case for case in held if case not in head),
        quarantined=tuple(case for case in named if case in quarantined),
    )


def _passing(pairing: Pairing, terms: Terms, judges: Sequence[Line]) -> tuple[Line, ...]:
    """The whole, then categories and criteria as one family of tests."""
    whole = _pass_line(Kind.OVERALL, "overall pass", pairing.pairs, pairing.unmeasured, terms)
    names = sorted({pair.head.category for pair in (*pairing.pairs, *pairing.unmeasured)})
    parts = [
        _pass_line(Kind.CATEGORY, name, _in(pairing.pairs, name), _in(pairing.unmeasured, name), terms)
        for name in names
    ]
    return (whole, *with_holm([*parts, *judges], terms=terms))


def _in(pairs: Sequence[Pair], category: str) -> list[Pair]:
    return [pair for pair in pairs if pair.head.category == category]


def _pass_line(
    kind: Kind, name: str, pairs: Sequence[Pair], unmeasured: Sequence[Pair], terms: Terms
) -> Line:  # fmt: skip
    cases = _measured(pairs, lambda one: one.rate, identical=lambda pair: pair.identical)
    once = all(side.passes + side.fails == 1 for pair in pairs for side in (pair.base, pair.head))
    return with_flips(
        share_line(kind, name, cases, terms=terms, unmeasured=len(unmeasured), nothing="no answer changed"),
        fixed=sum(pair.fixed for pair in pairs),
        broken=sum(pair.broken for pair in pairs),
        exact=once,
    )


def _retrieval(pairing: Pairing, terms: Terms) -> tuple[Line, ...]:
    """Quarantine is about answers: a flaky answer's passages are compared with all others."""
    pairs = (*pairing.pairs, *pairing.unmeasured, *pairing.quarantined)
    names = retrieval_names(row for pair in pairs for row in (*pair.base.rows, *pair.head.rows))
    return tuple(_score_line(name, pairs, terms) for name in names)


def _score_line(name: str, pairs: Sequence[Pair], terms: Terms) -> Line:
    lost = sum(name in pair.base.broken_scores or name in pair.head.broken_scores for pair in pairs)
    cases = _measured(pairs, lambda one: one.scores.get(name), identical=lambda pair: pair.ranked_the_same)
    line = share_line(Kind.RETRIEVAL, name, cases, terms=terms, unmeasured=lost, nothing="no ranking changed")
    return replace(line, gates=gates(name))


def gates(name: str) -> bool:
    """Span recall at the context's budget is what an answer stands on; other scores say where to look."""
    return name.partition("@")[0] == GATING_SCORE


def _relative(pairing: Pairing, terms: Terms) -> tuple[Line, ...]:
    pairs = (*pairing.pairs, *pairing.unmeasured)
    time = _measured(pairs, lambda one: one.latency_ms)
    cost = _measured(pairs, lambda one: one.cost)
    lost = len(pairs)
    latency = relative_line(Kind.LATENCY, "latency mean", time, terms=terms, unmeasured=lost - len(time))
    return (
        replace(latency, gates=False),  # another hour, perhaps another machine: only the limit on p95 gates
        relative_line(Kind.COST, "cost per answer", cost, terms=terms, unmeasured=lost - len(cost)),
    )


def _measured(
    pairs: Sequence[Pair],
    value: Callable[[Averaged], float | None],
    *,
    identical: Callable[[Pair], bool] = lambda _: False,
) -> list[Measured]:
    found = []
    for pair in pairs:
        base, head = value(pair.base), value(pair.head)
        if base is not None and head is not None:
            cluster = pair.head.cluster
            found.append(Measured(base=base, head=head, cluster=cluster, identical=identical(pair)))
    return found


def _times(pairing: Pairing, level: float) -> Times:
    pairs = (*pairing.pairs, *pairing.unmeasured)
    return Times(
        name=f"latency p{level * 100:.0f}",
        base=_quantile([pair.base for pair in pairs], level),
        head=_quantile([pair.head for pair in pairs], level),
    )


def _quantile(side: Sequence[Averaged], level: float) -> Quantile:
    answered = [one for one in side if one.latency_ms is not None]
    values = [row.latency_ms for one in answered for row in one.rows if not row.error]
    return quantile(values, level=level, cases=len(answered))
