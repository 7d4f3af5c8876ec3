"""The root of the commands, and the one place where an error becomes an exit code."""

from __future__ import annotations

import os
import sys

import typer

from answerable.cli import (
    abstain,
    ask,
    case,
    chunk,
    config,
    data,
    db,
    demo,
    dev,
    doc,
    doctor,
    evals,
    gate,
    index,
    ingest,
    judge,
    lab,
    model,
    review,
    scaffold,
    search,
    serve,
    source,
    token,
    trace,
)
from answerable.cli.console import err
from answerable.core.errors import AnswerableError

app = typer.Typer(
    name="answerable",
    help="Answers you can check, from your own documents, and an honest “I don't know” otherwise.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
_NOUNS = (
    demo,
    scaffold,
    serve,
    ask,
    search,
    ingest,
    source,
    doc,
    chunk,
    index,
    data,
    trace,
    case,
    review,
    abstain,
    evals,
    gate,
    judge,
    lab,
    doctor,
    db,
    token,
    config,
    model,
    dev,
)
for module in _NOUNS:
    module.register(app)


_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> None:
    """Run, and leave with the exit code of the command line's contract."""
    for name in _ONE_THREAD:  # read when numpy is first imported; docs/decisions/0145-one-thread-of-algebra.md
        os.environ.setdefault(name, "1")
    try:
        app()
    except AnswerableError as error:
        _explain(error)
        sys.exit(error.exit_code)


def _explain(error: AnswerableError) -> None:
    if os.environ.get("ANSWERABLE_DEBUG"):
        raise error
    err.print(f"error: {error}", style="red", markup=False)
    if error.hint:
        err.print(f"hint:  {error.hint}", markup=False)
