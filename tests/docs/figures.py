"""The tables of docs/reference/figures.md that come out of results: `python -m tests.docs.figures --write`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tests.docs.reference import FOLDER, ROOT

PAGE = FOLDER / "figures.md"
RESULTS = ROOT / "benchmarks" / "results"
_TABLE = re.compile(r"<!-- made from ([\w-]+) -->\n.*?<!-- end -->", re.S)
_ARMS = {
    "dense": "dense",
    "bm25": "BM25",
    "hybrid-rrf": "reciprocal ranks, k 60",
    "hybrid": "ours: min-max, half and half",
    "hybrid+rerank": "and re-ranked",
    "hybrid+proximity": "and by coverage and proximity",
    "hybrid+late": "and by late interaction: the default",
}


def filled(page: str) -> str:
    """The page with its tables made anew."""
    return _TABLE.sub(lambda found: f"<!-- made from {found[1]} -->\n{_table(found[1])}<!-- end -->", page)


def _adaptation(result: Mapping[str, Any]) -> str:
    rows, nulls = [], []
    for name, parts in sorted(result["sets"].items()):
        for part, one in parts.items():
            if part.startswith("null"):
                nulls.append([_LEARNED[part], name, str(one["questions"]), f"{one['taken']} of {one['draws']}"])
                continue
            for arm, test in one["test"].items():
                interval = f"{test['difference']:+.3f} ({test['low']:+.3f} .. {test['high']:+.3f})"
                said = "used" if one["applied"] else "refused"
                asked = f"{one['questions']['learned']} / {test['n']}"
                before, after = f"{test['before']:.3f}", f"{test['after']:.3f}"
                rows.append([_LEARNED[part], name, asked, said, arm, before, after, interval])
    heads = ("learned", "set", "pairs learned / tested", "the command", "of", "before", "after", "difference")
    drawn = _drawn(heads, sorted(rows))
    return drawn + (
        "\n" + _drawn(("labels without meaning", "set", "pairs", "taken for a gain"), nulls) if nulls else ""
    )


_LEARNED = {
    "embedding_query": "embedding, at the query",
    "embedding_both": "embedding, at both ends",
    "reranker": "reranker",
    "null_reranker": "reranker, gold shuffled among the candidates",
    "null_embedding": "embedding, gold of another question",
}


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
    return _drawn(heads, rows)


def _retrieval(result: Mapping[str, Any]) -> str:
    arms = [arm for arm in next(iter(result["sets"].values()))["arms"] if arm != "bm25-reference"]
    rows = []
    for name, one in sorted(result["sets"].items()):
        scores = [one["arms"][arm]["ndcg@10"]["mean"] for arm in arms]
        rows.append([name, f"{one['queries']:,}", one["language"], *(f"{score:.3f}" for score in scores)])
    return _drawn(["nDCG@10", "questions", "language", *(_ARMS.get(arm, arm) for arm in arms)], rows)


def _withheld(result: Mapping[str, Any]) -> str:
    kinds = list(next(iter(result["sets"].values())))
    rows = [
        [kind, *(f"{one[kind].get('shown', 0)} of {one[kind]['tried']}" for one in result["sets"].values())]
        for kind in kinds
    ]
    return _drawn(["sentences shown", *result["sets"]], rows)


def _latency(result: Mapping[str, Any]) -> str:
    runs = result["runs"]
    steps = [*runs[0]["steps_ms"], "total"]
    rows = [
        [step, *(_both(one["total_ms"] if step == "total" else one["steps_ms"][step]) for one in runs)]
        for step in steps
    ]
    rows.append(["answers a second", *(f"{one['per_second']}" for one in runs)])
    return _drawn(["ms, p50 / p95", *(_clients(one["clients"]) for one in runs)], rows)


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
    return "\n".join([_drawn(heads, rows), _drawn(("fact", "figure"), facts)])


def _conflicts(result: Mapping[str, Any]) -> str:
    parts = [[name, _of(one["recall"]), _of(one["precision"])] for name, one in (*result["seeded"].items(),)]
    corpora = [
        [name.rpartition("/")[2], seen, f"{one['documents']:,}", f"{one['statements']:,}", f"{one['findings']}"]
        for kind, seen in (("real", "yes"), ("unseen", "no"))
        for name, one in result[kind].items()
    ]
    asked = [
        [name, f"{one['asked']}", ", ".join(f"{how} {n}" for how, n in one["ended"].items()), _of(one["silent"])]
        for name, one in result["answers"].items()
        if isinstance(one, Mapping)
    ]
    return "\n".join(
        [
            _drawn(["seeded part", "found of the conflicts", "right of the findings"], parts),
            _drawn(["corpus", "seen before", "documents", "statements", "findings"], corpora),
            _drawn(["answers", "asked", "ended", "only one side cited"], asked),
        ]
    )


def _data_report(result: Mapping[str, Any]) -> str:
    heads = ["documents", "CPU, s", "of it findings", "statements", "comparing", "memory above the corpus, MB"]
    keys = ("cpu_s", "inspect_cpu_s", "read_statements_cpu_s", "compare_cpu_s", "peak_mb_above_corpus")
    return _drawn(heads, [[f"{one['documents']:,}", *(f"{one[key]}" for key in keys)] for one in result["sizes"]])


def _of(one: Mapping[str, Any]) -> str:
    counted = f"{one['k']} of {one['n']}"
    return counted if one["n"] < 30 else f"{counted} ({one['low']:.2f} to {one['high']:.2f})"


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
    return _drawn([result["precision"], "figure"], rows)


def _batches(one: Mapping[str, float]) -> str:
    return " / ".join(f"{one[size]:.0f}" for size in ("1", "8", "32"))


def _guards(result: Mapping[str, Any]) -> str:
    measures = list(dict.fromkeys(measure for one in result["questions"].values() for measure in one))
    questions = [[name, *(_share(one.get(key)) for key in measures)] for name, one in result["questions"].items()]
    others = [
        _drawn([name, "hits"], [[key, _share(one)] for key, one in result[name].items()])
        for name in ("documents", "disguises", "links", "personal data", "credentials")
    ]
    latency = [[key, f"{one['p50_ms']:.1f}", f"{one['p95_ms']:.1f}"] for key, one in result["latency"].items()]
    return "\n".join(
        [_drawn(["questions", *measures], questions), *others, _drawn(["latency, ms", "p50", "p95"], latency)]
    )


def _faithfulness(result: Mapping[str, Any]) -> str:
    sets = result["sets"]
    measures = list(next(iter(sets.values()))["measures"])
    rows = [
        [name, *(_ranged(one["measures"][name]["held out"]["auroc"]) for one in sets.values())]
        for name in measures
    ]
    bars = [
        [f"at {_AT}: {name}", *(_ranged(one["at the threshold"][name]) for one in sets.values())]
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
            _ranged(row["auroc"]),
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
            _drawn(heads, [*rows, *bars]),
            _drawn(["abstention score", "n", "AUROC", *_KEPT], abstention),
            _drawn(["all production metrics on", "words", "wall ms, p50 / p95", "CPU ms, p50 / p95"], speed),
            _drawn(
                ["published, not re-run", "what", "figure", "source"],
                [one.values() for one in result["published"]],
            ),
        ]
    )


_KEPT = ("answerable kept", "unanswerable declined")
_AT = "0.5, balanced accuracy"


def _ranged(one: Mapping[str, float]) -> str:
    return f"{one['value']:.3f} [{one['low']:.3f}, {one['high']:.3f}]"


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
    return _drawn(("tool", "takes our file", "our cases, back whole", "its own, back whole"), rows)


def _share(one: Mapping[str, Any] | None) -> str:
    return f"{one['hits']:,} of {one['n']:,}, {100 * one['share']:.1f} %" if one else ""


def _judge_injection(result: Mapping[str, Any]) -> str:
    conditions = list(next(iter(result["judges"].values())))
    rows = [
        [name, *(f"{one[condition]['flips']} of {one[condition]['tried']}" for condition in conditions)]
        for name, one in result["judges"].items()
    ]
    return _drawn(["verdicts turned, scripted judges", *conditions], rows)


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
    return _drawn(("planted fault", "its stage", "cases it turned", "named so", "named otherwise"), rows)


def _statistics(result: Mapping[str, Any]) -> str:
    rules = list(result["null"][0]["alarms"])
    idle = [one for one in result["null"] if one["change"] == "none"]
    alarms = [[*_suite(one), *(f"{100 * one['alarms'][rule]:.1f}" for rule in rules)] for one in idle]
    drops = sorted({one["change"] for one in result["power"]})
    found = {(*_suite(one), one["change"]): 100 * one["alarms"]["answerable"] for one in result["power"]}
    power = [[*_suite(one), *(f"{found[*_suite(one), drop]:.0f}" for drop in drops)] for one in idle]
    return "\n".join(
        [
            _drawn(["cases", "repeats", "in documents", *(f"{rule}, %" for rule in rules)], alarms),
            _drawn(["cases", "repeats", "in documents", *(f"{100 * d:.0f} points, %" for d in drops)], power),
            _drawn(["95 % interval", "covers, least to most", "worlds"], _coverage(result["coverage"])),
            _drawn(["labels; rate then, now", *result["correction"][0]["estimators"]], _corrections(result)),
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
    return _drawn(["score", "α", "labels", "certified", "broken", "answered then", "best possible"], shown)


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
    return _drawn(heads, rows)


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
    return _drawn(heads, rows)


def _chunking(result: Mapping[str, Any]) -> str:
    heads = (
        "strategy",
        "search",
        "chunks",
        "tokens",
        "recall 500 / 1,000 / 2,000",
        "precision",
        "IoU",
        "against fixed 500/50, recall at 1,000",
        "verdict",
        "5 chunks: recall, precision, IoU",
        "CPU s/MB",
    )
    return _drawn(heads, [_strategy(one) for one in result["rows"]])


def _strategy(one: Mapping[str, Any]) -> list[str]:
    against, few = one["against fixed 500/50"], one["five chunks"]
    low, high = against["interval"]
    same = not against["difference"] and one["strategy"] == "fixed 500/50" and one["arm"] == "hybrid"
    budgets = [" / ".join(f"{value:.3f}" for value in one[key].values()) for key in ("recall", "precision", "iou")]
    return [
        one["strategy"],
        one["arm"],
        f"{one['chunks']:,}",
        f"{one['tokens']:.0f}",
        *budgets,
        "" if same else f"{against['difference']:+.3f} [{low:+.3f}, {high:+.3f}]",
        "" if same else against["verdict"],
        " / ".join(f"{few[key]:.3f}" for key in ("recall", "precision", "iou")),
        f"{one['cpu_s_per_mb']:.2f}",
    ]


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"


def _drawn(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _lab_null(result: Mapping[str, Any]) -> str:
    rows = [
        [
            f"{one['ways'] - 1} against one",
            "yes" if one["early"] else "no",
            f"{one['false_verdicts']} of {one['replications']}",
            f"{100 * one['share']:.1f} %",
        ]
        for one in result["rows"]
    ]
    return _drawn(["settings that differ by chance", "leaving early", "false verdicts", ""], rows)


def _store(result: Mapping[str, Any]) -> str:
    rows = [
        [
            f"{run['chunks']:,} chunks, {run['code']}, sees {scope}",
            search,
            *(
                f"{one[kind]['p50']:.1f} / {one[kind]['p95']:.1f}"
                for kind in ("cpu_ms", "client_ms", "postgres_ms")
            ),
            f"{one['recall@10']['mean']:.3f}, n {one['recall@10']['n']}" if "recall@10" in one else "",
        ]
        for run in result["runs"]
        for scope, searches in run["search"].items()
        for search, one in searches.items()
    ]
    heads = ("index", "search", "CPU ms, p50 / p95", "of it this process", "Postgres", "recall@10 of exact")
    written = [
        [
            f"{run['chunks']:,} chunks, {run['code']}",
            f"{run['write']['client_ms_a_chunk']:.2f}",
            f"{run['write']['postgres_ms_a_chunk']:.2f}",
            f"{sum(size for name, size in run['sizes_mb'].items() if name.startswith('posting')):.0f}",
            f"{run['sizes_mb']['write-ahead log']:,.0f}",
        ]
        for run in result["runs"]
    ]
    fields = ("writing", "CPU ms a chunk: this process", "Postgres", "postings, MB", "write-ahead log, MB")
    return "\n".join([_drawn(heads, rows), _drawn(fields, written)])


def _splits(result: Mapping[str, Any]) -> str:
    rows = [
        [one["split"], *(_split_cell(one[name]) for name in ("before", "now", "twins"))]
        for one in result["splits"]
    ]
    return _drawn(["recall@5 · MRR · passed", "before", "now", "clean twins"], rows)


def _answerability(result: Mapping[str, Any]) -> str:
    heads = ("set, model", "answerable: kept at 0.3", *result["sets"]["clapnq"]["shipped"])
    kinds = [one for one in heads[3:] if one != "answerable"]
    rows = [
        [
            f"{name}, {model}",
            f"{100 * one['answerable']['kept']:.0f} % of {one['answerable']['n']}",
            *(
                f"{_ranged(one[kind]['auroc'])}; {100 * one[kind]['rejected']:.0f} % · "
                f"{100 * one[kind]['rejected_at_95']:.0f} %"
                for kind in kinds
            ),
        ]
        for name, models in result["sets"].items()
        for model, one in models.items()
    ]
    return _drawn([*heads[:2], *kinds], rows)


def _split_cell(one: Mapping[str, Any]) -> str:
    return f"{one['recall@5']:.3f} · {one['mrr']:.3f} · {one['passed']} of {one['of']}"


TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "ingest": _ingest,
    "embedding": _embedding,
    "embedding-int8": _embedding,
    "retrieval": _retrieval,
    "retrieval-postgres": _retrieval,
    "withheld": _withheld,
    "latency": _latency,
    "statistics": _statistics,
    "guards": _guards,
    "evaluation": _evaluation,
    "judge_injection": _judge_injection,
    "faithfulness": _faithfulness,
    "faults": _faults,
    "interchange": _interchange,
    "review_sampling": _review_sampling,
    "abstention": _abstention,
    "answerability": _answerability,
    "conflicts": _conflicts,
    "data_report": _data_report,
    "lab-null": _lab_null,
    "chunking": _chunking,
    "chunking-covidqa": _chunking,
    "adaptation": _adaptation,
    "store": _store,
    "splits": _splits,
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
