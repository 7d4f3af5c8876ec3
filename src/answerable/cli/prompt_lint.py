"""answerable prompt lint: what is wrong with prompts before a model reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, out, say
from answerable.cli.options import ConfigOption
from answerable.cli.prompt import commands
from answerable.cli.writing import write_file
from answerable.core.errors import ConfigError

if TYPE_CHECKING:
    from answerable.prompts.lint.finding import Finding
    from answerable.prompts.lint.linter import Linted

LINT = 12
_STYLE = {"error": "bold red", "warning": "yellow"}
_SHOWN = 110  # characters of a line
_BLANK = " " * 6


class LintFormat(StrEnum):
    """How findings are written."""

    PRETTY = "pretty"
    JSON = "json"
    SARIF = "sarif"


def register(app: typer.Typer) -> None:
    """Add the command; `prompt` itself is registered by its own module."""
    commands.command("lint")(lint)


def lint(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Ids, ID@VERSION, files, folders; all prompts and the configuration when left out."),
    ] = None,
    rule: Annotated[list[str] | None, typer.Option("--rule", help="Only this rule. Repeatable.")] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="RULE=REASON", help="Put a rule aside, and say why. Repeatable."),
    ] = None,
    base: Annotated[
        str, typer.Option("--base", help="The commit that versions are compared with; where the branch left main.")
    ] = "",
    strict: Annotated[bool, typer.Option("--strict", help="Exit 12 on a warning, too.")] = False,
    format: Annotated[  # noqa: A002
        LintFormat, typer.Option("--format", help="pretty for people, json for programs, sarif for forges.")
    ] = LintFormat.PRETTY,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write it into this file.")] = None,
    config: ConfigOption = None,
) -> None:
    """What is wrong with prompts before a model reads them: five protections, inputs, owners, versions, secrets.

    It reads words and does not understand them: `prompt test` shows what a model does. docs/prompts/lint.md
    explains each rule. In a prompt file, `allow: {RULE: reason}` puts one aside.

    Exit 12 on an error, with --strict on a warning, too.

    Examples: `answerable prompt lint` · `answerable prompt lint answer` · `answerable prompt lint old.txt`
    · `answerable prompt lint --format sarif -o lint.sarif`
    """
    from answerable.app.prompts.linting import lint_prompts  # keeps --help quick

    linted = lint_prompts(
        project.project(config), names or (), rules=_known(rule or ()), ignore=_reasons(ignore or ()), base=base
    )
    if format is LintFormat.PRETTY and output is None:
        _print(linted)
    else:
        _write(linted, format, output)
    note(_summary(linted))
    failing = [one for one in linted.findings if strict or one.level.value == "error"]
    raise typer.Exit(LINT if failing else 0)


def _known(names: Sequence[str]) -> Sequence[str]:
    from answerable.prompts.lint.rule import rules

    if wrong := [name for name in names if name not in rules()]:
        raise ConfigError(f"no rule is called {wrong[0]!r}", hint=f"there are: {', '.join(rules())}")
    return names


def _reasons(given: Sequence[str]) -> Mapping[str, str]:
    pairs = [one.partition("=") for one in given]
    if bare := [name for name, _, reason in pairs if not reason.strip()]:
        raise ConfigError(f"--ignore {bare[0]} has no reason", hint=f'--ignore {bare[0]}="why it does not matter"')
    _known([name for name, _, _ in pairs])
    return {name: reason.strip() for name, _, reason in pairs}


def _print(linted: Linted) -> None:
    explained: set[str] = set()
    for file, found in groupby(linted.findings, key=lambda one: one.file):
        out.print(file, style="bold underline", markup=False)
        for _, here in groupby(found, key=lambda one: (one.line, one.column)):
            _print_place(list(here), explained)
        say("")
    for aside in linted.suppressed:
        out.print(
            f"put aside  {aside.finding.place}  {aside.finding.rule}: {aside.reason}", style="dim", markup=False
        )


def _print_place(found: Sequence[Finding], explained: set[str]) -> None:
    """What is said of one place, and the place itself; a rule is explained where it comes first."""
    for one in found:
        out.print(f"  {one.line}:{one.column}", end="  ", markup=False)
        out.print(one.level.value, style=_STYLE[one.level.value], end="  ")
        say(f"{one.rule}: {one.what}")
        if one.rule not in explained:
            explained.add(one.rule)
            out.print(f"{_BLANK} why  {one.why}", style="dim", markup=False)
            say(f"{_BLANK} fix  {one.fix}")
    _point_at(found[0])


def _point_at(one: Finding) -> None:
    """The line, with carets below what the finding is about."""
    if not one.text.strip():
        return
    start = max(0, one.column - 1 - _SHOWN // 2) if one.column > _SHOWN else 0
    shown = one.text[start : start + _SHOWN]
    before = "".join("\t" if char == "\t" else " " for char in shown[: one.column - 1 - start])
    say(f"{one.line:>6} | {shown}")
    out.print(f"{_BLANK} | {before}{'^' * min(one.width, _SHOWN - len(before))}", style="cyan", markup=False)


def _write(linted: Linted, format: LintFormat, output: Path | None) -> None:  # noqa: A002
    if format is LintFormat.PRETTY:
        text = "".join(f"{one.place}: {one.level.value}: {one.rule}: {one.what}\n" for one in linted.findings)
        return write_file(output, text) if output else None
    value = _sarif(linted) if format is LintFormat.SARIF else plain(linted)
    if output is None:
        return emit_json(value)
    return write_file(output, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _sarif(linted: Linted) -> dict[str, Any]:
    from answerable.prompts.lint.sarif import sarif

    return sarif(linted, version=version("answerable"))


def plain(linted: Linted) -> dict[str, Any]:
    """For JSON."""
    return {
        "files": list(linted.files),
        "errors": sum(one.level.value == "error" for one in linted.findings),
        "warnings": sum(one.level.value == "warning" for one in linted.findings),
        "findings": [one.plain() for one in linted.findings],
        "suppressed": [{**one.finding.plain(), "reason": one.reason} for one in linted.suppressed],
    }


def _summary(linted: Linted) -> str:
    told = plain(linted)
    counts = [_count(told["errors"], "error"), _count(told["warnings"], "warning")]
    aside = f", {len(linted.suppressed)} put aside" if linted.suppressed else ""
    return f"{_count(len(linted.files), 'file')}: {', '.join(counts)}{aside}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
