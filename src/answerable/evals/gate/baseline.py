"""The baseline in git: the rows of the run that head is compared with, a line a case, so that a diff is read."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from answerable.core.errors import ConfigError, IntegrityError
from answerable.core.evaluation import Row, Run, Score, Status
from answerable.core.rows import row_of, run_of, run_record
from answerable.evals.gate.averaged import DIGITS
from answerable.evals.gate.judged import judge_of
from answerable.evals.gate.retrieved import found_of, text_of
from answerable.evals.gate.sides import ASKED, Side, definition

_FORMAT = 1
_KEPT = ("metrics", "versions")  # of the run's detail


def write_baseline(side: Side, path: Path) -> None:
    """Sorted and compact: the same run gives the same bytes."""
    rows = _by_case(side.rows)
    head = {"format": _FORMAT, "run": _run(side.run)}
    lines = [f"  {_json(case)}: {_json(_case(rows[case]))}" for case in sorted(rows)]
    top = json.dumps(head, ensure_ascii=False, indent=1, sort_keys=True)[:-2]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(top + ',\n "cases": {\n' + ",\n".join(lines) + "\n }\n}\n", encoding="utf-8")


def read_baseline(path: Path, *, name: str = "") -> Side:
    """Raises ConfigError where there is none, and IntegrityError where it is not one."""
    if not path.is_file():
        raise ConfigError(
            f"there is no baseline {name or path}",
            hint="make one from a run that is good: answerable eval baseline set RUN, and commit it",
        )
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        if given["format"] != _FORMAT:
            raise IntegrityError(
                f"{path.name} has format {given['format']!r}, known is {_FORMAT}", hint="set the baseline anew"
            )
        cases = given["cases"].items()
        rows = [_row(case, one, row) for case, one in cases for row in one["rows"]]
        run = run_of({**given["run"], "cases": [case for case, _ in cases]})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IntegrityError(
            f"{path.name} cannot be read as a baseline: {error!r}", hint="set the baseline anew"
        ) from error
    return Side(run=run, rows=tuple(rows), source=name or path.name)


def _run(run: Run) -> dict[str, Any]:
    """The run without what its cases say anyway, and without the bundle's bulk."""
    record = run_record(run)
    detail = {key: value for key, value in record["detail"].items() if key in _KEPT}
    return {key: value for key, value in record.items() if key != "cases"} | {"detail": detail}


def _by_case(rows: Sequence[Row]) -> dict[str, list[Row]]:
    grouped: defaultdict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.repeat):
        grouped[row.case].append(row)
    return grouped


def _case(rows: Sequence[Row]) -> dict[str, Any]:
    first = rows[0]
    record: dict[str, Any] = {"category": first.category, "cluster": first.cluster, "language": first.language}
    asked = {"asked": definition(first)} if definition(first) else {}
    return record | {"tags": list(first.tags)} | asked | {"rows": [_record(row) for row in rows]}


def _record(row: Row) -> dict[str, Any]:
    """What a comparison reads of a row; what is empty is left out."""
    record = {
        "repeat": row.repeat,
        "key": row.key,
        "passed": row.passed,
        "outcome": row.outcome,
        "scores": {score.name: _score(score) for score in row.scores if score.status is not Status.NOT_APPLICABLE},
        "ms": round(row.latency_ms, 1),
        "cost": None if row.cost is None else str(row.cost),
        "error": row.error,
        "text": text_of(row),
        "found": list(found_of(row)),
    }
    return {key: value for key, value in record.items() if value not in (None, "", [], {})}


def _score(score: Score) -> list[Any]:
    """[value, passed, reason, judge], without what is empty at its end; an error has no value."""
    value = None if score.value is None else round(score.value, DIGITS)
    told = score.passed is False or score.status is Status.ERROR
    record: list[Any] = [value, score.passed, score.reason if told else "", judge_of(score)]
    while record and record[-1] in (None, ""):
        record.pop()
    return record


def _row(case: str, one: Mapping[str, Any], given: Mapping[str, Any]) -> Row:
    record = {key: one.get(key) for key in ("category", "cluster", "tags", "language")}
    record |= {"case": case, "repeat": given["repeat"], "key": given.get("key", "")}
    record |= {"passed": given.get("passed"), "outcome": given.get("outcome", "")}
    record |= {"latency_ms": given.get("ms", 0.0), "cost": given.get("cost"), "error": given.get("error", "")}
    answer = {"text": given.get("text", ""), "passages": given.get("found", []), ASKED: one.get("asked", "")}
    record |= {"answer": answer}
    record |= {"scores": [_score_record(name, score) for name, score in given.get("scores", {}).items()]}
    return row_of(record)


def _score_record(name: str, given: Sequence[Any]) -> dict[str, Any]:
    value, passed, reason, judge = (*given, None, None, None, None)[:4]
    status = Status.ERROR if value is None else Status.SCORED
    detail = {"judge": judge} if judge else {}
    return {
        "name": name,
        "value": value,
        "passed": passed,
        "status": status.value,
        "reason": reason or "",
        "detail": detail,
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
