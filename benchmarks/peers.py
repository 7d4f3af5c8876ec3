"""LlamaIndex, LangChain and Haystack on pgvector beside answerable: what they find, and what it costs.

    python benchmarks/peers.py quality --data DIR [--envs DIR] [--cache DIR] [--out FILE]
    python benchmarks/peers.py speed --data DIR [--rounds 3] …

Each peer in an environment of its own, built from `peers/NAME.txt` below `--envs`; each in the form its
documentation begins with and in its hybrid form; the same files, questions, Postgres and embedding
(`peers/encoder.py`). `quality` embeds with all-MiniLM-L6-v2. `speed` takes vectors made from a hash, which cost
next to nothing, so that what is measured is the framework's own work; the systems take turns, and every round
begins with another one. CPU is read from /proc and is the process's with its children and, apart from that, the
database server's; Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from ingest import family, processes
from psycopg import sql
from psycopg.conninfo import make_conninfo

from answerable.adapters.embedders.cache import default_cache_folder
from answerable.adapters.embedders.graph import cached_graph
from answerable.adapters.embedders.weights import find_weights
from answerable.adapters.postgres.embedded import Embedded
from answerable.adapters.postgres.migrations import Migrations
from answerable.adapters.postgres.roles import give_login
from answerable.evals.metrics.ranking import ndcg, recall
from answerable.evals.stats.paired import paired_difference
from answerable.evals.stats.verdict import judge_change

HERE = Path(__file__).parent / "peers"
PEERS = ("answerable", "llamaindex", "langchain", "haystack")
STAGES = ("start", "ingest", "unchanged", "changed", "search")
SETS = ("qa/squad2", "qa/clapnq", "chunking/covidqa", "multilingual/xquad_en")
LARGE = "retrieval/scifact"
CHANGED = 0.01  # of the files, before the stage "changed"


@dataclass(frozen=True)
class System:
    """One peer in one of its forms."""

    name: str
    mode: str  # default | hybrid; answerable has one form, and it is hybrid

    @property
    def label(self) -> str:
        return self.name if self.name == "answerable" else f"{self.name}, {self.mode}"


SYSTEMS = (
    System("answerable", "hybrid"),
    *(System(name, mode) for name in PEERS[1:] for mode in ("default", "hybrid")),
)


@dataclass(frozen=True)
class Corpus:
    """A set as a folder of files, and its questions."""

    folder: Path
    queries: dict[str, str]
    relevant: dict[str, dict[str, int]]  # query → file name → grade

    def asking(self, most: int) -> Corpus:
        """The same with so many of its questions, taken from everywhere in the set."""
        step = -(-len(self.queries) // most)
        kept = dict(list(self.queries.items())[::step])
        return Corpus(self.folder, kept, {query: self.relevant[query] for query in kept})


def write_corpus(source: Path, folder: Path, *, files: int | None = None) -> Corpus:
    """One Markdown file a document, its title as a heading; with `files`, so many of them."""
    folder.mkdir(parents=True)
    names = {}
    for number, row in enumerate(islice(_rows(source / "corpus.jsonl"), files)):
        names[row["_id"]] = f"{number:05d}.md"
        title = row.get("title", "").strip()
        (folder / names[row["_id"]]).write_text(f"# {title}\n\n{row['text']}\n" if title else f"{row['text']}\n")
    relevant: dict[str, dict[str, int]] = {}
    for line in (source / "qrels.tsv").read_text().splitlines()[1:]:
        query, document, grade = line.split("\t")
        if int(grade) > 0 and document in names:
            relevant.setdefault(query, {})[names[document]] = int(grade)
    queries = {row["_id"]: row["text"] for row in _rows(source / "queries.jsonl") if row["_id"] in relevant}
    return Corpus(folder=folder, queries=queries, relevant=relevant)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


@dataclass(frozen=True)
class Bench:
    """Where everything is."""

    server: Embedded
    postmaster: int
    envs: Path
    cache: Path
    graph: Path
    tokenizer: Path

    def python(self, name: str) -> str:
        return sys.executable if name == "answerable" else str(self.envs / name / "bin" / "python")

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """The URL of an empty database; for answerable a migrated one, as its service sees it."""
        made = f"peer_{os.getpid()}_{random.getrandbits(32):08x}"
        admin, url = self.server.url("postgres"), self.server.url(made)
        _administer(admin, "CREATE DATABASE {}", made)
        try:
            _administer(url, "CREATE EXTENSION IF NOT EXISTS vector")
            yield _service_url(self.server, url) if name == "answerable" else url
        finally:
            _administer(admin, "DROP DATABASE {} WITH (FORCE)", made)

    def run(self, system: System, corpus: Corpus, *, real: bool, folder: Path) -> dict[str, Any]:
        """One system from nothing to its last answer: what it said and what each stage cost."""
        folder.mkdir(parents=True)
        questions = folder / "queries.json"
        questions.write_text(json.dumps(corpus.queries))
        with self.database(system.name) as url:
            given = {
                "url": url,
                "corpus": corpus.folder,
                "queries": questions,
                "mode": system.mode,
                "graph": self.graph if real else "",
                "tokenizer": self.tokenizer,
                "cache": self.cache / "peers.sqlite",
                "folder": folder,
            }
            arguments = [part for key, value in given.items() for part in (f"--{key}", str(value))]
            command = [self.python(system.name), str(HERE / f"peer_{system.name}.py"), *arguments]
            return self._drive(command, corpus, url, log=folder / "stderr.txt")

    def _drive(self, command: Sequence[str], corpus: Corpus, url: str, *, log: Path) -> dict[str, Any]:
        quiet = {
            "HAYSTACK_TELEMETRY_ENABLED": "false",
            "LANGCHAIN_TRACING_V2": "false",
            "OPENBLAS_NUM_THREADS": "1",  # as `answerable` sets it for itself
        }
        found: dict[str, Any] = {}
        with log.open("w") as errors, Meter(self.postmaster) as meter:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, **quiet, "PEER_URL": url},
            )
            meter.root = process.pid
            assert process.stdin is not None and process.stdout is not None
            for stage in STAGES:
                line = _next_report(process, log)
                found[stage] = {**line, **meter.lap()}
                if stage == "unchanged":
                    _change_some(corpus.folder)
                    meter.lap()
                process.stdin.write("\n")
                process.stdin.flush()
            found["peak_mb"] = round(meter.peak_mb)
            process.wait(timeout=60)
        return found


def _next_report(process: subprocess.Popen[str], log: Path) -> dict[str, Any]:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("{"):
            return json.loads(line)
    raise SystemExit(f"{process.args!r} ended:\n{log.read_text()[-3000:]}")


def _change_some(folder: Path) -> None:
    """A sentence more in one file of a hundred, the same ones for every system."""
    files = sorted(folder.glob("*.md"))
    for path in files[:: max(1, round(1 / CHANGED))]:
        path.write_text(
            f"{path.read_text().rstrip()} It was revised in {random.Random(path.name).randint(1990, 2026)}.\n"
        )


class Meter:
    """CPU and memory of a process with its children, and CPU of the server, from one lap to the next."""

    def __init__(self, postmaster: int) -> None:
        self.root = 0
        self.peak_mb = 0.0
        self._postmaster = postmaster
        self._stop = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._last = (time.perf_counter(), 0.0, 0.0)

    def __enter__(self) -> Meter:
        self._last = (time.perf_counter(), 0.0, self._cpu()[1])
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._watch.join()

    def lap(self) -> dict[str, float]:
        """Seconds since the last one."""
        now = (time.perf_counter(), *self._cpu())
        wall, own, server = (after - before for after, before in zip(now, self._last, strict=True))
        self._last = now
        return {"wall_s": wall, "cpu_s": own, "postgres_cpu_s": server}

    def _cpu(self) -> tuple[float, float]:
        table = processes()
        own = family(table, self.root) if self.root else []
        self.peak_mb = max(self.peak_mb, sum(one.memory_mb for one in own))
        return sum(one.cpu_s for one in own), sum(one.cpu_s for one in family(table, self._postmaster))

    def _look(self) -> None:
        while not self._stop.wait(0.5):
            self._cpu()


def _administer(url: str, statement: str, *identifiers: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in identifiers)))


def _service_url(server: Embedded, url: str) -> str:
    asyncio.run(Migrations(url).migrate())
    asyncio.run(give_login(url, schema="answerable", password=server.service_password))
    return make_conninfo(url, user="answerable_service", password=server.service_password)


# quality ---------------------------------------------------------------------------------------------------


def quality(bench: Bench, data: Path, scratch: Path, systems: Sequence[System], questions: int) -> dict[str, Any]:
    """nDCG@10 and recall@10 on every set, and ours against each peer's form, question by question."""
    found: dict[str, Any] = {}
    for name in SETS:
        rows: dict[str, Any] = {}
        for system in systems:
            place = scratch / f"{name.replace('/', '-')}-{system.label.replace(', ', '-')}"
            corpus = write_corpus(data / name, place / "corpus").asking(questions)
            said = bench.run(system, corpus, real=True, folder=place / "own")
            rows[system.label] = _judge(corpus, said["search"]["ranked"]) | {"costs": _costs(said)}
            _say(f"{name}  {system.label}: nDCG@10 {rows[system.label]['ndcg@10']:.3f}")
        found[name] = _compared(rows)
    return found


