"""answerable lab embedding: which embedding model is worth its cost on the project's own questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.cli import lab_adapt
from answerable.cli.console import say, table
from answerable.cli.lab_running import (
    ApplyOption,
    BudgetOption,
    FromOption,
    NoEarlyOption,
    OutOption,
    SeedOption,
    SourceOrNothing,
    Wanted,
    required,
    run_experiment,
)
from answerable.cli.options import ConfigOption, Format, FormatOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from answerable.app.lab_bench import Setting
    from answerable.config import Settings


def embedding(
    source: SourceOrNothing = "",
    adapt: lab_adapt.AdaptOption = False,
    at: lab_adapt.AtOption = "query",
    models: Annotated[str, typer.Option(help="By comma, as embedding.model; else the local ones.")] = "",
    budget: BudgetOption = 2000,
    questions: FromOption = "all",
    no_early: NoEarlyOption = False,
    seed: SeedOption = 0,
    apply: ApplyOption = False,
    out: OutOption = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Which embedding model finds the gold spans of your questions; a search by words alone is always among them.

    No figure of a leaderboard is used: without 30 judged questions of your own nothing is ranked, exit 11.
    With --adapt the present model is bent to your questions instead, where that helps on questions not seen.
    Examples: `answerable lab embedding policies`, `answerable lab embedding --adapt --apply`
    """
    if adapt:
        lab_adapt.adapt(at=at, questions=questions, seed=seed, apply=apply, out=out, config=config, format=format)
        return
    required(source)

    def choose(settings: Settings, name: str) -> Sequence[Setting]:
        from answerable.app.lab_settings import embeddings  # keeps --help quick

        return embeddings(settings, name, models=[one.strip() for one in models.split(",") if one.strip()])

    run_experiment(
        Wanted(
            kind="embedding",
            source=source,
            choose=choose,
            budget=budget,
            questions=questions,
            early=not no_early,
            seed=seed,
            apply=apply,
            out=out,
            config=config,
            format=format,
            print_more=_by_cost,
        )
    )


def _by_cost(result: dict[str, Any]) -> None:
    """The same settings by what a point of recall costs to index: CPU seconds that were really spent."""
    spent = [one for one in result["settings"] if one["embedded"] and one["recall"] > 0]
    if not spent:
        say("quality per cost: every vector came from the cache; nothing was spent")
        return
    spent.sort(key=lambda one: one["index_cpu_s"] / one["recall"])
    table(
        ["by cost", "recall", "CPU s per 1,000 texts"],
        [
            [one["name"], f"{one['recall'] * 100:.1f} %", f"{one['index_cpu_s'] / one['embedded'] * 1000:.1f}"]
            for one in spent
        ],
        right=["recall", "CPU s per 1,000 texts"],
    )
