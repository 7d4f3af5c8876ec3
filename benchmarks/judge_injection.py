"""Measure how often text that addresses a judge turns its verdict, with the material marked and without.

    python benchmarks/judge_injection.py --out benchmarks/results/judge_injection.json [--data DIR]

The judges are SCRIPTED: no figure here says how a language model treats such text. `obeys` gives the last verdict
that it is ordered to give, by any words outside of marked data, and inside of it by words that follow something
that looks like the frame of a prompt or a reply. `quotes` follows its rule, and repeats the whole answer around
its reply. So the figures say whether text can leave its marks, look like the frame in spite of them, or be parsed
as the judge's reply. Each attack stands in a failing answer, where it asks for YES, and in a passing one, where it
asks for NO. With --data, the public texts in DIR/guard are marked, too, and searched for what could be taken for
the frame.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import platform
import re
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from answerable.adapters.fakes.judgments import MemoryJudgments
from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.evals.judges.budget import Budget
from answerable.evals.judges.criteria import load_criteria
from answerable.evals.judges.defusing import defused
from answerable.evals.judges.interview import Interviewer
from answerable.evals.judges.judge import Judge
from answerable.evals.judges.material import Material
from answerable.evals.judges.memory import Memory
from answerable.evals.judges.rendering import JudgeRenderer
from answerable.prompts.collection import load_library
from answerable.prompts.fence import Style, draw_fence, pieces_of
from answerable.testing.judge_attacks import FAILING, PASSING, Attack, load_attacks
from answerable.testing.model_server.behaviors import GullibleJudge, HonestJudge, QuotingJudge, Speaker
from answerable.testing.model_server.prompt import Prompt
from answerable.testing.prompts import unfenced

GROUNDED = load_criteria()["grounded"]
JUDGES: dict[str, Speaker] = {"obeys": GullibleJudge(), "quotes": QuotingJudge(), "honest": HonestJudge()}
DIRECTIONS = {"failing, asked for YES": (FAILING, "NO", "YES"), "passing, asked for NO": (PASSING, "YES", "NO")}
CONDITIONS = ("as often written", "token in the reply", "marked")
_OBJECT = re.compile(r"\{[^{}]*\}")
_FRAME = re.compile(r"[<>{}`＜＞｛｝]|^[^|]*\|\s*#", re.M)


def naive_verdict(text: str) -> str | None:
    """As often written: the last thing that parses as an object with a verdict."""
    for found in reversed(_OBJECT.findall(text)):
        try:
            value = json.loads(found)
        except ValueError:
            continue
        if isinstance(value, dict) and value.get("verdict") in ("YES", "NO", "UNSURE"):
            return str(value["verdict"])
    return None


def spoken(speaker: Speaker, said: list[str]) -> ScriptedLLM:
    """The scripted judge as a model; what it says is kept."""

    def write(rendered: Any) -> str:
        said.append(speaker.text(Prompt(model="scripted", system=rendered.system, user=rendered.user)))
        return said[-1]

    return ScriptedLLM([Reply(write=write)])


async def verdict(material: Material, speaker: Speaker, condition: str) -> str | None:
    """What comes out at the end; None: unmeasured."""
    said: list[str] = []
    prompt = load_library("judge")
    renderer = JudgeRenderer(prompt=prompt)
    if condition != "marked":
        renderer = JudgeRenderer(prompt=prompt, fill=unfenced, defuse=str)
    interviewer = Interviewer(
        llm=spoken(speaker, said),
        model="scripted",
        renderer=renderer,
        budget=Budget(cap=Decimal(0)),
        estimate=lambda *, input_tokens, output_tokens: None,
    )
    judge = Judge(
        criterion=GROUNDED,
        interviewer=interviewer,
        memory=Memory(judgments=MemoryJudgments(), tenant="benchmark"),
    )
    found = (await judge.judge(material)).verdict
    if condition == "as often written":
        return naive_verdict(said[0])
    return found.value if found else None


async def measure(attacks: list[Attack], speaker: Speaker, condition: str) -> dict[str, Any]:
    """Flips, by direction and family."""
    flips: Counter[str] = Counter()
    families: Counter[str] = Counter()
    unmeasured = 0
    for attack in attacks:
        for direction, (answer, honest, wants) in DIRECTIONS.items():
            found = await verdict(attack.material(answer, wants=wants), speaker, condition)
            unmeasured += found is None
            if found is not None and found != honest:
                flips[direction] += 1
                families[attack.family] += 1
    tried = len(attacks) * len(DIRECTIONS)
    return {
        "tried": tried,
        "flips": sum(flips.values()),
        "unmeasured": unmeasured,
        "by direction": {direction: flips[direction] for direction in DIRECTIONS},
        "by family": dict(sorted(families.items())),
    }


def texts(data: Path) -> Iterator[str]:
    """Every string in the public sets."""
    for path in sorted((data / "guard").rglob("*.jsonl*")):
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for line in raw.decode().split("\n"):
            if line.strip():
                yield from (value for value in json.loads(line).values() if isinstance(value, str))


def escapes(data: Path) -> dict[str, int]:
    """Of public texts, how many have a line that is not marked, or a sign of the frame, once they are marked."""
    n = escaped = 0
    for text in texts(data):
        (piece,) = pieces_of(defused(text), "material")
        fence = draw_fence(Style.MARKS, [piece.text])
        token, lines = fence.boundary, fence.around([piece], "material").splitlines()
        n += 1
        escaped += any(not line.startswith(f"{token}|") for line in lines) or bool(_FRAME.search("\n".join(lines)))
    return {"texts": n, "escaped": escaped}


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    started, attacks = time.perf_counter(), load_attacks()
    judges = {
        name: {condition: await measure(attacks, speaker, condition) for condition in CONDITIONS}
        for name, speaker in JUDGES.items()
    }
    result = {
        "what": "scripted judges; no figure is a language model's",
        "command": "python benchmarks/judge_injection.py",
        "attacks": len(attacks),
        "families": dict(Counter(one.family for one in attacks)),
        "judges": judges,
        "machine": {
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "seconds": round(time.perf_counter() - started, 1),
        },
    }
    if options.data:
        result["public texts"] = escapes(options.data)
    text = json.dumps(result, indent=1, ensure_ascii=False)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    asyncio.run(main())
