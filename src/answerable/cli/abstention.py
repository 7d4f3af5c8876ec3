"""How a calibration and a certificate look in a terminal and as JSON."""

from __future__ import annotations

from typing import Any

from answerable.app.abstaining import Standing
from answerable.app.calibrating import Calibrated
from answerable.cli.console import note, say
from answerable.evals.abstain.calibration import Calibration, Group
from answerable.evals.abstain.curve import curve, text_plot
from answerable.evals.abstain.lock import Lock


def print_calibration(done: Calibrated) -> None:
    """The promise with what it costs, the curve, and what is missing."""
    labeled, calibration = done.labeled, done.calibration
    for line in text_plot(curve(labeled.answers), alpha=calibration.alpha):
        say(line)
    answered = sum(one.wrong is not None for one in labeled.answers)
    say(f"\n{len(labeled.answers)} questions, {answered} with an answer; from {labeled.origin}")
    if labeled.unmeasured:
        say(f"{labeled.unmeasured} unmeasured: left out")
    for group in calibration.groups:
        _print_group(group, calibration)
    for topic in calibration.topics:
        shown = "as promised" if topic.bound <= calibration.alpha else "not shown"
        say(f"  topic {topic.name}: {topic.k} of {topic.n} wrong, at most {100 * topic.bound:.1f} %: {shown}")
    if done.lock is None:
        note("nothing was written; calibrate again once the labels are there: each look is one more chance to err")
    else:
        note(f"{done.path} written: certificate {done.lock.id}, good until {done.lock.expires:%Y-%m-%d}")


def _print_group(group: Group, calibration: Calibration) -> None:
    name = "" if group.name == "all" else f"{group.name}: "
    promise = f"at most {100 * calibration.alpha:g} % wrong at {100 * calibration.confidence:g} % confidence"
    if group.certificate is None:
        say(f"{name}not certifiable yet ({promise}): {_missing(group)}")
        return
    found = group.certificate
    say(f"{name}certified: {promise}, answering from {found.threshold:.3f} on")
    say(f"  on the labels that tested it: {found.k} of {found.n} wrong, at most {100 * found.bound:.1f} %")
    low, high = (100 * one for one in (group.rate.low, group.rate.high)) if group.rate else (0.0, 100.0)
    share = f"{group.given} of {group.asked}"
    percent = f" = {100 * group.given / group.asked:.1f} % ({low:.1f} to {high:.1f})" if group.asked >= 30 else ""
    say(f"  it costs: answers to {share}{percent}")


def _missing(group: Group) -> str:
    if group.needed is None:
        return "more labels alone will not do; even the surest answers are wrong too often"
    return f"about {group.needed} more labels of the same kind; there are {group.answered}"


def calibration_record(done: Calibrated) -> dict[str, Any]:
    """JSON-able."""
    return {
        "certified": done.lock is not None,
        "alpha": done.calibration.alpha,
        "confidence": done.calibration.confidence,
        "questions": len(done.labeled.answers),
        "unmeasured": done.labeled.unmeasured,
        "origin": done.labeled.origin,
        "groups": [_group(one) for one in done.calibration.groups],
        "lock": done.lock.model_dump(mode="json") if done.lock else None,
    }


def _group(one: Group) -> dict[str, Any]:
    found = one.certificate
    return {
        "group": one.name,
        "labels": one.answered,
        "needed": one.needed,
        "threshold": found.threshold if found else None,
        "n": found.n if found else None,
        "k": found.k if found else None,
        "bound": found.bound if found else None,
        "answer_rate": one.given / one.asked if found else None,
    }


def print_standing(standing: Standing) -> None:
    """The state, the promises, and why it does not hold where it does not."""
    lock = standing.lock
    if lock is None:
        say("no certificate: nothing is promised of the answers")
        note("answerable abstain calibrate makes one")
        return
    say(f"{lock.id}: {_STATES[standing.state]}")
    for reason in standing.voids:
        say(f"  {reason}")
    say(
        f"at most {100 * lock.risk:g} % wrong at {100 * lock.confidence:g} % confidence; "
        f"made {lock.made:%Y-%m-%d} from {lock.origin}, good until {lock.expires:%Y-%m-%d}"
    )
    for one in lock.promises:
        say(
            f"  {one.group}: from {one.threshold:.3f} on; {one.k} of {one.n} wrong, "
            f"at most {100 * one.bound:.1f} %; "
            f"answers {100 * one.answered:.1f} % ({100 * one.answered_low:.1f} to {100 * one.answered_high:.1f})"
        )
    for missing in lock.missing:
        say(f"  {missing.group}: nothing is promised; {missing.labels} labels")
    if standing.state == "void":
        note("answerable abstain calibrate makes it anew")


_STATES = {
    "valid": "holds",
    "void": "VOID",
    "unused": "not in use: [abstain] threshold is set by hand",
}


def standing_record(standing: Standing) -> dict[str, Any]:
    """JSON-able."""
    lock: Lock | None = standing.lock
    return {
        "state": standing.state,
        "why": list(standing.voids),
        "lock": lock.model_dump(mode="json") if lock else None,
    }
