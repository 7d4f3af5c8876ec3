"""The tables of docs/reference/figures.md that come out of results: `python -m tests.docs.figures --write`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tests.docs.drawing import drawn, ranged
from tests.docs.reference import FOLDER, ROOT
from tests.docs.tables_of_abuse import ABUSE_TABLES
from tests.docs.tables_of_access import ACCESS_TABLES
from tests.docs.tables_of_alerts import ALERT_TABLES
from tests.docs.tables_of_containment import CONTAINMENT_TABLES
from tests.docs.tables_of_detection import DETECTION_TABLES
from tests.docs.tables_of_drift import DRIFT_TABLES
from tests.docs.tables_of_events import EVENT_TABLES
from tests.docs.tables_of_exports import EXPORT_TABLES
from tests.docs.tables_of_fetching import FETCHING_TABLES
from tests.docs.tables_of_lint import LINT_TABLES
from tests.docs.tables_of_money import MONEY_TABLES
from tests.docs.tables_of_monitoring import MONITORING_TABLES
from tests.docs.tables_of_people import PEOPLE_TABLES
from tests.docs.tables_of_poisoning import POISONING_TABLES
from tests.docs.tables_of_policy import POLICY_TABLES
from tests.docs.tables_of_product import PRODUCT_TABLES
from tests.docs.tables_of_redteam import REDTEAM_TABLES
from tests.docs.tables_of_reliability import RELIABILITY_TABLES
from tests.docs.tables_of_retrieval import RETRIEVAL_TABLES
from tests.docs.tables_of_rollouts import ROLLOUT_TABLES
from tests.docs.tables_of_simulation import SIMULATION_TABLES
from tests.docs.tables_of_tasks import TASK_TABLES
from tests.docs.tables_of_telemetry import TELEMETRY_TABLES

PAGE = FOLDER / "figures.md"
RESULTS = ROOT / "benchmarks" / "results"
_TABLE = re.compile(r"<!-- made from ([\w-]+) -->\n.*?<!-- end -->", re.S)


def filled(page: str) -> str:
    """The page with its tables made anew."""
    return _TABLE.sub(lambda found: f"<!-- made from {found[1]} -->\n{_table(found[1])}<!-- end -->", page)


def _table(name: str) -> str:
    result = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return TABLES[name](result)


def _ingest(result: Mapping[str, Any]) -> str:
    rows = [
        [
            one["phase"],
            f"{one['wall_s']:.2f}",
            f"{one['cpu_s_total']:.2f}",
            f"{one['cpu_s']['embed']:.2f}",
            f"{one['added'] + one['changed']}",
            f"{one['chunks']}, {one['embedded']} embedded",
            f"{one['peak_mb']}, {one['peak_postgres_mb']}",
        ]
        for one in result["rows"]
    ]
    heads = ("sync", "wall s", "CPU s", "of it embedding", "files", "chunks written", "peak MB: process, Postgres")
    return drawn(heads, rows)


def _withheld(result: Mapping[str, Any]) -> str:
    kinds = list(next(iter(result["sets"].values())))
    rows = [
        [kind, *(f"{one[kind].get('shown', 0)} of {one[kind]['tried']}" for one in result["sets"].values())]
        for kind in kinds
    ]
    return drawn(["sentences shown", *result["sets"]], rows)


def _latency(result: Mapping[str, Any]) -> str:
    runs = result["runs"]
    steps = [*runs[0]["steps_ms"], "total"]
    rows = [
        [step, *(_both(one["total_ms"] if step == "total" else one["steps_ms"][step]) for one in runs)]
        for step in steps
    ]
    rows.append(["answers a second", *(f"{one['per_second']}" for one in runs)])
    return drawn(["ms, p50 / p95", *(_clients(one["clients"]) for one in runs)], rows)


def _evaluation(result: Mapping[str, Any]) -> str:
    ways = {"extractive": "no model, asked", "from_the_cache": "no model, from the cache",
            "scripted_model": "scripted model, asked"}  # fmt: skip
    runs = [(name, result[key]) for key, name in ways.items()]
    rows = [
        [name, f"{one['rows']}", f"{one['process_s']:.1f}", f"{one['rows_per_process_s']:.1f}",
         "–" if one["p50_ms"] is None else f"{one['p50_ms']:.0f} / {one['p95_ms']:.0f}", one["cost"]]
        for name, one in runs
    ]  # fmt: skip
    heads = (
        "a run",
        "rows",
        "wall s, whole process",
        "rows a second",
        "ms an answer, p50 / p95",
        "cost, made-up price",
    )
    killed, cached, again = result["killed"], result["same_from_the_cache"], result["same_asked_again"]
    budget = result["scripted_model"]["budget"]
    same = "rows that differ between two runs of one fingerprint"
    facts = [
        [f"{same}, from the cache", f"{cached['rows_that_differ']} of {cached['rows']}"],
        [f"{same}, all asked again", f"{again['rows_that_differ']} of {again['rows']}"],
        ["rows that were there when the process was killed", f"{killed['rows_before_the_kill']}"],
        ["of them as they were after --resume", f"{killed['of_them_kept_as_they_were']}"],
        ["rows after --resume; duplicates", f"{killed['rows_after_resume']}; {killed['duplicates']}"],
        ["budget; spent; cases not asked", f"{budget['max_cost']:.6f}; {budget['spent']}; {budget['not_asked']}"],
    ]
    return "\n".join([drawn(heads, rows), drawn(("fact", "figure"), facts)])


def _both(one: Mapping[str, float] | None) -> str:
    return f"{one['p50']:.1f} / {one['p95']:.1f}" if one else ""


def _clients(count: int) -> str:
    return "1 client" if count == 1 else f"{count} clients"


def _embedding(result: Mapping[str, Any]) -> str:
    rows = [
        [f"passages of {tokens} tokens for a CPU-second, batches of 1 / 8 / 32", _batches(one)]
        for tokens, one in result["passages_per_cpu_s"].items()
    ]
    for name, key in (("a query", "query_ms"), ("a query beside a bulk load", "query_ms_beside_bulk")):
        rows.append([f"{name}, p50 / p95 ms", f"{result[key]['p50']} / {result[key]['p95']}"])
    rows.append(["the first query, ms", f"{result['first_query_ms']:,}"])
    rows.append(["memory while serving, MB", f"{result['serving_memory_mb']}"])
    return drawn([result["precision"], "figure"], rows)


def _batches(one: Mapping[str, float]) -> str:
    return " / ".join(f"{one[size]:.0f}" for size in ("1", "8", "32"))


def _faithfulness(result: Mapping[str, Any]) -> str:
    sets = result["sets"]
    measures = list(next(iter(sets.values()))["measures"])
    rows = [
        [name, *(ranged(one["measures"][name]["held out"]["auroc"]) for one in sets.values())] for name in measures
    ]
    bars = [
        [f"at {_AT}: {name}", *(ranged(one["at the threshold"][name]) for one in sets.values())]
        for name in ("score", "answer path's check")
    ]
    heads = [
        "AUROC on held-out items",
        *(f"{name}, {one['at the threshold']['n']:,}" for name, one in sets.items()),
    ]
    abstention = [
        [
            f"{name}, {negative}",
            f"{row['n']}",
            ranged(row["auroc"]),
            *(f"{100 * row[key]:.0f} %" for key in _KEPT),
        ]
        for name, one in result["abstention"].items()
        for negative, row in one.items()
    ]
    speed = [
        [name, f"{one['words']}", *(f"{one[kind]['p50']} / {one[kind]['p95']}" for kind in ("wall_ms", "cpu_ms"))]
        for name, one in result["speed"].items()
    ]
    return "\n".join(
        [
            drawn(heads, [*rows, *bars]),
            drawn(["abstention score", "n", "AUROC", *_KEPT], abstention),
            drawn(["all production metrics on", "words", "wall ms, p50 / p95", "CPU ms, p50 / p95"], speed),
            drawn(
                ["published, not re-run", "what", "figure", "source"],
                [one.values() for one in result["published"]],
            ),
        ]
    )


_KEPT = ("answerable kept", "unanswerable declined")
_AT = "0.5, balanced accuracy"


def _interchange(result: Mapping[str, Any]) -> str:
    rows = [
        [
            one["tool"],
            "yes" if one["accepts ours"] else "no",
            f"{one['ours back whole']} of {one['ours out']}",
            f"{one['theirs back whole']} of {one['theirs in']}",
        ]
        for one in result["tools"]
    ]
    return drawn(("tool", "takes our file", "our cases, back whole", "its own, back whole"), rows)


def _judge_injection(result: Mapping[str, Any]) -> str:
    conditions = list(next(iter(result["judges"].values())))
    rows = [
        [name, *(f"{one[condition]['flips']} of {one[condition]['tried']}" for condition in conditions)]
        for name, one in result["judges"].items()
    ]
    return drawn(["verdicts turned, scripted judges", *conditions], rows)


def _faults(result: Mapping[str, Any]) -> str:
    rows = [
        [
            one["fault"] + (", scripted model" if one["scripted_model"] else ""),
            f"`{one['stage']}`",
            f"{one['failed']} of {one['tried']}",
            f"{one['right']} of {one['failed']}" if one["failed"] else "no case failed",
            ", ".join(f"`{name}` {count}" for name, count in one["confusion"].items() if name != one["stage"]),
        ]
        for one in result["faults"]
    ]
    every = result["summary"]
    rows.append(
        [
            "all",
            f"{every['named']} of {every['faults']} faults",
            "",
            f"{every['cases_named']} of {every['cases']}",
            "",
        ]
    )
    return drawn(("planted fault", "its stage", "cases it turned", "named so", "named otherwise"), rows)


def _statistics(result: Mapping[str, Any]) -> str:
    rules = list(result["null"][0]["alarms"])
    idle = [one for one in result["null"] if one["change"] == "none"]
    alarms = [[*_suite(one), *(f"{100 * one['alarms'][rule]:.1f}" for rule in rules)] for one in idle]
    drops = sorted({one["change"] for one in result["power"]})
    found = {(*_suite(one), one["change"]): 100 * one["alarms"]["answerable"] for one in result["power"]}
    power = [[*_suite(one), *(f"{found[*_suite(one), drop]:.0f}" for drop in drops)] for one in idle]
    return "\n".join(
        [
            drawn(["cases", "repeats", "in documents", *(f"{rule}, %" for rule in rules)], alarms),
            drawn(["cases", "repeats", "in documents", *(f"{100 * d:.0f} points, %" for d in drops)], power),
            drawn(["95 % interval", "covers, least to most", "worlds"], _coverage(result["coverage"])),
            drawn(["labels; rate then, now", *result["correction"][0]["estimators"]], _corrections(result)),
            _promises(result["promises"]),
        ]
    )


def _suite(one: Mapping[str, Any]) -> tuple[str, str, str]:
    return f"{one['n']}", f"{one['k']}", "1 to 10" if one["clusters"] else "single"


def _coverage(rows: Iterable[Mapping[str, Any]]) -> list[list[str]]:
    shares: dict[str, list[float]] = {}
    for one in rows:
        kind = ", in documents" if "documents" in one["world"] else ", single" if "single" in one["world"] else ""
        shares.setdefault(one["interval"] + kind, []).append(100 * one["covers"])
    return [[name, f"{min(made):.1f} to {max(made):.1f} %", f"{len(made)}"] for name, made in shares.items()]


def _corrections(result: Mapping[str, Any]) -> list[list[str]]:
    return [
        [
            f"{one['labels']}; {one['then']:.2f}, {one['now']:.2f}",
            *(f"{100 * made['covers']:.1f} %, {100 * made['width']:.1f}" for made in one["estimators"].values()),
        ]
        for one in result["correction"]
    ]


def _promises(rows: Iterable[Mapping[str, Any]]) -> str:
    shown = [
        [
            one["score"],
            f"{one['alpha']:.2f}",
            f"{one['n']:,}",
            f"{100 * one['certified']:.0f} %",
            f"{100 * one['broken']:.1f} %",
            f"{100 * (one['answered when certified'] or 0):.0f} %" if one["certified"] else "",
            f"{100 * one['best possible']:.0f} %",
        ]
        for one in rows
    ]
    return drawn(["score", "α", "labels", "certified", "broken", "answered then", "best possible"], shown)


def _review_sampling(result: Mapping[str, Any]) -> str:
    heads = ("wrong in truth", "answers × periods", "items, read", "weighted", "random part", "plain mean")
    rows = [
        [
            f"{100 * one['truth']:.1f} %",
            f"{one['answers']} × {one['periods']}",
            f"{one['items']}, {100 * one['read']:.0f} %",
            *(_covered(one[way]) for way in ("weighted", "random part", "naive")),
        ]
        for plans in result["sets"].values()
        for one in plans
    ]
    return drawn(heads, rows)


def _covered(one: Mapping[str, float]) -> str:
    return f"{100 * one['mean']:.1f} %, covers {100 * one['covered']:.1f} %, {100 * one['width']:.0f} wide"


def _abstention(result: Mapping[str, Any]) -> str:
    heads = ("set", "at most", "labels", "promised", "broken", "wrong", "answered", "naive: broken", "answered")
    rows = [
        [
            name,
            f"{100 * one['alpha']:g} %",
            f"{one['labels']:,}",
            f"{one['certified']['promised']:,}",
            f"{one['certified']['broken']:,}",
            _percent(one["certified"]["risk_mean"]),
            _percent(one["certified"]["answered_mean"]),
            f"{one['naive']['broken']:,} of {one['naive']['promised']:,}",
            _percent(one["naive"]["answered_mean"]),
        ]
        for name, each in result["sets"].items()
        for one in each["trials"]
    ]
    return drawn(heads, rows)


def _admission(result: Mapping[str, Any]) -> str:
    heads = [
        "load, of what the processors carry",
        "limit",
        "in time",
        "in time, a second",
        "p95 s",
        "of quiet",
        "of loud",
    ]
    rows = [
        [
            f"{one['load']:g}",
            one["policy"],
            _percent(one["answered"]),
            f"{one['answered_per_s']:g}",
            "" if one["p95_s"] is None else f"{one['p95_s']:g}",
            _percent(one.get("answered_quiet")),
            _percent(one.get("answered_loud")),
        ]
        for one in result["rows"]
    ]
    return drawn(heads, rows)


def _semantic_cache(result: Mapping[str, Any]) -> str:
    heads = (
        "threshold",
        "set",
        "near misses",
        "wrong hits",
        "wrong by likeness alone",
        "paraphrases",
        "right hits",
    )
    rows = [
        [
            f"{one['threshold']:g}",
            name,
            f"{one['near_misses']:,}",
            str(one["wrong"]),
            f"{one['wrong_by_likeness']:,} ({_percent(one['wrong_by_likeness'] / one['near_misses'])})",
            str(one["paraphrases"]),
            f"{one['right']} ({one['right_by_likeness']} by likeness alone)",
        ]
        for key, name in (("suite", "suite"), ("public", "SQuAD 2.0"))
        for one in result[key]["thresholds"]
        if one["threshold"] >= 0.9
    ]
    return drawn(heads, rows)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"


TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    **RETRIEVAL_TABLES,
    **ABUSE_TABLES,
    **ACCESS_TABLES,
    **CONTAINMENT_TABLES,
    **EVENT_TABLES,
    **ALERT_TABLES,
    **EXPORT_TABLES,
    **FETCHING_TABLES,
    **LINT_TABLES,
    **MONEY_TABLES,
    **MONITORING_TABLES,
    **PRODUCT_TABLES,
    **TELEMETRY_TABLES,
    **PEOPLE_TABLES,
    **POISONING_TABLES,
    **REDTEAM_TABLES,
    **POLICY_TABLES,
    **RELIABILITY_TABLES,
    **ROLLOUT_TABLES,
    **DRIFT_TABLES,
    **SIMULATION_TABLES,
    **TASK_TABLES,
    "ingest": _ingest,
    "embedding": _embedding,
    "embedding-int8": _embedding,
    "withheld": _withheld,
    "latency": _latency,
    "statistics": _statistics,
    **DETECTION_TABLES,
    "evaluation": _evaluation,
    "judge_injection": _judge_injection,
    "faithfulness": _faithfulness,
    "faults": _faults,
    "interchange": _interchange,
    "review_sampling": _review_sampling,
    "abstention": _abstention,
    "admission": _admission,
    "semantic_cache": _semantic_cache,
}


def main() -> None:
    """Write the page, or print it."""
    made = filled(PAGE.read_text(encoding="utf-8"))
    if "--write" in sys.argv[1:]:
        PAGE.write_text(made, encoding="utf-8")
    else:
        sys.stdout.write(made)


if __name__ == "__main__":
    main()
