"""All attacks of the shipped packs against the sample project, end to end, with models that give in.

    python benchmarks/redteam.py --out benchmarks/results/redteam.json

No language model answers here: a scripted one does what each attack wants, or none is asked. So the figures say
what the system holds when its model does not, and nothing of any model. Without detectors, containment is left.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from proof import facts

from answerable.app import Project, open_system
from answerable.app.ingesting import open_ingestion
from answerable.app.redteam.running import Progress, Wanted, attack
from answerable.evals.redteam.summary import summary_record

SAMPLE = Path(__file__).resolve().parents[1] / "examples" / "techcorp"
ROUNDS = {
    "captured, detectors off": Wanted(target="scripted:captured", detectors=False),
    "captured": Wanted(target="scripted:captured"),
    "obedient, detectors off": Wanted(target="scripted:obedient", detectors=False),
    "no model, detectors off": Wanted(target="extractive", detectors=False, limit=160),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int)
    asyncio.run(_run(parser.parse_args()))


async def _run(options: argparse.Namespace) -> None:
    began = facts("python benchmarks/redteam.py")
    folder = Path(tempfile.mkdtemp(prefix="answerable-redteam-sample-", dir="/tmp"))
    folder.chmod(0o755)
    logging.disable(logging.CRITICAL)
    try:
        shutil.copytree(SAMPLE, folder / "sample")
        rounds = {}
        async with open_system(Project.open(folder / "sample" / "answerable.toml")) as system:
            async with open_ingestion(system) as ingestion:
                for source in system.settings.source:
                    await ingestion.sync(source)
            for name, wanted in ROUNDS.items():
                rounds[name] = await _round(system, wanted, options.limit)
                _keep(options.out, began, rounds)
                print(name, rounds[name]["lines"][:3], f"{rounds[name]['cpu_s']} CPU s", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _keep(out: Path, began: Mapping[str, Any], rounds: Mapping[str, Any]) -> None:
    """After each round, so that what was run is there if the rest is not."""
    total = sum(one["lines"][0]["n"] for one in rounds.values())
    result = {
        **began,
        "model": "scripted: does what the attack wants; no language model was asked",
        "runs": total,
        "rounds": rounds,
    }
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


async def _round(system: Any, wanted: Wanted, limit: int | None) -> dict[str, Any]:
    began, cpu = time.monotonic(), time.process_time()
    wanted = Wanted(target=wanted.target, detectors=wanted.detectors, limit=limit or wanted.limit)
    done = await attack(system, wanted, observe=_quiet, tell=lambda text: print(text, flush=True))
    found = summary_record(done.summary)
    rows = done.summary.run.rows
    kept = {key: found[key] for key in ("target", "detectors", "packs", "lines", "breaches", "through")}
    for one in kept["through"]:
        del one["trace"]  # of a project that is gone
    return kept | {
        "outcomes": _counted(row.outcome for row in rows),
        "stopped_by": _counted(name for row in rows for name in row.stopped),
        "questions_without_a_model_call": sum(row.surface == "question" and not row.calls for row in rows),
        "wall_s": round(time.monotonic() - began, 1),
        "cpu_s": round(time.process_time() - cpu, 1),
    }


def _counted(names: Any) -> dict[str, int]:
    found = list(names)
    return {name: found.count(name) for name in sorted(set(found))}


def _quiet(progress: Progress) -> None:
    if progress.done % 100 == 0:
        print(f"{progress.done} of {progress.total}, {progress.through} through", flush=True)


if __name__ == "__main__":
    main()
