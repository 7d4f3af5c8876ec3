"""answerable lab: which setting is best on the project's own documents and questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import lab_cache, lab_embedding, lab_rerank
from answerable.cli.lab_running import (
    ApplyOption,
    BudgetOption,
    FromOption,
    NoEarlyOption,
    OutOption,
    SeedOption,
    SourceArgument,
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

commands = typer.Typer(
    help="Which setting is best on your own documents and questions: measured, paired, with intervals.",
    no_args_is_help=True,
)
commands.command("embedding")(lab_embedding.embedding)
commands.command("cache")(lab_cache.cache)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="lab")


@commands.command("chunking")
def chunking(
    source: SourceArgument,
    strategies: Annotated[str, typer.Option(help="By comma; else structure, fixed, semantic, hierarchical.")] = "",
    sizes: Annotated[str, typer.Option(help="Tokens of a chunk, by comma.")] = "120,200,400",
    budget: BudgetOption = 2000,
    questions: FromOption = "all",
    no_early: NoEarlyOption = False,
    seed: SeedOption = 0,
    apply: ApplyOption = False,
    out: OutOption = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Which way of cutting finds the gold spans of your questions, at an equal budget of context tokens.

    Exit 11 with fewer than 30 judged questions. Example: `answerable lab chunking policies --sizes 200,400`
    """

    def choose(settings: Settings, name: str) -> Sequence[Setting]:
        from answerable.app.lab_settings import chunkings  # keeps --help quick

        return chunkings(settings, name, strategies=_names(strategies), sizes=_numbers(sizes))

    run_experiment(
        Wanted(
            kind="chunking",
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
        )
    )


@commands.command("retrieval")
def retrieval(
    source: SourceArgument,
    budget: BudgetOption = 2000,
    questions: FromOption = "all",
    no_early: NoEarlyOption = False,
    seed: SeedOption = 0,
    apply: ApplyOption = False,
    out: OutOption = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Which arms, weights, re-ranking and number of passages find the gold spans of your questions.

    Exit 11 with fewer than 30 judged questions. Example: `answerable lab retrieval policies`
    """

    def choose(settings: Settings, name: str) -> Sequence[Setting]:
        from answerable.app.lab_settings import retrievals  # keeps --help quick

        return retrievals(settings, name)

    run_experiment(
        Wanted(
            kind="retrieval",
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
        )
    )


@commands.command("rerank")
def rerank(
    source: SourceOrNothing = "",
    train: lab_rerank.TrainOption = False,
    names: Annotated[str, typer.Option(help="Rerankers, by comma; else all that are offered.")] = "",
    budget: BudgetOption = 1000,
    questions: FromOption = "all",
    no_early: NoEarlyOption = False,
    seed: SeedOption = 0,
    apply: ApplyOption = False,
    out: OutOption = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Which reranker brings the gold spans of your questions to the front; or, with --train, one of your own.

    Exit 11 with fewer than 30 judged questions, and where learned weights are no better on questions not seen.
    Examples: `answerable lab rerank policies`, `answerable lab rerank --train --apply`
    """
    if train:
        lab_rerank.train(questions=questions, seed=seed, apply=apply, out=out, config=config, format=format)
        return
    required(source)

    def choose(settings: Settings, name: str) -> Sequence[Setting]:
        from answerable.app.lab_settings import rerankers  # keeps --help quick

        return rerankers(settings, name, names=_names(names))

    run_experiment(
        Wanted(
            kind="rerank",
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
        )
    )


def _names(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _numbers(text: str) -> list[int]:
    try:
        return [int(one) for one in _names(text)]
    except ValueError:
        raise typer.BadParameter(f"{text!r}: whole numbers, by comma", param_hint="--sizes") from None
