"""One experiment from the project's parts: settings raced over a bench, concluded, written down as a page."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from answerable.app.lab_bench import Bench, Built, Setting, measured_of, open_bench
from answerable.app.lab_pairs import Origin, TooFew, gather_pairs, on_source
from answerable.app.project import Project
from answerable.app.system import System
from answerable.config import Settings
from answerable.config.edit import Edit
from answerable.core.errors import ConfigError
from answerable.evals.pairs import LEAST
from answerable.lab.page import to_html
from answerable.lab.question import Question
from answerable.lab.race import race
from answerable.lab.reading import Reading
from answerable.lab.result import Experiment, result_of
from answerable.lab.verdicts import conclude

Choose = Callable[[Settings, str], Sequence[Setting]]  # the present one first
Say = Callable[[str], None]
_TELL_EVERY = 20  # questions


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is compared: `choose` gives the settings of a source."""

    kind: str  # chunking | embedding | retrieval | rerank
    source: str
    choose: Choose
    budget: int  # tokens
    origin: Origin = "all"
    early: bool = True
    seed: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The result as JSON-able values, and what `--apply` would write."""

    result: dict[str, Any]
    edits: tuple[Edit, ...] = ()


async def experiment(system: System, plan: Plan, *, say: Say) -> Done | TooFew:
    """Run it. Raises ConfigError for an unknown source or setting."""
    settings = plan.choose(system.settings, plan.source)
    pairs = await gather_pairs(system, plan.origin)
    async with open_bench(system, plan.source, pairs, budget=plan.budget, say=say) as bench:
        uris = [one.uri for one in bench.documents]
        here = {one.id for one in on_source(pairs, uris, plan.source)}
        asking = bench.asking(here)
        if len(asking.questions.usable) < LEAST:
            return TooFew(have=len(asking.questions.usable), reason=_left_out(asking))
        return await _compare(asking, plan, settings, say)


async def _compare(bench: Bench, plan: Plan, settings: Sequence[Setting], say: Say) -> Done:
    built: dict[str, Built] = {}
    for n, one in enumerate(settings, start=1):
        built[one.name] = await bench.build(one)
        spent = built[one.name].measured
        say(
            f"{n} of {len(settings)} settings indexed: {one.name}, {spent.embedded:,} texts embedded, "
            f"{spent.cached:,} from the cache, {spent.index_cpu_s:.1f} s CPU"
        )

    async def ask(name: str, question: Question) -> Reading:
        return await bench.ask(built[name], question)

    def tell(done: int, total: int, names: Sequence[str]) -> None:
        if done % _TELL_EVERY == 0 or done == total:
            say(f"{done} of {total} questions asked of {len(names)} settings")

    base, asked = settings[0].name, bench.questions.usable
    ran = await race(
        [one.name for one in settings], asked, ask, base=base, early=plan.early, seed=plan.seed, tell=tell
    )
    outcome = conclude(ran, asked, base=base)
    found = Experiment(
        kind=plan.kind,
        source=plan.source,
        documents=len(bench.documents),
        budget=plan.budget,
        questions=bench.questions,
        outcome=outcome,
        measured=measured_of(built),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        notes=plan.notes,
    )
    edits = {one.name: one.edits for one in settings}
    chosen = edits[outcome.advice] if outcome.advice else ()
    return Done(result={**result_of(found), "edits": [asdict(one) for one in chosen]}, edits=chosen)


def write_report(project: Project, result: dict[str, Any], out: Path | None) -> tuple[Path, Path]:
    """The page and, beside it, the result as JSON. Raises ConfigError where they cannot be written."""
    stamp = str(result["made_at"])[:19].replace(":", "").replace("-", "")
    page = out or project.state / "lab" / f"{result['kind']}-{result['source']}-{stamp}.html"
    data = page.with_suffix(".json")
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(to_html(result), encoding="utf-8")
        data.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{page} cannot be written: {error.strerror}", hint="--out FILE.html") from error
    return page, data


def read_edits(path: Path) -> tuple[Edit, ...]:
    """The change that a kept result advises. Raises ConfigError."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["edits"]
        return tuple(
            Edit(section=one["section"], key=one["key"], value=one["value"], source=one["source"]) for one in found
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} is no result of the lab: {error}", hint="the .json beside the page") from error


def _left_out(bench: Bench) -> str:
    left = bench.questions.left_out
    return f"{len(left)} more could not be used, such as {left[0]}" if left else ""
