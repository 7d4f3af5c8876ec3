"""How a diagnosis looks in a terminal."""

from __future__ import annotations

from rich.text import Text

from answerable.cli.console import out, say, table
from answerable.evals.diagnosis.diagnosis import Diagnosis


def print_diagnosis(diagnosis: Diagnosis) -> None:
    """The stage, why, every experiment with what came of it, and what to do."""
    out.print(Text(f"{diagnosis.case}: {diagnosis.stage.value} ({diagnosis.meaning})", style="bold"))
    say(f"why   {diagnosis.why}")
    if diagnosis.also:
        say(f"also  {', '.join(diagnosis.also)}: faulty, too, but their repair alone changes nothing")
    say(f"fix   {diagnosis.fix}")
    out.print()
    table(["", "tried", "came of it"], [[_mark(one.right), one.what, one.result] for one in diagnosis.experiments])


def _mark(right: bool | None) -> str:
    return "-" if right is None else "right" if right else "wrong"
