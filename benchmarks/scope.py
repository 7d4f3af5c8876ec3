"""Measure scope.md, the floor of content safety and the verbatim cap on public sets and the sample.

    python benchmarks/scope.py --data DIR --out benchmarks/results/scope.json

Rates by set with 95 % Wilson intervals; false positives first. The rules for advice about investments and for
requests of harm were written while looking at spikee_topic_investment and advbench_harmful, the bank's scope.md
with the names of CLINC's intents in view: what is found there is no forecast for other texts.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import yaml

from answerable.app.ingesting import open_ingestion
from answerable.app.project import Project
from answerable.app.system import open_system
from answerable.core.deadline import Deadline
from answerable.evals.stats.proportions import wilson
from answerable.guards.safety import harms
from answerable.guards.scope import misuses, topics
from answerable.guards.scope_file import ScopeBook, read_scope
from answerable.guards.verbatim import copied, folded_words

ROOT = Path(__file__).parents[1]
BANK = """# What this assistant is for

It answers questions of a bank's customers.

## It answers questions about

- accounts: balance, statements, transactions, transfers
- cards: new, lost, stolen, declined, limits, PIN
- credit: score, interest rate, application

## It is not for

- writing essays, poems or code
- translations
- role play
- homework
- medical, legal or political advice
- weather
- recipes and cooking
- travel: book a flight, hotel room, car rental, uber, restaurant
- media: play music, next song, playlist, fun fact
- home: smart home, turn on the lights, set an alarm, set a timer, shopping list
- cars: oil change, tire pressure, jump start, gas mileage
"""
BANKING = frozenset(
    "account_blocked application_status apr balance bill_balance bill_due card_declined credit_limit "
    "credit_limit_change credit_score damaged_card direct_deposit exchange_rate expiration_date freeze_account "
    "improve_credit_score insurance interest_rate international_fees min_payment new_card order_checks pay_bill "
    "payday pin_change redeem_rewards replacement_card_duration report_fraud report_lost_card rewards_balance "
    "routing spending_history transactions transfer".split()
)
Test = Callable[[str], bool]


EVERY = {
    "banking77_train": 4,
    "clinc_oos": 4,
    "benign_ai_docs": 3,
    "benign_security_docs": 2,
}  # the n-th row counts


def read(data: Path, name: str) -> list[dict[str, Any]]:
    """Rows of a set, packed or not; of a large one a part, spread evenly."""
    place = data / name / "data.jsonl"
    packed = Path(f"{place}.gz")
    content = gzip.decompress(packed.read_bytes()) if packed.is_file() else place.read_bytes()
    rows = [json.loads(line) for line in content.decode("utf-8").splitlines()]
    return rows[:: EVERY.get(name, 1)]


def rate(texts: Iterable[str], test: Test) -> dict[str, Any]:
    """hits, n, share and interval."""
    found = [test(text) for text in texts]
    hits, n = sum(found), len(found)
    interval = wilson(hits, n)
    return {
        "hits": hits,
        "n": n,
        "share": round(hits / n, 4),
        "interval95": [round(interval.low, 4), round(interval.high, 4)],
    }


def measure_scope(data: Path) -> dict[str, Any]:
    """As it ships, and with a scope.md written for a bank."""
    bank = read_scope(BANK)
    stopped: Test = lambda text: out_of_scope(text, bank)  # noqa: E731
    clinc = [row for row in read(data, "clinc_oos") if row["split"] != "train" or row["intent"] in BANKING]
    tasks = [*read(data, "selfinstruct_user252"), *read(data, "selfinstruct_seed175")]
    invest = read(data, "spikee_topic_investment")
    general, advice = ([row for row in invest if row["label"] == label] for label in (0, 1))
    return {
        "false positives": {
            "banking77, as it ships": rate(texts(read(data, "banking77_train")), out_of_scope),
            "banking77, with the bank's scope.md": rate(texts(read(data, "banking77_train")), stopped),
            "CLINC banking intents, with the bank's scope.md": rate(
                texts(row for row in clinc if row["intent"] in BANKING), stopped
            ),
            "general questions about investing": rate(texts(general), out_of_scope),
        },
        "found": {
            "CLINC other intents, with the bank's scope.md": rate(
                texts(row for row in clinc if row["intent"] not in BANKING | {"oos"}), stopped
            ),
            "CLINC out of scope, with the bank's scope.md": rate(
                texts(row for row in clinc if row["intent"] == "oos"), stopped
            ),
            "self-instruct tasks, as misuse of a support assistant": rate(texts(tasks), out_of_scope),
            "asks for advice about investments (seen)": rate(texts(advice), out_of_scope),
        },
    }


def measure_safety(data: Path) -> dict[str, Any]:
    """Over-refusal on benign sets, then what is found."""
    harmful: Test = lambda text: bool(harms(text))  # noqa: E731
    benign = ("banking77_train", "clinc_oos", "selfinstruct_user252", "selfinstruct_seed175", "benign_ai_docs",
              "benign_security_docs")  # fmt: skip
    toxic = read(data, "surge_toxicity_1000")
    return {
        "false positives": {
            **{name: rate(texts(read(data, name)), harmful) for name in benign},
            "surge_toxicity, label 0": rate(texts(row for row in toxic if not row["label"]), harmful),
        },
        "found": {
            "advbench_harmful (seen)": rate(texts(read(data, "advbench_harmful")), harmful),
            "surge_toxicity, label 1": rate(texts(row for row in toxic if row["label"]), harmful),
        },
    }


async def measure_verbatim() -> dict[str, Any]:
    """Words that an honest answer of the sample, quotes without a model, copies from one document."""
    counts: list[int] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # the embedded server runs as somebody else where this runs as root
        project = Path(folder) / "sample"
        shutil.copytree(ROOT / "examples" / "techcorp", project, ignore=shutil.ignore_patterns(".answerable"))
        async with open_system(Project.open(project / "answerable.toml")) as system:
            async with open_ingestion(system) as ingestion:
                for source in system.settings.source:
                    await ingestion.sync(source)
            for question in sample_questions():
                query = system.with_deadline(system.query(question), Deadline.after(60.0))
                answer = await system.asker.ask(query)
                if answer.outcome.answers:
                    said = folded_words(answer.text)
                    counts.append(max((one.words for one in copied(said, answer)), default=0))
    counts.sort()
    cap = 200
    return {
        "answers": len(counts),
        "words of one document, median": counts[len(counts) // 2],
        "words of one document, p95": counts[int(0.95 * len(counts))],
        "words of one document, most": counts[-1],
        "stopped": {str(most): sum(one > most for one in counts) for most in (50, 100, 150, cap)},
    }


def sample_questions() -> list[str]:
    """Every third question of the sample's own cases."""
    found: list[str] = []
    for place in sorted((ROOT / "examples" / "techcorp" / "evals").rglob("*.yaml")):
        case = yaml.safe_load(place.read_text(encoding="utf-8"))
        found += [case["question"]] if "question" in case else []
    return found[::3]


def out_of_scope(text: str, book: ScopeBook | None = None) -> bool:
    """Whether the scope guard would turn it away."""
    book = book or ScopeBook()
    return bool(misuses(text, book=book)) or any(topics(text, book))


def texts(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Their texts, as long as questions may be."""
    return [str(row["text"])[:4000] for row in rows]


def main() -> None:
    """Run, and keep the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument(
        "--only", nargs="*", default=("scope", "safety", "verbatim"), help="parts; others are kept"
    )
    given = parser.parse_args()
    started = time.process_time()
    result: dict[str, Any] = {"made_by": "python benchmarks/scope.py --data DIR", "every": EVERY}
    parts = {
        "scope": lambda: measure_scope(given.data),
        "safety": lambda: measure_safety(given.data),
        "verbatim": lambda: asyncio.run(measure_verbatim()),
    }
    if given.out and given.out.is_file():
        result = json.loads(given.out.read_text(encoding="utf-8"))
    result.update({name: measure() for name, measure in parts.items() if name in given.only})
    result["machine"] = {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cpu_s": round(time.process_time() - started, 1),
    }
    text = json.dumps(result, indent=2, ensure_ascii=False)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
