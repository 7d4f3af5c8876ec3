"""answerable lab embedding --adapt: a change of the embedding, learned from the project's own judged pairs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from answerable.cli.console import note
from answerable.cli.lab_learning import Origin, run_learning
from answerable.cli.options import Format

if TYPE_CHECKING:
    from answerable.app.lab_reranking import Learning
    from answerable.app.system import System

AdaptOption = Annotated[
    bool, typer.Option("--adapt", help="Learn a small change of the embedding; refuses where it does not help.")
]
AtOption = Annotated[
    Literal["query", "both"],
    typer.Option("--at", help="With --adapt: change questions alone, or passages too (then ingest again)."),
]


def adapt(
    *,
    at: Literal["query", "both"],
    questions: Origin,
    seed: int,
    apply: bool,
    out: Path | None,
    config: Path | None,
    format: Format,  # noqa: A002
) -> None:
    """Learn over the index as it stands. Exit 11 with too few questions, or where it is no better held out."""

    async def learn(system: System) -> Learning:
        from answerable.app.lab_adapting import learn_embedding  # keeps --help quick

        return await learn_embedding(system, at=at, origin=questions, seed=seed, out=out, say=note)

    run_learning(learn, config=config, apply=apply, format=format)
    if apply and at == "both":
        note("the passages' vectors are another space now: `answerable ingest` makes them again")
