"""Metrics without a model against people: AUROC per labeled set, what each kind of error does, abstention, speed.

    python benchmarks/faithfulness.py --data DIR [--questions 300] [--out benchmarks/results/faithfulness.json]

Every items.jsonl below DIR ({context, response, label}) is a set, and every qa/*/corpus.jsonl one of scripted
sentences and of questions with and without an answer. The weights of the claim support score were fitted on the
items whose context's hash is even; figures are of the others, and of all beside them. Sets that the weights have
never seen are measured the same way: put them below DIR.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from abstention_sets import abstention
from faithfulness_sets import Item, read_labeled, script
from figures import auroc, balanced_accuracy, with_interval
from rich.progress import track

from answerable.adapters.embedders.cache import default_cache_folder
from answerable.answer.verification import check_text
from answerable.core.answer import Answer, Citation
from answerable.core.document import Chunk
from answerable.core.evaluation import EvalCase
from answerable.core.outcome import Outcome
from answerable.core.passage import Passage
from answerable.evals.metrics.claim_support import claim_support, weakest_claim
from answerable.evals.metrics.marks import find_marks
from answerable.evals.metrics.similarity import rouge_l
from answerable.evals.metrics.suite import production, production_case
from answerable.evals.metrics.support import THRESHOLD, support_text
from answerable.text.facts import facts, negations
from answerable.text.sentences import sentences
from answerable.text.stems import stems
from answerable.text.words import terms

PUBLISHED = [
    ("SummEdits, ten domains", "GPT-4", "balanced accuracy 0.824", "Laban et al. 2023, arXiv:2305.14540"),
    ("SummEdits, ten domains", "people (estimate)", "balanced accuracy 0.909", "Laban et al. 2023"),
    ("AggreFact-SOTA", "HHEM-2.1-Open", "balanced accuracy 0.766", "its model card; another set"),
    ("AggreFact-SOTA", "GPT-4-0613", "balanced accuracy 0.738", "the same card; another set"),
    (
        "LLM-AggreFact",
        "MiniCheck-Flan-T5-L",
        "on a par with GPT-4",
        "Tang et al. 2024, arXiv:2404.10774; another set",
    ),
    (
        "RAGChecker pairs",
        "RAGChecker with its LLM",
        "Pearson 0.619",
        "Ru et al. 2024, arXiv:2408.08067; another set",
    ),
    ("RAGChecker pairs", "two people with each other", "Pearson 0.701", "the same; another set"),
]
_CASE = EvalCase(id="benchmark", question="?")
Measure = Callable[[Item], float | None]


def answer_of(item: Item) -> Answer:
    """The response as an answer that cites its context."""
    chunk = Chunk(document_id="context", start=0, end=len(item.context), text=item.context)
    citation = Citation(n=1, chunk_id=chunk.id, document_id="context", quote="", start=0, end=len(item.context))
    return Answer(
        id="an",
        trace_id="",
        text=item.response,
        outcome=Outcome.ANSWERED,
        citations=(citation,),
        passages=(Passage(chunk=chunk, score=1.0),),
    )


def _token_precision(item: Item) -> float:
    source = set(terms(item.context))
    found = terms(item.response)
    return sum(one in source for one in found) / len(found) if found else 0.0


def _check_share(item: Item) -> float:
    found = [check_text(item.response[start:end], item.context) for start, end in sentences(item.response)]
    return sum(one.supported for one in found) / len(found) if found else 0.0


def _novel_facts(item: Item) -> float:
    found = find_marks(item.response, (item.context,))
    return -float(found.numbers + found.quantities + found.names)


MEASURES: Mapping[str, Measure] = {
    "claim support score": lambda one: support_text(one.response, one.context).score,
    "weakest_claim": lambda one: weakest_claim(_CASE, answer_of(one)).value,
    "claim_support": lambda one: claim_support(_CASE, answer_of(one)).value,
    "answer path's check, share": _check_share,
    "baseline: token precision": _token_precision,
    "baseline: ROUGE-L with the context": lambda one: rouge_l(stems(one.response), stems(one.context)),
    "baseline: novel numbers": lambda one: -float(find_marks(one.response, (one.context,)).numbers),
    "baseline: novel numbers, amounts, names": _novel_facts,
    "baseline: negation difference": lambda one: -float(abs(negations(one.response) - negations(one.context)) > 0),
    "baseline: names unknown": lambda one: -float(len(set(facts(one.response).names) - set(terms(one.context)))),
}


def measure(name: str, items: Sequence[Item]) -> dict[str, Any]:
    """Every measure on one set."""
    table: dict[str, Any] = {}
    for label, function in track(MEASURES.items(), description=name):
        values = [function(one) for one in items]
        kept = [(one, value) for one, value in zip(items, values, strict=True) if value is not None]
        held = [(one, value) for one, value in kept if one.held_out]
        table[label] = {"held out": _figures(held), "all": _figures(kept), "unmeasured": len(items) - len(kept)}
    return {
        "items": len(items),
        "supported": sum(one.label for one in items),
        "sources": len({one.context for one in items}),
        "measures": table,
        "at the threshold": _at_threshold([one for one in items if one.held_out]),
        "by kind": _by_kind([one for one in items if one.held_out]),
    }


def _figures(kept: Sequence[tuple[Item, float]]) -> dict[str, Any]:
    labels = np.array([one.label for one, _ in kept], dtype=float)
    values = np.array([value for _, value in kept])
    return {"n": len(kept), "auroc": with_interval(auroc, labels, values, [one.context for one, _ in kept])}


def _at_threshold(items: Sequence[Item]) -> dict[str, Any]:
    """What the shipped threshold does, beside the answer path's check."""
    labels = np.array([one.label for one in items], dtype=float)
    clusters = [one.context for one in items]
    scored = np.array([support_text(one.response, one.context).score or 0.0 for one in items])
    checked = np.array([float(_check_share(one) == 1.0) for one in items])
    return {
        "n": len(items),
        "threshold": THRESHOLD,
        "score": with_interval(balanced_accuracy, labels, scored, clusters),
        "answer path's check": with_interval(balanced_accuracy, labels, checked, clusters),
        "supported kept": round(float((scored >= THRESHOLD)[labels == 1].mean()), 4),
        "unsupported caught": round(float((scored < THRESHOLD)[labels == 0].mean()), 4),
    }


