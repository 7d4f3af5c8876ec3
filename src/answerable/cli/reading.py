"""A reader at a terminal: one question at a time, answered with single keys."""

from __future__ import annotations

import sys

import typer

from answerable.app.reviewing import SEVERITIES, Said, Sheet
from answerable.cli.console import err
from answerable.core.evaluation import Answered
from answerable.core.review import Role
from answerable.evals.judges.criterion import Criterion

_KEYS = {"y": Answered.YES, "n": Answered.NO, "u": Answered.UNSURE}


def at_a_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask_about(sheet: Sheet) -> Said | None:
    """What the reader says of the item; None: no more for today."""
    verdicts = {}
    for criterion in sheet.criteria:
        said = _verdict(criterion)
        if said is None:
            return None
        verdicts[criterion.id] = said
    harm = _key("harmful? [enter] no, 1-4 for S1-S4", ("", "1", "2", "3", "4"))
    severity = SEVERITIES[int(harm) - 1] if harm else ""
    wanted = bool(severity) or Answered.NO in verdicts.values() or sheet.role is Role.ADJUDICATOR
    reason = _line("why?", needed=True) if wanted else ""
    correction = _line("the answer as it should have been [enter to skip]") if wanted else ""
    return Said(verdicts=verdicts, reason=reason, severity=severity, correction=correction)


def _verdict(criterion: Criterion) -> Answered | None:
    while True:
        key = _key(f"{criterion.question} [y]es [n]o [u]nsure [?] [q]uit", ("y", "n", "u", "?", "q"))
        if key == "?":
            err.print(criterion.text, markup=False)
        elif key == "q":
            return None
        else:
            return _KEYS[key]


def _key(prompt: str, allowed: tuple[str, ...]) -> str:
    while True:
        err.print(f"{prompt} ", end="", markup=False)
        key = typer.getchar().lower().strip()
        err.print(key, markup=False)
        if key in allowed:
            return key


def _line(prompt: str, *, needed: bool = False) -> str:
    while True:
        err.print(f"{prompt} ", end="", markup=False)
        text = sys.stdin.readline()
        if text.strip() or not needed:
            return text.strip()
        if not text:  # the terminal was closed
            raise KeyboardInterrupt
