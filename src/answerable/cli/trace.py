"""answerable trace: the story of a question."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, table
from answerable.cli.diagnoses import print_diagnosis
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.cli.replays import print_replay, replay_record
from answerable.cli.traces import print_trace
from answerable.core.errors import ConfigError, NotFound
from answerable.core.evaluation import GoldSpan
from answerable.core.outcome import Outcome

if TYPE_CHECKING:
    from answerable.app.replaying import Replay
    from answerable.evals.diagnosis.diagnosis import Diagnosis
    from answerable.evals.diagnosis.freezing import Wanted

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


@commands.command("diagnose")
def diagnose(
    reference: ReferenceArgument = "latest",
    outcome: Annotated[Outcome | None, typer.Option(help="How the question should have ended.")] = None,
    must: Annotated[list[str] | None, typer.Option(help="Words that the answer must have. Repeatable.")] = None,
    must_not: Annotated[list[str] | None, typer.Option(help="Words that it must not have. Repeatable.")] = None,
    cites: Annotated[list[str] | None, typer.Option(help="URI or URI#SECTION to be cited. Repeatable.")] = None,
    quote: Annotated[
        list[str] | None, typer.Option(help="`URI: exact words` that the right answer rests on. Repeatable.")
    ] = None,
    case: Annotated[str, typer.Option(help="A case instead of a trace, by its id: it is asked now.")] = "",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Name the stage at which an answer went wrong, by experiments on the running system, each printed.

    Is the gold in the corpus, in the index, visible, well cut, found, kept; is the answer right with it alone,
    with another prompt or model, without a page, a guard or a check? The first repair that helps is the cause.
    Without a word of what is right, it looks for evidence in three ways.

    Examples: `answerable trace diagnose latest --must "30 days" --quote "policies/returns.md: within 30 days"` ·
    `answerable trace diagnose --case obvious-error-e217`
    """
    from answerable.evals.diagnosis.freezing import Wanted  # keeps --help quick

    wanted = Wanted(
        outcome=outcome, must=tuple(must or ()), must_not=tuple(must_not or ()), cites=tuple(cites or ())
    )
    spans = [_span(one) for one in quote or ()]
    made = project.run(_diagnose(config, reference, wanted, spans, case))
    if format is Format.JSON:
        emit_json(made.record())
    else:
        print_diagnosis(made)


def _span(text: str) -> GoldSpan:
    uri, colon, words = text.partition(": ")
    if not colon or not words.strip():
        raise ConfigError(
            f"--quote {text!r} has no words", hint='for example "policies/returns.md: within 30 days"'
        )
    return GoldSpan(document=uri.strip(), quote=words.strip())


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


async def _diagnose(
    config: Path | None, reference: str, wanted: Wanted, quotes: list[GoldSpan], case: str
) -> Diagnosis:
    from answerable.app.diagnosing import diagnose_case, diagnose_trace  # keeps --help quick
    from answerable.evals.cases.files import load_cases

    async with project.system(config) as system:
        await system.warm()
        if not case:
            return await diagnose_trace(system, reference, wanted=wanted, quotes=quotes)
        suites = [system.project.path(one) for one in system.settings.eval.suites]
        found = next((one for one in load_cases(suites) if one.id == case), None)
        if found is None:
            raise NotFound(f"no case is called {case!r}", hint="`answerable case list` shows them")
        return await diagnose_case(system, found)