def _by_kind(items: Sequence[Item]) -> dict[str, dict[str, Any]]:
    """For each kind of item how many are called unsupported, and by which mark."""
    table: dict[str, Counter[str]] = {}
    for one in items:
        found = support_text(one.response, one.context)
        for kind in (one.kind or "unnamed").split("+"):
            row = table.setdefault(f"{'supported' if one.label else 'unsupported'}: {kind}", Counter())
            row["n"] += 1
            row["called unsupported"] += not found.supported
            if not found.supported:
                row[f"by {found.kind}"] += 1
    return {kind: dict(row) for kind, row in sorted(table.items())}


def speed(data: Path) -> dict[str, Any]:
    """Wall time of all production metrics on answers over five passages, each answer seen once."""
    corpora = [path for path in sorted(data.rglob("corpus.jsonl")) if path.parent.parent.name == "qa"]
    rows = [json.loads(line) for path in corpora for line in path.read_text("utf-8").splitlines()]
    metrics = production()
    asyncio.run(metrics[0].score(_CASE, _speed_answer(rows[:5], 1)))
    return {
        f"{sentences_each * 5} sentences": _timed(metrics, rows, sentences_each) for sentences_each in (1, 2, 8)
    }


def _timed(metrics: Sequence[Any], rows: Sequence[Mapping[str, str]], each: int) -> dict[str, Any]:
    async def one(answer: Answer) -> tuple[float, float]:
        began, cpu = time.perf_counter(), time.thread_time()
        for metric in metrics:
            await metric.score(production_case("What holds?"), answer)
        return (time.perf_counter() - began) * 1000, (time.thread_time() - cpu) * 1000

    answers = [_speed_answer(rows[place : place + 5], each) for place in range(0, len(rows) - 5, 5)]
    wall, cpu = np.array([asyncio.run(one(answer)) for answer in answers]).T
    return {
        "answers": len(answers),
        "words": round(float(np.mean([len(answer.text.split()) for answer in answers]))),
        "wall_ms": {
            "p50": round(float(np.quantile(wall, 0.5)), 1),
            "p95": round(float(np.quantile(wall, 0.95)), 1),
        },
        "cpu_ms": {"p50": round(float(np.quantile(cpu, 0.5)), 1), "p95": round(float(np.quantile(cpu, 0.95)), 1)},
    }


def _speed_answer(rows: Sequence[Mapping[str, str]], each: int) -> Answer:
    """Sentences of five passages, one word of each left out so that none is a quote, each citing its passage."""
    text, citations, passages = [], [], []
    for n, row in enumerate(rows, start=1):
        chunk = Chunk(document_id=row["_id"], start=0, end=len(row["text"]), text=row["text"])
        passages.append(Passage(chunk=chunk, score=1.0, title=row.get("title", ""), uri=row["_id"]))
        citations.append(
            Citation(
                n=n, chunk_id=chunk.id, document_id=row["_id"], quote=row["text"], start=0, end=len(row["text"])
            )
        )
        for start, end in sentences(row["text"])[:each]:
            words = row["text"][start:end].rstrip(".").split()
            text.append(f"{' '.join(words[:2] + words[3:])} [{n}].")
    return Answer(
        id="an",
        trace_id="",
        text=" ".join(text),
        outcome=Outcome.ANSWERED,
        citations=tuple(citations),
        passages=tuple(passages),
    )


def show(result: Mapping[str, Any]) -> None:
    """The table on the terminal."""
    for name, one in result["sets"].items():
        print(f"\n{name}: {one['items']} items, {one['supported']} supported, {one['sources']} sources")
        for label, row in one["measures"].items():
            held, every = row["held out"]["auroc"], row["all"]["auroc"]
            interval = f"[{held['low']:.3f}, {held['high']:.3f}] of {row['held out']['n']}"
            print(f"  {label:<42}{held['value']:.3f} {interval}; all {every['value']:.3f}")
        print(f"  at {THRESHOLD}: {one['at the threshold']}")
    print(json.dumps({key: result[key] for key in ("abstention", "speed")}, indent=1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=300, help="of each question set; 0: no abstention")
    parser.add_argument("--cache", type=Path, default=default_cache_folder() / "benchmarks")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    sets = {**read_labeled(options.data), **script(options.data, count=options.questions or 100)}
    result: dict[str, Any] = {
        "command": f"python benchmarks/faithfulness.py --data DIR --questions {options.questions}",
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {"cpus": os.cpu_count(), "machine": platform.machine(), "python": sys.version.split()[0]},
        "load_before": round(os.getloadavg()[0], 1),
        "note": "scripted sets are sentences of known truth, not a model's; held-out items were not fitted to",
        "sets": {name: measure(name, items) for name, items in sets.items()},
        "speed": speed(options.data),
        "abstention": asyncio.run(abstention(options.data, options.questions, options.cache)),
        "published": [dict(zip(("set", "what", "figure", "source"), one, strict=True)) for one in PUBLISHED],
    }
    show(result)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
