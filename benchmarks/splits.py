"""Each split of the sample project's cases beside its clean twins: what is found, and how many pass.

    answerable eval run --no-cache --format json > run.json     (in the sample project, ingested)
    python benchmarks/splits.py run.json [--before another.json] [--out benchmarks/results/splits.json]

Splits are the cases whose origin names a twin (the same question asked cleanly), by their first tag. Counted are
span recall@5 and MRR, as means, and cases that pass, as k of n (quoted passages for answers: no model writes).
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from retrieval import _facts
from rich.console import Console
from rich.table import Table

from answerable.evals.cases.files import load_cases

COMMAND = "python benchmarks/splits.py run.json --before before.json --out benchmarks/results/splits.json"
METRICS = ("recall@5", "mrr")
CASES = Path(__file__).parent.parent / "examples" / "techcorp" / "evals" / "cases"


def rows(runs: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """A split a row: its own figures and its twins', in each run."""
    twins: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for case in load_cases([CASES]):
        if twin := case.origin.get("twin_of"):
            twins[case.tags[0]].append((case.id, str(twin)))
    report = []
    for split, pairs in sorted(twins.items()):
        row: dict[str, Any] = {"split": split, "n": len(pairs)}
        for name, run in runs.items():
            row[name] = _figures([run[case] for case, _ in pairs if case in run])
        now = next(iter(runs.values()))
        row["twins"] = _figures([now[twin] for _, twin in pairs if twin in now])
        report.append(row)
    return report


def _figures(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    scores = [{one["name"]: one.get("value") for one in case["scores"]} for case in found]
    means = {
        name: round(sum(measured) / len(measured), 3) if (measured := _measured(scores, name)) else None
        for name in METRICS
    }
    return {**means, "passed": sum(bool(case["passed"]) for case in found), "of": len(found)}


def _measured(scores: Sequence[Mapping[str, float | None]], name: str) -> list[float]:
    return [value for one in scores if (value := one.get(name)) is not None]


def _by_case(path: Path) -> dict[str, Mapping[str, Any]]:
    return {one["case"]: one for one in json.loads(path.read_text(encoding="utf-8"))["cases"]}


def _show(report: Sequence[Mapping[str, Any]], runs: Sequence[str]) -> None:
    table = Table(title="recall@5 · MRR · passed", title_justify="left")
    for column in ("split", *runs, "clean twins"):
        table.add_column(column)
    for row in report:
        table.add_row(row["split"], *(_cell(row[name]) for name in (*runs, "twins")))
    Console(width=140).print(table)


def _cell(one: Mapping[str, Any]) -> str:
    told = " · ".join("-" if one[name] is None else f"{one[name]:.3f}" for name in METRICS)
    return f"{told} · {one['passed']} of {one['of']}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="what `answerable eval run --format json` printed")
    parser.add_argument("--before", type=Path, help="the same of another version")
    parser.add_argument("--out", type=Path, help="write the results as JSON")
    options = parser.parse_args()
    runs = {"now": _by_case(options.run)}
    if options.before:
        runs["before"] = _by_case(options.before)
    report = rows(runs)
    _show(report, list(runs))
    if options.out:
        options.out.write_text(
            json.dumps({**_facts(), "command": COMMAND, "splits": report}, indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
