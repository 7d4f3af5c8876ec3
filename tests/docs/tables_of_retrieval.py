"""The tables of retrieval: chunking, search, reranking, stores, peers, data quality."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn, ranged

_ARMS = {
    "dense": "dense",
    "bm25": "BM25",
    "hybrid-rrf": "reciprocal ranks, k 60",
    "hybrid": "ours: min-max, half and half",
    "hybrid+rerank": "and re-ranked",
    "hybrid+proximity": "and by coverage and proximity",
    "hybrid+late": "and by late interaction: the default",
}


def _retrieval(result: Mapping[str, Any]) -> str:
    arms = [arm for arm in next(iter(result["sets"].values()))["arms"] if arm != "bm25-reference"]
    rows = []
    for name, one in sorted(result["sets"].items()):
        scores = [one["arms"][arm]["ndcg@10"]["mean"] for arm in arms]
        rows.append([name, f"{one['queries']:,}", one["language"], *(f"{score:.3f}" for score in scores)])
    return drawn(["nDCG@10", "questions", "language", *(_ARMS.get(arm, arm) for arm in arms)], rows)


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
    learned = drawn(heads, sorted(rows))
    return learned + (
        "\n" + drawn(("labels without meaning", "set", "pairs", "taken for a gain"), nulls) if nulls else ""
    )


_LEARNED = {
    "embedding_query": "embedding, at the query",
    "embedding_both": "embedding, at both ends",
    "reranker": "reranker",
    "null_reranker": "reranker, gold shuffled among the candidates",
    "null_embedding": "embedding, gold of another question",
}


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
    return drawn(heads, [_strategy(one) for one in result["rows"]])


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
    return drawn(["settings that differ by chance", "leaving early", "false verdicts", ""], rows)


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
    return "\n".join([drawn(heads, rows), drawn(fields, written)])


def _splits(result: Mapping[str, Any]) -> str:
    rows = [
        [one["split"], *(_split_cell(one[name]) for name in ("before", "now", "twins"))]
        for one in result["splits"]
    ]
    return drawn(["recall@5 · MRR · passed", "before", "now", "clean twins"], rows)


def _split_cell(one: Mapping[str, Any]) -> str:
    return f"{one['recall@5']:.3f} · {one['mrr']:.3f} · {one['passed']} of {one['of']}"


def _answerability(result: Mapping[str, Any]) -> str:
    heads = ("set, model", "answerable: kept at 0.3", *result["sets"]["clapnq"]["shipped"])
    kinds = [one for one in heads[3:] if one != "answerable"]
    rows = [
        [
            f"{name}, {model}",
            f"{100 * one['answerable']['kept']:.0f} % of {one['answerable']['n']}",
            *(
                f"{ranged(one[kind]['auroc'])}; {100 * one[kind]['rejected']:.0f} % · "
                f"{100 * one[kind]['rejected_at_95']:.0f} %"
                for kind in kinds
            ),
        ]
        for name, models in result["sets"].items()
        for model, one in models.items()
    ]
    return drawn([*heads[:2], *kinds], rows)


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
            drawn(["seeded part", "found of the conflicts", "right of the findings"], parts),
            drawn(["corpus", "seen before", "documents", "statements", "findings"], corpora),
            drawn(["answers", "asked", "ended", "only one side cited"], asked),
        ]
    )


def _data_report(result: Mapping[str, Any]) -> str:
    heads = ["documents", "CPU, s", "of it findings", "statements", "comparing", "memory above the corpus, MB"]
    keys = ("cpu_s", "inspect_cpu_s", "read_statements_cpu_s", "compare_cpu_s", "peak_mb_above_corpus")
    return drawn(heads, [[f"{one['documents']:,}", *(f"{one[key]}" for key in keys)] for one in result["sizes"]])


def _of(one: Mapping[str, Any]) -> str:
    counted = f"{one['k']} of {one['n']}"
    return counted if one["n"] < 30 else f"{counted} ({one['low']:.2f} to {one['high']:.2f})"


_COSTS = {
    "start_cpu_s": "start, CPU s",
    "ingest_cpu_s": "ingest, CPU s",
    "ingest_postgres_cpu_s": "of Postgres",
    "unchanged_cpu_s": "unchanged, CPU s",
    "changed_cpu_s": "1 % changed, CPU s",
    "query_p50_ms": "question, ms p50",
    "query_p95_ms": "p95",
    "query_cpu_ms": "CPU ms",
    "query_postgres_cpu_ms": "of Postgres",
    "peak_mb": "peak MB",
}


def _peers(result: Mapping[str, Any]) -> str:
    costs = [[name, *(_rounded(key, row[key]) for key in _COSTS)] for name, row in result["speed"].items()]
    tables = [drawn(["system", *_COSTS.values()], costs)]
    for name, rows in result.get("quality", {}).items():
        found = [
            [system, f"{row['ndcg@10']:.3f}", f"{row['recall@10']:.3f}", _against(row.get("ours_minus_it"))]
            for system, row in rows.items()
        ]
        asked = f"{name}, {rows['answerable']['n']} questions"
        tables.append(drawn([asked, "nDCG@10", "recall@10", "ours − it"], found))
    return "\n".join(tables)


def _rounded(key: str, cost: float) -> str:
    return f"{cost:.0f}" if key == "peak_mb" else f"{cost:.1f}" if "ms" in key else f"{cost:.2f}"


def _against(one: Mapping[str, Any] | None) -> str:
    return f"{one['mean']:+.3f} ({one['low']:+.3f} .. {one['high']:+.3f}) {one['ours_is']}" if one else ""


RETRIEVAL_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "retrieval": _retrieval,
    "retrieval-postgres": _retrieval,
    "answerability": _answerability,
    "conflicts": _conflicts,
    "data_report": _data_report,
    "lab-null": _lab_null,
    "chunking": _chunking,
    "chunking-covidqa": _chunking,
    "adaptation": _adaptation,
    "store": _store,
    "splits": _splits,
    "peers": _peers,
}
