"""The verdict on a branch in one sentence, for somebody who reads nothing else."""

from __future__ import annotations

from answerable.evals.change.report import BranchReport
from answerable.evals.change.stage import State
from answerable.evals.gate.decide import Ruling
from answerable.evals.gate.report import Report
from answerable.evals.gate.search_first import Stopped
from answerable.evals.gate.words import plural
from answerable.evals.stats.verdict import Change

_ICON = {0: "✅", 11: "❔"}
_OVERALL = {
    Change.BETTER: "Better",
    Change.SAME: "The same",
    Change.WORSE: "Worse",
    Change.CANT_TELL: "Good enough to pass, but better or worse can't be told",
}


def icon(code: int) -> str:
    """For a title: passed, can't tell, or not."""
    return _ICON.get(code, "❌")


def verdict(report: BranchReport) -> str:
    """E.g. `Worse: 7 cases that passed now fail; 2 mended.`"""
    if not report.relevant and not report.stages:
        return "Nothing that decides an answer changed."
    parts = [*_broken(report), *_measured(report), *_lint(report), *_behavior(report)]
    return ". ".join(parts or ["Nothing was measured"]) + "."


def _broken(report: BranchReport) -> list[str]:
    names = ", ".join(one.name for one in report.broken)
    return [f"Not all of it could be checked: {names} broke"] if names else []


def _measured(report: BranchReport) -> list[str]:
    if isinstance(report.compared, Stopped):
        return ["Worse: retrieval finds less than before; nothing was generated"]
    if report.compared is None:
        gate = report.stage("gate")
        return ["Can't tell: there is no base to compare with"] if gate and gate.exit_code == 11 else []
    return [_compared(report.compared)]


def _compared(found: Report) -> str:
    ruling, change = found.decision.ruling, found.comparison.overall.change
    flips = _flips(found)
    if ruling is Ruling.FAILED:
        word = "Worse" if change is Change.WORSE or found.broken else "Held back"
        return f"{word}: {flips}" if found.broken else f"{word}: {_first(found, Ruling.FAILED)}"
    if ruling is Ruling.INCONCLUSIVE:
        return f"Can't tell: {flips}; {_first(found, Ruling.INCONCLUSIVE)}"
    return f"{_OVERALL[change]}: {flips}"


def _flips(found: Report) -> str:
    broken, fixed = len(found.broken), len(found.fixed)
    if not broken and not fixed:
        return "no case passes or fails that did not before"
    lost = f"{plural(broken, 'case')} that passed now {'fails' if broken == 1 else 'fail'}" if broken else ""
    won = f"{fixed or 'none'} mended" if broken else f"{plural(fixed, 'case')} mended, none broken"
    return f"{lost}; {won}" if lost else won


def _first(found: Report, ruling: Ruling) -> str:
    checks = found.decision.of(ruling)
    return f"{checks[0].name}: {checks[0].words}" if checks else str(ruling)


def _lint(report: BranchReport) -> list[str]:
    errors = sum(one.level == "error" for one in report.findings)
    stage = report.stage("lint")
    return [f"Lint finds {plural(errors, 'error')}"] if stage and stage.state is State.FAILED else []


def _behavior(report: BranchReport) -> list[str]:
    stage = report.stage("behavior")
    return [f"Behavior: {stage.words.rstrip('.')}"] if stage and stage.state is State.FAILED else []
