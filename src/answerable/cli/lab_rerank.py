"""answerable lab rerank --train: weights of a reranker, learned from the project's own judged pairs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli.console import note
from answerable.cli.lab_learning import Origin, run_learning
from answerable.cli.options import Format

if TYPE_CHECKING:
    from answerable.app.lab_reranking import Learning
    from answerable.app.system import System

TrainOption = Annotated[
    bool, typer.Option("--train", help="Learn weights from judged pairs; refuses where they do not help.")
]


def train(
    *,
    questions: Origin,
    seed: int,
    apply: bool,
    out: Path | None,
    config: Path | None,
    format: Format,  # noqa: A002
) -> None:
    """Learn over the index as it stands. Exit 11 with too few questions, or where it is no better held out."""

    async def learn(system: System) -> Learning:
        from answerable.app.lab_reranking import learn_reranker  # keeps --help quick

        return await learn_reranker(system, origin=questions, seed=seed, out=out, say=note)

    run_learning(learn, config=config, apply=apply, format=format)
