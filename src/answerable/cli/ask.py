"""answerable ask: one question, one checked answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from answerable.cli import project
from answerable.cli.abstain import warn_if_void
from answerable.cli.answers import print_answer
from answerable.cli.console import emit_json
from answerable.cli.options import ConfigOption, Format, FormatOption, GroupsOption
from answerable.core.answer import Answer
from answerable.core.deadline import Deadline


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("ask")(ask)


def ask(
    question: Annotated[str, typer.Argument(help="The question; in quotes.")],
    language: Annotated[str, typer.Option(help="Answer in this language; the question's own by default.")] = "",
    deadline: Annotated[float | None, typer.Option(help="Seconds for the whole answer.")] = None,
    group: GroupsOption = None,
    prompt: Annotated[
        str, typer.Option("--prompt", help="Ask with this version, whatever a rollout would give: answer@2.3.0.")
    ] = "",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002 - the option's name
) -> None:
    """Ask one question.

    Examples: `answerable ask "How long can I return headphones?"` ·
    `answerable ask "Wie lange gilt die Garantie?" --format json`
    """
    answer = project.run(
        _ask(config, question, _Way(language=language, seconds=deadline, groups=group or [], prompt=prompt))
    )
    if format is Format.JSON:
        from answerable.answer.record import answer_record  # keeps --help quick

        emit_json(answer_record(answer))
    else:
        print_answer(answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """How the question is asked. Without a `prompt` a rollout decides, as for anybody who is served."""

    language: str
    seconds: float | None
    groups: list[str]
    prompt: str


async def _ask(config: Path | None, question: str, way: _Way) -> Answer:
    from answerable.app.variants import with_version  # keeps --help quick

    async with project.system(config) as system:
        warn_if_void(system)
        asker = with_version(system, way.prompt) if way.prompt else system.asker
        await system.warm()
        query = system.query(question, groups=way.groups, language=way.language)
        if way.seconds:
            query = system.with_deadline(query, Deadline.after(way.seconds))
        return await asker.ask(replace(query, trial=not way.prompt))
