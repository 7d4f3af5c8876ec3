"""Measure the guards on public sets: recall or false positives per set with 95 % Wilson intervals, and latency.

    python benchmarks/guards.py --data DIR --out benchmarks/results/guards.json

A set that the classifiers were trained on counts only with its test part (the split of train_injection.py), and
the thresholds are those of the code. Rates are never averaged over sets.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from train_injection import QUESTION_HELD_OUT, QUESTION_SETS, groups, part_of, read

from answerable.core.query import Query
from answerable.guards.chain import default_guards
from answerable.guards.detection import detection_form, fold_lookalikes
from answerable.guards.documents import scan_text
from answerable.guards.injection import BLOCK_AT, FLAG_AT, scan_question
from answerable.guards.links import clean
from answerable.guards.pii import personal_data
from answerable.guards.safety import harms
from answerable.guards.scope import misuses
from answerable.guards.secrets import secrets
from answerable.text.canonical import canonicalize

Row = dict[str, object]
STRUCTURED = ("EMAIL_ADDRESS", "IBAN_CODE", "CREDIT_CARD", "IP_ADDRESS", "US_SSN")


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927)."""
    if not n:
        return (0.0, 1.0)
    share, spread = hits / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z * np.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return (round(float(middle - half), 4), round(float(middle + half), 4))


def rate(values: Sequence[bool]) -> dict[str, object]:
    """hits, n, share and interval."""
    hits, n = sum(values), len(values)
    return {"hits": hits, "n": n, "share": round(hits / n, 4) if n else None, "interval95": wilson(hits, n)}


def question_parts(data: Path) -> dict[str, list[Row]]:
    """The rows that no classifier was trained on, by set and label."""
    found = [(name, row) for name in [*QUESTION_SETS, *QUESTION_HELD_OUT] for row in read(data, name)]
    group = groups([str(row["text"]) for _, row in found])
    texts = [str(row["text"]) for _, row in found]
    held = {group[i] for i, (name, _) in enumerate(found) if name in QUESTION_HELD_OUT}
    parts: dict[str, list[Row]] = {}
    for i, (name, row) in enumerate(found):
        if name in QUESTION_HELD_OUT or group[i] in held or part_of(texts[group[i]][:400]) == "test":
            label = "in-scope" if name == "clinc_oos" and row["intent"] != "oos" else f"label {row['label']}"
            parts.setdefault(f"{name} ({label})", []).append(row)
    return parts


def measure_questions(data: Path) -> dict[str, object]:
    """Flagged or blocked, blocked, and turned away by any guard; per set."""
    result: dict[str, object] = {}
    for name, rows in question_parts(data).items():
        texts = [str(row["text"])[:4000] for row in rows]
        scores = [scan_question(text).score for text in texts]
        result[name] = {
            "injection: flagged or blocked": rate([score >= FLAG_AT for score in scores]),
            "injection: blocked": rate([score >= BLOCK_AT for score in scores]),
            "scope": rate([bool(misuses(text)) for text in texts]),
            "safety": rate([bool(harms(text)) for text in texts]),
            "any of the three": rate(
                [
                    score >= FLAG_AT or bool(misuses(text) or harms(text))
                    for score, text in zip(scores, texts, strict=True)
                ]
            ),
        }
    result["advbench_harmful (label 1)"] = {
        "safety": rate([bool(harms(str(row["text"]))) for row in read(data, "advbench_harmful")])
    }
    return result


def measure_documents(data: Path) -> dict[str, object]:
    """Share of documents that are marked. `unseen kinds` are payload kinds that no training row had."""
    result: dict[str, object] = {}
    for name in ("ai_docs_injected_public", "bipia_composed_docs", "spikee_v01_documents", "spikee_2026_composed",
                 "benign_ai_docs", "benign_security_docs"):  # fmt: skip
        rows = read(data, name)
        marked = [bool(scan_text(str(row["text"]))) for row in rows]
        for label in (0, 1):
            if chosen := [hit for hit, row in zip(marked, rows, strict=True) if row["label"] == label]:
                result[f"{name} (label {label})"] = rate(chosen)
        unseen = [hit for hit, row in zip(marked, rows, strict=True) if _unseen(row)]
        if unseen:
            result[f"{name} (unseen kinds or texts)"] = rate(unseen)
        if name == "benign_security_docs":
            result[f"{name} (quotes attacks)"] = rate(
                [hit for hit, row in zip(marked, rows, strict=True) if row["mentions_attack"]]
            )
    return result


def _unseen(row: Row) -> bool:
    kind = row.get("jailbreak") or row.get("category") or row.get("instruction")
    return row["label"] == 1 and kind is not None and part_of(str(kind)) == "test"


def measure_canonical(data: Path) -> dict[str, object]:
    """Recovery per transform: the hidden text stands in the detection form; benign text is unchanged."""
    by: dict[str, list[bool]] = {}
    for row in read(data, "gen_obfuscation"):
        text, base, transform = str(row["text"]), str(row["base"]), str(row["transform"])
        if transform == "benign_unicode":
            by.setdefault("benign changed", []).append(canonicalize(text).text != text)
        else:
            by.setdefault(transform, []).append(_words(base) in _words(detection_form(text)))
    return {name: rate(values) for name, values in by.items()}


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", fold_lookalikes(text)))


