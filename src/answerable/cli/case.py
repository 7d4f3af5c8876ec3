"""answerable case: the questions that must keep getting the right answer, as files in git."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from answerable.app.cases import confirmed, places, sizes
from answerable.cli import case_exchange, case_from_trace, case_pairs, case_suggest, project
from answerable.cli.cases import (
    case_of_options,
    corpus_of,
    emit_coverage,
    load,
    print_case,
    print_coverage,
    print_report,
    report_json,
    show_path,
    today,
    who,
)
from answerable.cli.console import emit_json, note, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption, GroupsOption
from answerable.core.errors import ConfigError, NotFound
from answerable.core.evaluation import EvalCase
from answerable.core.outcome import Outcome
from answerable.evals.cases.checking import Corpus, Report, check_suite, read_for_check
from answerable.evals.cases.consistency import contradictions, likeness
from answerable.evals.cases.coverage import coverage
from answerable.evals.cases.files import Filed, save_case
from answerable.evals.cases.freshness import Flag, gold, gold_documents
from answerable.evals.cases.removals import Removal, remove_case
from answerable.evals.cases.schema import json_schema, to_mapping
from answerable.evals.cases.select import select

FINDINGS = 12
commands = typer.Typer(help="The questions that must keep getting the right answer.", no_args_is_help=True)
case_exchange.register(commands)
case_suggest.register(commands)
case_from_trace.register(commands)
PatternsArgument = Annotated[
    list[str] | None,
    typer.Argument(help="Which: an id, typo-*, tag:NAME, category:NAME, language:de, outcome:…, !PATTERN."),
]
ByOption = Annotated[str, typer.Option("--by", help="Who; else git's user.email.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="case")


@commands.command("add")
def add(
    question: Annotated[str, typer.Argument(help="As a person asks it.")],
    outcome: Annotated[Outcome | None, typer.Option(help="How it has to end. Of a case required.")] = None,
    why: Annotated[str, typer.Option(help="The reason that it is a case. Of a case required.")] = "",
    pair: Annotated[
        bool, typer.Option("--pair", help="No case, only a judged question for the lab: it needs --span.")
    ] = False,
    must: Annotated[list[str] | None, typer.Option(help="Has to be in the answer. Repeatable.")] = None,
    must_not: Annotated[list[str] | None, typer.Option(help="May not be in it. Repeatable.")] = None,
    accept_also: Annotated[
        list[str] | None, typer.Option(help="Stands in for a missing --must. Repeatable.")
    ] = None,
    cites: Annotated[list[str] | None, typer.Option(help="uri or uri#section to be cited. Repeatable.")] = None,
    span: Annotated[
        list[str] | None, typer.Option(help="A passage that it needs, as URI::WORDS. Repeatable.")
    ] = None,
    criterion: Annotated[list[str] | None, typer.Option(help="Judged besides, e.g. grounded. Repeatable.")] = None,
    reference: Annotated[str, typer.Option(help="A right answer in words.")] = "",
    category: Annotated[str, typer.Option(help="Its first tag and folder; else by the outcome.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="A further tag, e.g. must-pass. Repeatable.")] = None,
    language: Annotated[str, typer.Option(help="Of the question; else the project's own.")] = "",
    where: Annotated[list[str] | None, typer.Option("--filter", help="KEY=VALUE. Repeatable.")] = None,
    name: Annotated[str, typer.Option("--id", help="Its name; else made of category and question.")] = "",
    by: ByOption = "",
    group: GroupsOption = None,
    config: ConfigOption = None,
) -> None:
    """Write a case into its category's folder, confirmed today by you; with --pair a line into pairs.jsonl.

    Example: `answerable case add "How long is a card valid?" --outcome answered --must "3 years" --why "often"`
    """
    here = project.project(config)
    if pair:
        case_pairs.add_pair(
            here, question, spans=span or [], language=language, name=name, by=who(by, here), groups=group or []
        )
        return
    if outcome is None or not why:
        raise ConfigError(
            "a case needs --outcome and --why", hint="or --pair --span URI::WORDS, for the lab alone"
        )
    filed = load(here)
    given = case_of_options(
        {
            "question": question,
            "tags": tag or [],
            "language": language or here.settings.project.default_language,
            "filters": where or [],
            "groups": group or [],
            "id": name,
            "outcome": outcome,
            "must": must or [],
            "must_not": must_not or [],
            "accept_also": accept_also or [],
            "cites": cites or [],
            "spans": span or [],
            "criteria": criterion or [],
            "reference": reference,
            "why": why,
        },
        category=category,
        taken={one.case.id for one in filed},
    )
    corpus = corpus_of(here, [given], groups=group or [])
    person = who(by, here)
    case = confirmed(replace(given, origin={"author": person, **given.origin}), corpus, today=today(), by=person)
    path = places(here).home / case.category / f"{case.id}.yaml"
    save_case(case, path)
    say(show_path(path))
    _warn(case, filed, corpus)


@commands.command("list")
def list_cases(
    patterns: PatternsArgument = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """The cases, or those that a pattern means."""
    found = select([one.case for one in load(project.project(config))], patterns or [])
    if format is Format.JSON:
        emit_json([to_mapping(one) for one in found])
        return
    table(
        ["id", "category", "language", "outcome", "confirmed", "question"],
        [
            [one.id, one.category, one.language, one.expect.outcome or "", one.confirmed or "", one.question]
            for one in found
        ],
    )


@commands.command("show")
def show(
    name: Annotated[str, typer.Argument(help="The case's id.")],
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """One case: its file and what it expects."""
    filed = _one(load(project.project(config)), name)
    if format is Format.JSON:
        emit_json({**to_mapping(filed.case), "file": show_path(filed.path), "line": filed.line or None})
    else:
        print_case(filed)


@commands.command("check")
def check(
    files_only: Annotated[bool, typer.Option(help="Do not look at the index.")] = False,
    group: GroupsOption = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Find what is wrong with the cases: bad files, dead or changed sources, contradictions, old confirmations.

    Ends with 0 where nothing is found, 12 with findings, 2 where a file is no case.
    """
    here = project.project(config)
    filed, problems = read_for_check(places(here).suites)
    cases = [one.case for one in filed]
    corpus = (
        Corpus(texts=None, reason="--files-only") if files_only else corpus_of(here, cases, groups=group or [])
    )
    every_s = here.settings.eval.confirm_every
    report = check_suite(filed, problems, corpus, today=today(), every_s=every_s)
    if format is Format.JSON:
        emit_json(report_json(report))
    else:
        print_report(report)
    raise typer.Exit(_code(report))


