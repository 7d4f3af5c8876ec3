"""Cases to and from promptfoo and Ragas, with the tools themselves: what comes back of what went out.

    python benchmarks/interchange.py [--tools DIR] [--out benchmarks/results/interchange.json]

Installs promptfoo (npm) and Ragas (uv or pip), each in an environment of its own under DIR, else under a folder
that is removed. The sample project's cases go out, through the tool (promptfoo validates and runs them on its echo
provider and writes results; Ragas reads them and writes them again), and come back; then the tool's own files go
through this project. A case counts as kept when its whole file is the same, key by key.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from answerable.core.evaluation import EvalCase
from answerable.evals.cases.exchange.formats import Kind, beside, bring, write
from answerable.evals.cases.files import load_cases
from answerable.evals.cases.writing import json_line

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "examples" / "techcorp" / "evals" / "cases"
DATA = ROOT / "tests" / "unit" / "evals" / "cases" / "data"
PROMPTFOO = "0.121.20"  # the last that runs on Node 20
RAGAS = ("ragas==0.4.3", "langchain-community<0.4")  # 0.4.3 imports a module that langchain-community 0.4 dropped
QUIET = {
    "PROMPTFOO_DISABLE_TELEMETRY": "1",
    "PROMPTFOO_DISABLE_UPDATE": "1",
    "PROMPTFOO_DISABLE_REMOTE_GENERATION": "1",
}
AGAIN = """
import json, sys
from ragas import EvaluationDataset
data = EvaluationDataset.from_jsonl(sys.argv[1])
data.to_jsonl(sys.argv[2])
print(json.dumps({"samples": len(data)}))
"""
CONFIG = """
description: Shop assistant
prompts: ["Answer: {{question}}"]
providers: [echo]
defaultTest: {assert: [{type: latency, threshold: 5000}]}
tests:
  - description: gift card
    vars: {question: "How long is a gift card valid?"}
    assert:
      - {type: icontains, value: gift card}
      - {type: not-contains, value: 30 days}
      - {type: icontains-any, value: [three years, valid]}
  - vars: {question: "Is the sky blue?", topic: sky}
    assert:
      - {type: equals, value: "Answer: Is the sky blue?"}
      - {type: javascript, value: "output.length < 100"}
    metadata: {owner: ann}
