"""Topics found in labeled questions: how well they fit the labels, and what they take.

    python benchmarks/topics.py --data DIR [--questions 3000] [--out benchmarks/results/topics.json]

DIR holds banking77_train and clinc_oos (guard/ of the evaluation data). The cost at which merging ends was chosen
on the first set; the second is only measured. ARI: Hubert and Arabie 1985; NMI with the mean of both entropies.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import platform
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from answerable.adapters.embedders.minilm import MiniLM
from answerable.adapters.embedders.weights import find_weights
from answerable.monitor.clustering import COST, clusters, directions
from answerable.monitor.topics import Topic, Topics

SETS = {"banking77_train": "the merging cost was chosen on it", "clinc_oos": "only measured"}
LOOKUPS = 2000


def read(folder: Path, name: str, count: int) -> list[dict[str, Any]]:
    """A sample with labels; questions that have none in the set are left out."""
    plain = folder / name / "data.jsonl"
    packed = folder / name / "data.jsonl.gz"
    text = plain.read_text("utf-8") if plain.exists() else gzip.decompress(packed.read_bytes()).decode()
    rows = [one for one in map(json.loads, text.splitlines()) if one["intent"] != "oos"]
    chosen = np.random.default_rng(0).permutation(len(rows))[:count]
    return [rows[n] for n in sorted(chosen)]


def agreement(truth: npt.NDArray[Any], found: npt.NDArray[Any]) -> tuple[float, float]:
    """(ARI, NMI)."""
    a, b = np.unique(truth, return_inverse=True)[1], np.unique(found, return_inverse=True)[1]
    both = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(both, (a, b), 1)
    pairs = [float((one * (one - 1) / 2).sum()) for one in (both, both.sum(axis=1), both.sum(axis=0))]
    chance = pairs[1] * pairs[2] / (len(a) * (len(a) - 1) / 2)
    ari = (pairs[0] - chance) / ((pairs[1] + pairs[2]) / 2 - chance)
    p = both / len(a)
    pa, pb = p.sum(axis=1, keepdims=True), p.sum(axis=0, keepdims=True)
    full = p > 0
    mutual = float((p[full] * np.log(p[full] / (pa @ pb)[full])).sum())
    entropies = [-float((q[q > 0] * np.log(q[q > 0])).sum()) for q in (pa, pb)]
    return ari, 2 * mutual / sum(entropies)


async def measure(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Cluster, compare, cluster another half to see which ids stay, and look topics up."""
    model = MiniLM(find_weights(None), precision="int8")
    vectors = np.concatenate([await model.embed([one["text"] for one in rows[n : n + 200]], kind="query")
                              for n in range(0, len(rows), 200)]).astype(np.float32)  # fmt: skip
    model.close()
    truth = np.array([one["intent"] for one in rows])
    begun = time.process_time()
    labels = clusters(vectors, most=500)
    cpu = time.process_time() - begun
    ari, nmi = agreement(truth, labels)
    first, second = (_topics(vectors[half::2]) for half in (0, 1))
    kept = len({one.id for one in second.following(first).topics} & {one.id for one in first.topics})
    begun = time.perf_counter()
    for vector in vectors[:LOOKUPS]:
        first.topic_of(vector)
    each = (time.perf_counter() - begun) / min(LOOKUPS, len(vectors))
    return {
        "set": name, "note": SETS[name], "questions": len(rows), "labels": len(set(truth.tolist())),
        "topics": int(labels.max()) + 1, "ari": round(ari, 3), "nmi": round(nmi, 3), "cpu_s": round(cpu, 2),
        "lookup_us": round(each * 1e6, 1), "ids_kept": kept, "of_topics": len(first.topics),
    }  # fmt: skip


def _topics(vectors: npt.NDArray[np.float32]) -> Topics:
    labels = clusters(vectors, most=500)
    centers = directions(vectors, labels)
    topics = tuple(
        Topic(id=f"t-{id(vectors)}-{n}", name="", size=1, persons=None, reach=-1.0) for n in range(len(centers))
    )
    return Topics(model="m", made_at=datetime.now(UTC), topics=topics, centers=centers, cases=centers[:0])


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=3000)
    parser.add_argument("--out", type=Path, default=None)
    arguments = parser.parse_args()
    result: dict[str, Any] = {
        "machine": {"python": platform.python_version(), "cpu": platform.processor() or platform.machine()},
        "cost": COST, "embedder": "MiniLM int8", "rows": [],
    }  # fmt: skip
    for name in SETS:
        result["rows"].append(asyncio.run(measure(name, read(arguments.data, name, arguments.questions))))
        print(json.dumps(result["rows"][-1]), flush=True)
        if arguments.out is not None:
            arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
