"""answerable trace: the story of a question."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, table
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.cli.replays import print_replay, replay_record
from answerable.cli.traces import print_trace

if TYPE_CHECKING:
    from answerable.app.replaying import Replay

EXIT_DIFFERENT, EXIT_INCONCLUSIVE = 10, 11
ReferenceArgument = Annotated[str, typer.Argument(help="The id, a unique beginning of it, or `latest`.")]

commands = typer.Typer(help="The story of a question.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="trace")


@commands.command("list")
def list_traces(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many, newest first.")] = 20,
    outcome: Annotated[str, typer.Option(help="Only this outcome, e.g. abstained.")] = "",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """The latest questions with their outcomes."""
    found = project.run(_list(config, limit, outcome or None))
    if format is Format.JSON:
        emit_json(found)
        return
    if not found:
        note("no traces yet")
        return
    table(
        ["trace", "at", "outcome", "ms", "question"],
        [
            [one["id"], str(one["started_at"])[:19], one["outcome"], round(one["total_ms"]), one["question"]]
            for one in found
        ],
        right=["ms"],
    )


@commands.command("show")
def show(
    reference: ReferenceArgument = "latest",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Everything about one question: steps with times, candidates with reasons, the prompt, what was withheld."""
    found = project.run(_show(config, reference))
    if format is Format.JSON:
        emit_json(found)
    else:
        print_trace(found)


@commands.command("replay")
def replay(
    reference: ReferenceArgument = "latest",
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            help="One thing that is another, KEY=VALUE; repeatable. Keys: prompt, reranker, mode, dense_weight, "
            "top_k, keep, context_tokens, threshold, verify, on_conflict, temperature, llm (extractive, recorded "
            "or a provider's name), model.",
        ),
    ] = None,
    frozen: Annotated[
        bool, typer.Option("--frozen", help="On the passages that the trace keeps, whatever the index holds now.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 10 when the answer is another, 11 when that cannot be told.")
    ] = False,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Ask a question again as it was asked then: same person's groups, filter, history, language and day.

    Says whether outcome, language, text, claims, sources, confidence and next steps are the same to the byte, and
    if not, what differs and what has changed since. Nothing is written to the journal.

    Examples: `answerable trace replay latest` · `answerable trace replay tr_7QK2 --with reranker=none` ·
    `answerable trace replay tr_7QK2 --frozen --with prompt=prompts/answer.md --check`
    """
    made = project.run(_replay(config, reference, change or [], frozen))
    if format is Format.JSON:
        emit_json(replay_record(made))
    else:
        print_replay(made)
    if check and made.verdict != "identical":
        raise typer.Exit(EXIT_INCONCLUSIVE if made.verdict == "inconclusive" else EXIT_DIFFERENT)


async def _list(config: Path | None, limit: int, outcome: str | None) -> list[dict[str, Any]]:
    async with project.system(config) as system:
        return await system.journal.traces(tenant=system.settings.project.tenant, limit=limit, outcome=outcome)


async def _show(config: Path | None, reference: str) -> dict[str, Any]:
    async with project.system(config) as system:
        return await system.journal.trace(tenant=system.settings.project.tenant, reference=reference)


async def _replay(config: Path | None, reference: str, changes: list[str], frozen: bool) -> Replay:
    from answerable.app.replaying import replay as again  # keeps --help quick
    from answerable.app.variants import read_changes

    chosen = read_changes(changes)  # a typo is told before anything is started
    async with project.system(config) as system:
        await system.warm()
        return await again(system, reference, changes=chosen, frozen=frozen)