"""


def run(*command: str, cwd: Path, check: bool = True) -> str:
    own = {**os.environ, **QUIET, "PROMPTFOO_CONFIG_DIR": str(cwd)}
    done = subprocess.run(command, cwd=cwd, env=own, capture_output=True, text=True, check=False)
    if check and done.returncode:
        sys.exit(
            f"{' '.join(command[:3])} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        )
    return done.stdout


def promptfoo(folder: Path) -> str:
    """The program, installed when it is not there yet."""
    home = folder / "promptfoo"
    program = home / "node_modules" / ".bin" / "promptfoo"
    if not program.exists():
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text('{"private": true}')
        options = ("--no-audit", "--no-fund", "--loglevel=error", "--omit=dev", "--omit=optional")
        run("npm", "install", *options, f"promptfoo@{PROMPTFOO}", cwd=home)
        machine = "linux-arm64-gnu" if os.uname().machine == "aarch64" else "linux-x64-gnu"
        libsql = json.loads((home / "node_modules" / "libsql" / "package.json").read_text())
        wanted = f"@libsql/{machine}@{libsql['optionalDependencies'][f'@libsql/{machine}']}"
        run("npm", "install", *options, "--no-save", wanted, cwd=home)
    return str(program)


def ragas(folder: Path) -> str:
    """A Python that has it, installed when it is not there yet."""
    home = folder / "ragas"
    python = home / "bin" / "python"
    if not python.exists():
        folder.mkdir(parents=True, exist_ok=True)
        run(sys.executable, "-m", "venv", str(home), cwd=folder)
        uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
        if Path(uv).exists():
            run(uv, "pip", "install", "--quiet", "--system-certs", "--python", str(python), *RAGAS, cwd=folder)
        else:
            run(str(python), "-m", "pip", "install", "--quiet", *RAGAS, cwd=folder)
    return str(python)


def read(path: Path) -> list[EvalCase]:
    brought = bring(path, kind=None, languages=("en", "de", "es"), taken={})
    if brought.problems:
        sys.exit(f"{path.name}: {brought.problems[0]}")
    return brought.cases


def kept(before: Sequence[EvalCase], after: Sequence[EvalCase]) -> int:
    there = {json_line(one) for one in after}
    return sum(json_line(one) in there for one in before)


def through_promptfoo(program: str, work: Path, cases: Sequence[EvalCase]) -> dict[str, object]:
    config = work / "promptfooconfig.yaml"
    config.write_text(write(cases, Kind.PROMPTFOO, criteria={}).text)
    valid = run(program, "validate", "config", "-c", config.name, cwd=work)
    run(
        program, "eval", "-c", config.name, "-o", "results.json", "--no-cache", "--no-table", cwd=work, check=False
    )
    back = read(work / "results.json")
    theirs = work / "theirs.yaml"
    theirs.write_text(CONFIG)
    run(program, "eval", "-c", theirs.name, "-o", "theirs.json", "--no-cache", "--no-table", cwd=work, check=False)
    foreign = read(work / "theirs.json")
    again = work / "again.yaml"
    again.write_text(write(foreign, Kind.PROMPTFOO, criteria={}).text)
    run(program, "eval", "-c", again.name, "-o", "again.json", "--no-cache", "--no-table", cwd=work, check=False)
    return {
        "tool": f"promptfoo {run(program, '--version', cwd=work).strip().splitlines()[-1]}",
        "accepts ours": "valid" in valid.lower(),
        "ours out": len(cases),
        "ours back whole": kept(cases, back),
        "theirs in": len(foreign),
        "theirs back whole": kept(foreign, read(work / "again.json")),
    }


def through_ragas(python: str, work: Path, cases: Sequence[EvalCase]) -> dict[str, object]:
    out, back = work / "ours.jsonl", work / "rewritten.jsonl"
    written = write(cases, Kind.RAGAS, criteria={})
    out.write_text(written.text)
    samples = json.loads(run(python, "-W", "ignore", "-c", AGAIN, str(out), str(back), cwd=work))["samples"]
    beside(back).write_text(written.beside)
    whole = kept(cases, read(back))
    foreign = [
        one for name in ("ragas-single.jsonl", "ragas-multi.jsonl") for one in through_one(python, work, name)
    ]
    version = run(
        python, "-c", "from importlib.metadata import version; print(version('ragas'))", cwd=work
    ).strip()
    return {
        "tool": f"ragas {version}",
        "accepts ours": samples == len(cases),
        "ours out": len(cases),
        "ours back whole": whole,
        "theirs in": len(foreign),
        "theirs back whole": sum(foreign),
    }


def through_one(python: str, work: Path, name: str) -> list[bool]:
    """Each sample that Ragas wrote: whether it is the same after this project and Ragas again."""
    ours, again = work / f"ours-{name}", work / f"again-{name}"
    ours.write_text(write(read(DATA / name), Kind.RAGAS, criteria={}).text)
    run(python, "-W", "ignore", "-c", AGAIN, str(ours), str(again), cwd=work)
    before = [json.loads(line) for line in (DATA / name).read_text().splitlines()]
    after = [json.loads(line) for line in again.read_text().splitlines()]
    return [one == other for one, other in zip(before, after, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", type=Path, help="where the tools are, or are installed and kept")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    cases = load_cases([SAMPLE])
    with tempfile.TemporaryDirectory(prefix="interchange-") as temporary:
        work = Path(temporary)
        tools = (given.tools or work / "tools").resolve()
        rows = [through_promptfoo(promptfoo(tools), work, cases), through_ragas(ragas(tools), work, cases)]
    for row in rows:
        print("  ".join(f"{key}: {value}" for key, value in row.items()))
    if given.out:
        given.out.write_text(json.dumps({"command": "benchmarks/interchange.py", "tools": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
