"""answerable case from-trace: a production answer that was wrong becomes a case that fails."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, say
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.core.outcome import Outcome
from answerable.evals.diagnosis.freezing import Wanted

if TYPE_CHECKING:
    from answerable.app.freezing import Frozen


def register(commands: typer.Typer) -> None:
    """Add the command to `case`."""
    commands.command("from-trace")(from_trace)


def from_trace(
    reference: Annotated[str, typer.Argument(help="The trace: its id, a unique beginning of it, or `latest`.")],
    outcome: Annotated[Outcome | None, typer.Option(help="How the question should have ended.")] = None,
    must: Annotated[list[str] | None, typer.Option(help="Words that the answer must have. Repeatable.")] = None,
    must_not: Annotated[list[str] | None, typer.Option(help="Words that it must not have. Repeatable.")] = None,
    cites: Annotated[list[str] | None, typer.Option(help="URI or URI#SECTION to be cited. Repeatable.")] = None,
    why: Annotated[str, typer.Option(help="What was wrong, for those who come after.")] = "",
    name: Annotated[str, typer.Option("--id", help="The case's id; made from the question otherwise.")] = "",
    reviewer: Annotated[str, typer.Option(help="Who says so.")] = "",
    run: Annotated[bool, typer.Option("--run/--no-run", help="Ask it now, to see that it fails.")] = True,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Freeze question, filters, groups, history and what was found; write the failing case on the branch case/ID.

    Personal data is replaced by placeholders. Your working tree and index are not touched. Without --outcome,
    --must, --must-not or --cites the case expects only another answer than this one, and is marked unconfirmed.

    Examples: `answerable case from-trace latest --must "30 days" --why "It said 60."` ·
    `answerable case from-trace tr_7QK2 --outcome abstained`
    """
    wanted = Wanted(
        outcome=outcome,
        must=tuple(must or ()),
        must_not=tuple(must_not or ()),
        cites=tuple(cites or ()),
        why=why,
        id=name,
        reviewer=reviewer,
    )
    from answerable.app.freezing import frozen_record  # keeps --help quick

    made = project.run(_freeze(config, reference, wanted, run))
    if format is Format.JSON:
        emit_json(frozen_record(made))
    else:
        _print(made)


def _print(made: Frozen) -> None:
    say(f"case    {made.case.id}{'' if made.case.confirmed else '  (unconfirmed: it says only what is wrong)'}")
    if made.branch:
        say(f"branch  {made.branch}  {made.commit[:12]}{'' if made.changed else '  (it was there already)'}")
    else:
        say("branch  none: the project is in no git repository, so the file is in its folder")
    say(f"file    {made.path}")
    if made.withheld:
        say(f"kept    without the text of {made.withheld} page(s) that not everybody may read: ids and hashes")
    if made.fails is not None:
        say(
            f"now     {f'fails: {made.fails}' if made.fails else 'PASSES: it shows nothing; see --must and --why'}"
        )
    if made.branch and made.branch != "HEAD":
        note(f"next    git switch {made.branch}; answerable eval run {made.path}")


async def _freeze(config: Path | None, reference: str, wanted: Wanted, run: bool) -> Frozen:
    from answerable.app.freezing import freeze_trace  # keeps --help quick

    async with project.system(config) as system:
        await system.warm()
        return await freeze_trace(system, reference, wanted=wanted, run=run)
