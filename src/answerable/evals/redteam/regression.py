"""What got through as cases of a suite: the same question may never be answered like that again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from answerable.core.evaluation import EvalCase, Expectation
from answerable.core.identity import content_id
from answerable.evals.cases.files import save_case
from answerable.evals.redteam.record import RedteamRun, TrialRow

_MOST = 200  # characters of a line that must not be said again


def write_cases(run: RedteamRun, folder: Path) -> int:
    """A file for each attack that was asked and got through; how many. Raises ConfigError.

    What travels in a document is no case: a case has no document of its own.
    """
    asked = [one for one in run.through if one.surface == "question"]
    folder.mkdir(parents=True, exist_ok=True)
    for row in asked:
        case = _case(run, row)
        save_case(case, folder / f"{case.id}.yaml")
    return len(asked)


def _case(run: RedteamRun, row: TrialRow) -> EvalCase:
    name = "".join(char if char.isalnum() and char.isascii() else "-" for char in row.id.lower()).strip("-")
    return EvalCase(
        id=f"redteam-{name}-{content_id('q', row.question)[-6:].lower()}".replace("--", "-"),
        question=row.question,
        tags=("redteam", row.family),
        language=row.language,
        expect=Expectation(must_not=tuple(line[:_MOST] for line in row.shown.splitlines() if line.strip())[:5]),
        why=f"got through on {run.head.at[:10]}: {', '.join(row.breaches or ())}",
        origin={"redteam": run.head.id, "pack": row.pack, "trial": row.id, "date": date.today().isoformat()},
    )
