"""The root of the commands, and the one place where an error becomes an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from importlib import metadata
from types import TracebackType
from typing import Annotated

import typer

from answerable.cli.console import err, say
from answerable.cli.logs import bare, tell_logs
from answerable.cli.nouns import Nouns
from answerable.core.errors import AnswerableError

app = typer.Typer(
    name="answerable",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        say(metadata.version("answerable"))
        raise typer.Exit


@app.callback(cls=Nouns)
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version, and leave.", is_eager=True, callback=_tell_version)
    ] = False,
) -> None:
    """Answers you can check, from your own documents, and an honest “I don't know” otherwise."""


_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> None:
    """Run, and leave with the exit code of the command line's contract."""
    for name in _ONE_THREAD:  # read when numpy is first imported; docs/decisions/0145-one-thread-of-algebra.md
        os.environ.setdefault(name, "1")
    tell_logs()
    sys.excepthook = tell_crash
    try:
        app()
    except AnswerableError as error:
        _explain(error)
        sys.exit(error.exit_code)


def _explain(error: AnswerableError) -> None:
    if os.environ.get("ANSWERABLE_DEBUG"):
        raise error
    err.print(f"error: {bare(str(error))}", style="red", markup=False)
    if error.hint:
        err.print(f"hint:  {bare(error.hint)}", markup=False)


def tell_crash(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    """What Python would print of an error that nobody caught, without credentials."""
    err.file.write(bare("".join(traceback.format_exception(kind, error, where))))
