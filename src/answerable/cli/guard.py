"""answerable guard: what the guards say of a text, which ones there are, and what scope.md became."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.core.errors import ConfigError

if TYPE_CHECKING:
    from answerable.app.guard_trial import Trial

SECURITY_FINDING = 15
MOST_TEXTS = 10_000
TenantOption = Annotated[str, typer.Option("--tenant", help="Whose guards; the project's own when not given.")]


class Expect(StrEnum):
    """What must come of every text."""

    ALLOW = "allow"
    BLOCK = "block"


class Side(StrEnum):
    """What the text is."""

    QUESTION = "question"
    ANSWER = "answer"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    noun = typer.Typer(
        help="What the guards say, which there are, and what scope.md became.", no_args_is_help=True
    )
    noun.command("test")(test)
    noun.command("list")(show)
    noun.command("scope")(scope)
    app.add_typer(noun, name="guard")


def test(
    text: Annotated[str, typer.Argument(help="The text.", show_default=False)] = "",
    file: Annotated[Path | None, typer.Option("--file", help="A file with one text a line, instead.")] = None,
    side: Annotated[Side, typer.Option("--as", help="What the text is.")] = Side.QUESTION,
    expect: Annotated[Expect | None, typer.Option("--expect", help="Exit 15 where something else comes.")] = None,
    tenant: TenantOption = "",
    language: Annotated[str, typer.Option("--language", help="Of an answer.")] = "en",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Show the verdict of every guard, its rule, score and time. Nothing is searched, asked or written.

    A guard that asks a model or an endpoint asks it, where one is configured.

    Examples: `answerable guard test "Write me a poem"` · `answerable guard test --file attacks.txt --expect block`
    """
    texts = _texts(text, file)
    done = project.run(_test(config, texts, side, tenant, language))
    if format is Format.JSON:
        emit_json([_row(one) for one in done])
    elif len(done) == 1:
        _tell(done[0])
    else:
        table(["action", "guard", "rule", "text"], [_line(one) for one in done])
    if expect is not None and (
        wrong := [one for one in done if (one.blocked is None) is (expect is Expect.BLOCK)]
    ):
        if format is not Format.JSON:
            was = "not blocked" if expect is Expect.BLOCK else "blocked"
            say(f"{len(wrong)} of {len(done)} {was}")
        raise typer.Exit(SECURITY_FINDING)


def show(tenant: TenantOption = "", config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """List the guards in their order, where each looks, and what holds when it breaks."""
    from answerable.app.guarding import make_guards  # only here; --help stays quick
    from answerable.app.guards_outside import Outside

    made = make_guards(project.project(config), Outside())
    rows = [
        {"guard": one.name, "looks at": one.stage, "when it breaks": _fails(one.fails)} for one in made.of(tenant)
    ]
    if format is Format.JSON:
        emit_json(rows)
        return
    table(list(rows[0]), [list(row.values()) for row in rows])


def scope(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Show what each line of scope.md became: a topic, a use, or words for the model and for people alone."""
    from answerable.app.guarding import scope_book

    book = scope_book(project.project(config))
    if format is Format.JSON:
        lines = [
            {"line": one.line, "text": one.text, "is": one.kind, "rules": list(one.rules)} for one in book.lines
        ]
        emit_json({"purpose": book.purpose, "subjects": list(book.subjects), "lines": lines})
        return
    say(book.purpose or "no word of what it is for: write one paragraph below the first heading of scope.md")
    table(["line", "is", "text", "rules"], [[o.line, o.kind, o.text[:60], ", ".join(o.rules)] for o in book.lines])


async def _test(config: Path | None, texts: Sequence[str], side: Side, tenant: str, language: str) -> list[Trial]:
    from answerable.app.guard_trial import open_guards, trial
    from answerable.app.guards_outside import OUTSIDE

    opened = project.project(config)
    whose = tenant or opened.settings.project.tenant
    async with open_guards(opened) as guards:
        members = guards.of(whose)
        await trial(
            [one for one in members if one.name not in OUTSIDE], "warm"
        )  # what is read once is no one's time
        return [await trial(members, one, stage=side.value, tenant=whose, language=language) for one in texts]


def _texts(text: str, file: Path | None) -> list[str]:
    if bool(text.strip()) == (file is not None):
        raise ConfigError("give a text or --file", hint='answerable guard test "Write me a poem"')
    if file is None:
        return [text]
    try:
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {file}: {error}", hint="UTF-8, one text a line") from error
    if not 0 < len(lines) <= MOST_TEXTS:
        raise ConfigError(f"{file} has {len(lines)} texts", hint=f"1 to {MOST_TEXTS}, one a line")
    return lines


def _tell(one: Trial) -> None:
    rows = [
        [
            said.verdict.name,
            said.verdict.action if said.verdict.passed is not None else f"{said.verdict.action} (broke)",
            said.verdict.rule or "-",
            "-" if said.verdict.score is None else f"{said.verdict.score:.2f}",
            f"{said.ms:.1f}",
            said.verdict.reason,
        ]
        for said in one.said
    ]
    table(["guard", "action", "rule", "score", "ms", "reason"], rows, right=["score", "ms"])
    outcome = f": {one.blocked.outcome}" if one.blocked and one.blocked.outcome else ""
    say(f"{one.action}{outcome}" + (f"\ngoes on as: {one.left}" if one.left != one.text else ""))


def _line(one: Trial) -> list[str]:
    ruling = one.blocked or next((s.verdict for s in one.said if s.verdict.action == one.action != "allow"), None)
    return [one.action, ruling.name if ruling else "-", (ruling.rule if ruling else "") or "-", one.text[:80]]


def _row(one: Trial) -> dict[str, Any]:
    verdicts = [
        {
            "guard": said.verdict.name,
            "action": said.verdict.action,
            "passed": said.verdict.passed,
            "rule": said.verdict.rule,
            "score": said.verdict.score,
            "reason": said.verdict.reason,
            "outcome": said.verdict.outcome,
            "ms": round(said.ms, 3),
        }
        for said in one.said
    ]
    return {"text": one.text, "action": one.action, "goes_on_as": one.left, "guards": verdicts}


def _fails(fails: str) -> str:
    return "nothing goes on" if fails == "closed" else "goes on, and the answer says unguarded"