@commands.command("stats")
def stats(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """How many cases there are of each category, language and outcome, and how their number grew."""
    here = project.project(config)
    found = coverage([one.case for one in load(here)], sizes=sizes(here))
    if format is Format.JSON:
        emit_coverage(found)
    else:
        print_coverage(found)


@commands.command("confirm")
def confirm(
    patterns: Annotated[list[str], typer.Argument(help="Which cases: ids or patterns as in `case list`.")],
    by: ByOption = "",
    group: GroupsOption = None,
    config: ConfigOption = None,
) -> None:
    """Say that cases are right as of today, with the present versions of their documents."""
    here = project.project(config)
    filed = {one.case.id: one for one in load(here)}
    chosen = select([one.case for one in filed.values()], patterns)
    corpus = corpus_of(here, chosen, groups=group or [])
    if corpus.texts is None:
        note(f"the versions of the documents were not looked at: {corpus.reason}")
    for case in chosen:
        save_case(confirmed(case, corpus, today=today(), by=who(by, here)), filed[case.id].path)
    say(f"{len(chosen)} confirmed as of {today()}")
    for line in _gone(chosen, corpus):
        note(f"still to mend: {line}")


@commands.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="The case's id.")],
    reason: Annotated[str, typer.Option(help="Why it goes; kept in removed.jsonl.")],
    by: ByOption = "",
    config: ConfigOption = None,
) -> None:
    """Take a case out, and keep why."""
    here = project.project(config)
    filed = _one(load(here), name)
    log = places(here).removed
    removal = Removal(id=name, reason=reason, by=who(by, here), on=today())
    remove_case(filed, removal, log)
    say(f"{name} is removed; {show_path(log)} keeps it, and why")


@commands.command("schema")
def schema() -> None:
    """The JSON Schema of a case file, for editors and other programs."""
    emit_json(json_schema())


def _one(filed: list[Filed], name: str) -> Filed:
    for one in filed:
        if one.case.id == name:
            return one
    raise NotFound(f"there is no case {name!r}", hint="`answerable case list` names them")


def _code(report: Report) -> int:
    if report.problems:
        return 2
    return 0 if report.clean else FINDINGS


def _gone(cases: list[EvalCase], corpus: Corpus) -> list[str]:
    if corpus.texts is None:
        return []
    texts = corpus.texts
    bad = (Flag.DEAD, Flag.QUOTE)
    return [f"{one.case}: {one.detail}" for case in cases for one in gold(case, texts) if one.flag in bad]


def _warn(case: EvalCase, filed: list[Filed], corpus: Corpus) -> None:
    for finding in contradictions(case):
        note(f"{finding.key}: {finding.cause}")
    for line in _gone([case], corpus):
        note(line)
    if gold_documents(case) and corpus.texts is None:
        note(f"the versions of its documents are not kept: {corpus.reason}")
    near = [one.case.id for one in filed if likeness(one.case.question, case.question, case.language) >= 0.8]
    if near:
        note(f"asks nearly the same as {', '.join(near)}")