def measure_links(data: Path) -> dict[str, object]:
    """Foreign URLs and tags that survive, benign texts that change (docs.example.com is allow-listed)."""
    rows = read(data, "gen_markdown_exfil")
    left = re.compile(r"evil\.example/|://(?!docs\.example\.com)|javascript:|data:|<[a-z/!]|src=|href=", re.I)
    payloads = [
        json.loads(payload)
        for payload in re.findall(
            r'"payload":\s*("(?:[^"\\]|\\.)*")', (data / "dompurify_expect" / "expect.mjs").read_text()
        )
    ]
    outside = [re.sub(r"`[^`]*`", "", clean(payload)) for payload in payloads]
    return {
        "exfiltration survives": rate(
            [bool(left.search(clean(str(r["text"]), ("docs.example.com",)))) for r in rows if r["label"]]
        ),
        "benign changed": rate(
            [clean(str(r["text"]), ("docs.example.com",)) != r["text"] for r in rows if not r["label"]]
        ),
        "DOMPurify payloads: a tag survives outside of code": rate(
            [bool(re.search(r"<[a-zA-Z/!?]", o)) for o in outside]
        ),
    }


def measure_pii(data: Path) -> dict[str, object]:
    """Recall per kind of value, and documents and questions with anything found."""
    by: dict[str, list[bool]] = {}
    for row in read(data, "presidio_synth_v2"):
        found = personal_data(str(row["text"]))
        for span in row["spans"]:  # type: ignore[attr-defined]
            hit = any(one.start < span["end_position"] and span["start_position"] < one.end for one in found)
            kind = span["entity_type"]
            by.setdefault("structured" if kind in STRUCTURED else kind, []).append(hit)
    result: dict[str, object] = {kind: rate(by[kind]) for kind in ("structured", "PHONE_NUMBER")}
    for name in ("benign_ai_docs", "banking77_train", "clinc_oos"):
        result[f"{name} (false positives)"] = rate(
            [bool(personal_data(str(row["text"]))) for row in read(data, name)]
        )
    return result


def measure_secrets(data: Path) -> dict[str, object]:
    """Without the rows on IP addresses (that is personal data) and on bare entropy (no rule of ours)."""
    rows = [
        r for r in read(data, "detect_secrets_tests") if r["rule"] not in ("ip_public", "high_entropy_strings")
    ]
    return {
        "recall": rate([bool(secrets(str(row["text"]))) for row in rows if row["label"]]),
        "false positives": rate([bool(secrets(str(row["text"]))) for row in rows if not row["label"]]),
        "benign_ai_docs (false positives)": rate(
            [bool(secrets(str(row["text"]))) for row in read(data, "benign_ai_docs")]
        ),
    }


def measure_latency(data: Path) -> dict[str, object]:
    """CPU milliseconds, p50 and p95: a question through the question guards, a chunk, an answer."""
    questions = [str(row["text"])[:4000] for name in ("banking77_train", "deepset_prompt_injections")
                 for row in read(data, name)[:300]]  # fmt: skip
    chunks = [str(row["text"]) for row in read(data, "benign_ai_docs")[:300]]
    thousand = [chunk[:1000] for chunk in chunks if len(chunk) >= 1000]
    guards = [guard for guard in default_guards() if guard.stage != "answer"]

    async def ask(text: str) -> None:
        for guard in guards:
            await guard.check(Query(text=text, tenant="t"), None)

    return {
        "question, all guards": timings(questions, lambda text: asyncio.run(ask(text))),
        "question, injection": timings(questions, scan_question),
        "question of 1,000 characters, injection": timings(thousand, scan_question),
        "chunk, injection": timings(chunks, scan_text),
        "chunk, links": timings(chunks, clean),
        "chunk, personal data": timings(chunks, personal_data),
        "chunk, credentials": timings(chunks, secrets),
    }


def timings(texts: Sequence[str], work: Callable[[str], object]) -> dict[str, float]:
    """Milliseconds of CPU a text: what other programs do meanwhile is not the guard's."""
    work(texts[0])
    taken = list(_times(texts, work))
    return {
        "p50_ms": round(float(np.percentile(taken, 50)), 3),
        "p95_ms": round(float(np.percentile(taken, 95)), 3),
        "p50_ms_per_1000_chars": round(
            float(np.percentile([ms * 1000 / max(1, len(t)) for ms, t in zip(taken, texts, strict=True)], 50)), 3
        ),
        "n": len(texts),
    }


def _times(texts: Sequence[str], work: Callable[[str], object]) -> Iterator[float]:
    for text in texts:
        start = time.thread_time()
        work(text)
        yield (time.thread_time() - start) * 1000


def main() -> None:
    """Measure everything; write JSON and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/guards.json"))
    arguments = parser.parse_args()
    measures = {
        "questions": measure_questions,
        "documents": measure_documents,
        "disguises": measure_canonical,
        "links": measure_links,
        "personal data": measure_pii,
        "credentials": measure_secrets,
        "latency": measure_latency,
    }
    result = {name: measure(arguments.data) for name, measure in measures.items()}
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1) + "\n")
    for name, table in result.items():
        print(f"## {name}")
        for key, value in table.items():
            print(f"{key:50s} {json.dumps(value)}")


if __name__ == "__main__":
    main()
