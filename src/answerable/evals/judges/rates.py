"""The rate of YES that a report may show: people's word, with the judge's help; never the judge's alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from answerable.core.evaluation import Score, Status
from answerable.evals.judges.accord import Pair
from answerable.evals.stats.corrected import Correction, corrected_rate
from answerable.evals.stats.estimate import Estimate

MIN_FOR_PERCENT = 30  # below: "k of n"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRate:
    """`estimate` None: nobody labeled, so there is a count of the judge's words and no rate."""

    criterion: str
    estimate: Estimate | None
    why: str  # how it was corrected, or why it was not
    people_yes: int  # of the labeled items
    yes: int  # the judge's raw words …
    n: int  # … of so many answers that it gave a verdict on …
    unmeasured: int  # … and so many it should have

    @property
    def text(self) -> str:
        """For people, with everything that belongs to it."""
        raw = f"judge: {self.yes} of {self.n}, {self.unmeasured} unmeasured"
        if self.estimate is None:
            return f"no rate ({self.why}); {raw}"
        interval, labels = self.estimate.interval, self.estimate.n
        if labels < MIN_FOR_PERCENT:
            return f"people: {self.people_yes} of {labels}; {raw}"
        span = f"{100 * interval.low:.0f}–{100 * interval.high:.0f} %"
        head = f"{100 * self.estimate.value:.0f} % ({interval.confidence:.0%}: {span}"
        return f"{head}, {self.estimate.method}, {labels} labels); {raw}"


def rate(
    criterion: str, scores: Sequence[Score], labeled: Sequence[Pair], *, shifted: bool | None = None
) -> JudgedRate:
    """From a criterion's scores in a run, and the items that people and the same judge have judged.

    `shifted`: the labels come from another time or mix than the run; None: decided by whether the judge's own
    rates differ. Scores that are not applicable are left out; those with an error are counted as unmeasured.
    """
    judged = [one.value == 1.0 for one in scores if one.status is Status.SCORED]
    correction = _corrected(judged, labeled, shifted) if labeled else None
    return JudgedRate(
        criterion=criterion,
        estimate=correction.estimate if correction else None,
        why=correction.why if correction else "nobody has labeled answers for it",
        people_yes=sum(one.people for one in labeled),
        yes=sum(judged),
        n=len(judged),
        unmeasured=sum(one.status is Status.ERROR for one in scores),
    )


def _corrected(judged: Sequence[bool], labeled: Sequence[Pair], shifted: bool | None) -> Correction:
    probabilities = [one.probability for one in labeled if one.probability is not None]
    drawn = len(probabilities) == len(labeled)  # otherwise some were chosen, and nothing weighs them
    return corrected_rate(
        [(one.judge, one.people) for one in labeled],
        judged,
        probabilities=probabilities if drawn else None,
        shifted=shifted,
    )