def _judge(corpus: Corpus, ranked: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    gains = [ndcg(ranked[query], grades) or 0.0 for query, grades in corpus.relevant.items()]
    recalls = [recall(ranked[query], grades) or 0.0 for query, grades in corpus.relevant.items()]
    return {
        "n": len(gains),
        "ndcg@10": round(statistics.fmean(gains), 4),
        "recall@10": round(statistics.fmean(recalls), 4),
        "each": gains,
        "clusters": [min(grades) for grades in corpus.relevant.values()],
    }


def _compared(rows: dict[str, Any]) -> dict[str, Any]:
    """Each with the difference of ours to it; questions of one document stand or fall together."""
    ours = rows["answerable"]
    for label, row in rows.items():
        if label != "answerable":
            differences = [one - other for one, other in zip(ours["each"], row["each"], strict=True)]
            found = paired_difference(differences, ours["clusters"])
            verdict = judge_change(found, margin=0.0, p=found.p, alpha=0.05)
            row["ours_minus_it"] = {
                "mean": round(found.mean, 4),
                "low": round(found.interval.low, 4),
                "high": round(found.interval.high, 4),
                "p": round(found.p, 5),
                "ours_is": verdict.value,
            }
    return {
        label: {key: row[key] for key in row if key not in ("each", "clusters")} for label, row in rows.items()
    }


# speed -----------------------------------------------------------------------------------------------------


def speed(
    bench: Bench,
    data: Path,
    scratch: Path,
    systems: Sequence[System],
    rounds: int,
    files: int | None,
    questions: int,
) -> dict[str, Any]:
    """Every system `rounds` times, in turn; medians of what each stage cost."""
    runs: dict[str, list[dict[str, Any]]] = {system.label: [] for system in systems}
    for number in range(rounds):
        order = [*systems[number % len(systems) :], *systems[: number % len(systems)]]
        for system in order:
            place = scratch / f"speed-{number}-{system.label.replace(', ', '-')}"
            corpus = write_corpus(data / LARGE, place / "corpus", files=files)
            corpus = corpus.asking(questions)
            said = bench.run(system, corpus, real=False, folder=place / "own")
            runs[system.label].append(_costs(said))
            _say(f"round {number + 1}  {system.label}: {json.dumps(runs[system.label][-1])}")
    return {label: _median(rows) for label, rows in runs.items()}


def _costs(said: Mapping[str, Any]) -> dict[str, float]:
    costs = {"peak_mb": float(said["peak_mb"])}
    for stage in STAGES:
        own = said[stage]["cpu_s"] - said[stage].get("embedding_cpu_s", 0.0)
        costs[f"{stage}_cpu_s"] = round(own, 3)
        costs[f"{stage}_postgres_cpu_s"] = round(said[stage]["postgres_cpu_s"], 3)
        costs[f"{stage}_wall_s"] = round(said[stage]["wall_s"], 2)
    times = sorted(said["search"]["ms"])
    costs["query_p50_ms"] = round(times[len(times) // 2], 2)
    costs["query_p95_ms"] = round(times[int(len(times) * 0.95)], 2)
    each = 1000 / len(times)
    costs["query_cpu_ms"] = round(said["search"]["cpu_s"] * each, 2)
    costs["query_postgres_cpu_ms"] = round(said["search"]["postgres_cpu_s"] * each, 2)
    costs["embedded_again_unchanged"] = said["unchanged"]["embedded"]
    costs["embedded_again_changed"] = said["changed"]["embedded"]
    return costs


def _median(rows: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    return {key: round(statistics.median(row[key] for row in rows), 3) for key in rows[0]}


# ----------------------------------------------------------------------------------------------------------


def build(envs: Path) -> dict[str, list[str]]:
    """The peers' environments, made where they are not there yet; what is in each."""
    held = {}
    for name in PEERS[1:]:
        python = envs / name / "bin" / "python"
        if not python.exists():
            _say(f"building {envs / name}")
            subprocess.run([sys.executable, "-m", "venv", str(envs / name)], check=True)
            wanted = ["-r", str(HERE / f"{name}.txt")]
            subprocess.run([str(python), "-m", "pip", "install", "--quiet", *wanted], check=True)
        held[name] = (HERE / f"{name}.txt").read_text().split()
    return held


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("quality", "speed"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--envs", type=Path, default=default_cache_folder() / "peers")
    parser.add_argument("--cache", type=Path, default=default_cache_folder() / "peers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--questions", type=int, default=200, help="of each set")
    parser.add_argument("--files", type=int, help="of the large set, in `speed`; all of them")
    parser.add_argument(
        "--only", nargs="*", choices=PEERS, default=PEERS, help="for a look; answerable is always there"
    )
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    held = build(options.envs)
    systems = [one for one in SYSTEMS if one.name in ("answerable", *options.only)]
    weights = find_weights()
    with tempfile.TemporaryDirectory(prefix="answerable-peers-") as folder:
        scratch = Path(folder)
        scratch.chmod(0o755)  # root's server runs as another account
        with Embedded.start(scratch / "pg") as server:
            postmaster = int(next((scratch / "pg").rglob("postmaster.pid")).read_text().split("\n", 1)[0])
            bench = Bench(
                server=server,
                postmaster=postmaster,
                envs=options.envs,
                cache=options.cache,
                graph=cached_graph(weights, cache=default_cache_folder()),
                tokenizer=weights.tokenizer,
            )
            if options.what == "quality":
                found = quality(bench, options.data, scratch, systems, options.questions)
            else:
                found = speed(
                    bench, options.data, scratch, systems, options.rounds, options.files, options.questions
                )
    report = {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "peers": held,
        options.what: found,
    }
    text = json.dumps(report, indent=1)
    if options.out:
        options.out.write_text(text + "\n")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
