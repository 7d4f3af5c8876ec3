"""What a run came to, on one screen: causes first, then categories with intervals, costs, the next command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from answerable.cli.console import out, say, table
from answerable.evals.runs.wording import cost_text, latency_text

_SHOWN = 4  # cases of a cause; the report has them all
_LONGEST = 200  # characters of a reason
_BREAKS = 3  # reasons why rows could not be measured


def print_summary(report: Mapping[str, Any], *, told: str = "") -> None:
    """`told` is what only the process knows that asked: how long it took, what came from the cache."""
    run, overall = report["run"], report["overall"]
    state = "" if run["finished_at"] else "  unfinished"
    head = f"{run['id']}  {run['suite']}  asked of {run['target']}  {overall['cases']} cases{_times(run)}{state}"
    out.print(Text(head, style="bold"))
    if told:
        say(told)
    _print_causes(report["causes"])
    _print_lost(report["lost"])
    _print_breaks(report["cases"])
    _print_categories([*report["categories"], overall])
    if report["flaky"]:
        say(f"flaky     {_some(report['flaky'])}")
    for one in report["judges"]:
        why = _why_unmeasured(one["name"], report["cases"])
        say(f"{one['name']}  asked {one['asked']} times, {one['unmeasured']} unmeasured{why}")
    if report["degraded"]:
        steps = ", ".join(f"{count} × {name}" for name, count in report["degraded"].items())
        say(f"degraded  {steps}: steps left out for want of time or of a model")
    say(f"latency   {latency_text(report['latency'])}")
    say(f"cost      {cost_text(report['cost'])}")
    say(f"next      answerable eval report {run['id']}")


def _print_causes(causes: Sequence[Mapping[str, Any]]) -> None:
    if not causes:
        say("every case passed")
        return
    out.print()
    table(
        ["cases", "why they did not pass", "which", "look at"],
        [[len(one["cases"]), one["title"], _some(one["cases"]), one["advice"]] for one in causes],
        right=["cases"],
    )


def _print_lost(steps: Sequence[Mapping[str, Any]]) -> None:
    if not steps:
        return
    out.print()
    table(
        ["cases", "where the words that answer them were lost", "which", "look at"],
        [[len(one["cases"]), one["title"], _some(one["cases"]), one["advice"]] for one in steps],
        right=["cases"],
    )


def _print_breaks(cases: Sequence[Mapping[str, Any]]) -> None:
    """What stood in the way of measuring, the commonest first."""
    broken = Counter(one["reasons"][0] for one in cases if one["state"] == "unmeasured" and one["reasons"])
    for reason, rows in broken.most_common(_BREAKS):
        say(f"unmeasured, {rows} × {_line(reason)}")
    if len(broken) > _BREAKS:
        say(f"unmeasured, and {len(broken) - _BREAKS} more reasons: see the report")


def _print_categories(categories: Sequence[Mapping[str, Any]]) -> None:
    out.print()
    table(
        ["category", "passed", "unmeasured"],
        [[one["name"], one["text"], one["unmeasured"] or "-"] for one in categories],
        right=["unmeasured"],
    )
    out.print()


def _why_unmeasured(judge: str, cases: Sequence[Mapping[str, Any]]) -> str:
    """The commonest reason why this judge has no word; empty where it always has one."""
    scores = [score for one in cases for score in one["judged"] if score["name"] == judge]
    broken = Counter(one["reason"] for one in scores if one["status"] == "error" and one.get("reason"))
    return "".join(
        f": {rows} × {_line(reason.removeprefix('unmeasured: '))}" for reason, rows in broken.most_common(1)
    )


def _line(text: str) -> str:
    """A stranger's words on one line, without what would steer a terminal."""
    one = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
    return one if len(one) <= _LONGEST else f"{one[:_LONGEST]} …"


def _some(cases: Sequence[str]) -> str:
    more = f" and {len(cases) - _SHOWN} more" if len(cases) > _SHOWN else ""
    return ", ".join(cases[:_SHOWN]) + more


def _times(run: Mapping[str, Any]) -> str:
    return f" × {run['repeats']}" if run["repeats"] > 1 else ""
