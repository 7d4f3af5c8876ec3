"""Are two sets of rows the same? What names an event, not a result (ids, times, costs of asking), is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from answerable.core.evaluation import Row
from answerable.core.rows import row_record
from answerable.evals.runs.runner import CACHED

_EVENT = ("latency_ms", "judge_cost")  # of the row
_EVENT_OF_ANSWER = ("id", "trace", "timing_ms", "conversation", CACHED)
_EVENT_OF_SCORE = ("cost", "remembered")  # in a judge's detail


def result_of(row: Row) -> dict[str, Any]:
    """What the row says, without the event that it was: equal keys give equal results where no model is asked."""
    record = {key: value for key, value in row_record(row).items() if key not in _EVENT}
    record["answer"] = {key: value for key, value in row.answer.items() if key not in _EVENT_OF_ANSWER}
    record["scores"] = [_score(one) for one in record["scores"]]
    return record


def differences(one: Sequence[Row], other: Sequence[Row]) -> dict[tuple[str, int], list[str]]:
    """By case and repeat, the dotted names of what is not the same; a row that only one side has is `missing`."""
    mine, theirs = ({(row.case, row.repeat): result_of(row) for row in rows} for rows in (one, other))
    found = {
        place: ["missing"] if place not in mine or place not in theirs else _unlike(mine[place], theirs[place])
        for place in sorted({*mine, *theirs})
    }
    return {place: names for place, names in found.items() if names}


def _score(record: Mapping[str, Any]) -> dict[str, Any]:
    detail = {key: value for key, value in record.get("detail", {}).items() if key not in _EVENT_OF_SCORE}
    return {**record, "detail": detail}


def _unlike(one: Any, other: Any, name: str = "") -> list[str]:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        keys = sorted({*one, *other})
        return [at for key in keys for at in _unlike(one.get(key), other.get(key), f"{name}.{key}".strip("."))]
    if isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [at for place, pair in pairs for at in _unlike(*pair, f"{name}.{place}")]
    return [] if one == other else [name]
