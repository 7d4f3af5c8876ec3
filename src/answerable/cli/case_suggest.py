"""answerable case suggest: candidates for cases, each accepted or rejected by a person."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from answerable.app.cases import confirmed, places
from answerable.app.project import Project
from answerable.cli import project
from answerable.cli.cases import corpus_of, load, show_path, today, who
from answerable.cli.console import emit_json, note, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.core.errors import ConfigError
from answerable.core.outcome import Outcome
from answerable.evals.cases.files import save_case
from answerable.evals.cases.suggest.candidate import Candidate, Kind, State, read_candidates, write_candidates
from answerable.evals.cases.suggest.deciding import Said, accepted, decided, find
from answerable.evals.cases.suggest.proposing import Wanted, accept_rate, propose

_SHOWN = 11  # characters of an id: enough to be unique among thousands


def register(commands: typer.Typer) -> None:
    """Add the command."""
    commands.command("suggest")(suggest)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """The project with its candidates, and who decides."""

    project: Project
    path: Path
    by: str

    def decide(self, reference: str, state: State, said: Said, reason: str = "") -> str:
        """Write the decision, and the case where it is yes; returns what was done."""
        known = read_candidates(self.path)
        one = find(known, reference)
        told = f"{one.id[:_SHOWN]} rejected: {reason}"
        if state is State.ACCEPTED:
            taken = {filed.case.id for filed in load(self.project)}
            made = accepted(one, said, by=self.by, on=today(), taken=taken)
            case = confirmed(made, corpus_of(self.project, [made]), today=today(), by=self.by)
            path = places(self.project).home / case.category / f"{case.id}.yaml"
            save_case(case, path)
            told = show_path(path)
        done = decided(one, state, by=self.by, on=today(), reason=reason)
        write_candidates([done if other.id == one.id else other for other in known], self.path)
        return told


def suggest(
    kind: Annotated[list[Kind] | None, typer.Option(help="Only these kinds. Repeatable.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10000, help="New candidates, at most.")] = 100,
    seed: Annotated[int, typer.Option(help="Another one makes other typing errors.")] = 0,
    list_only: Annotated[bool, typer.Option("--list", help="Only show what waits for a decision.")] = False,
    accept: Annotated[list[str] | None, typer.Option(help="Make a case of this candidate. Repeatable.")] = None,
    reject: Annotated[list[str] | None, typer.Option(help="Never propose this one again. Repeatable.")] = None,
    reason: Annotated[str, typer.Option(help="Why it is rejected.")] = "",
    question: Annotated[str | None, typer.Option(help="With --accept: mended or translated.")] = None,
    outcome: Annotated[Outcome | None, typer.Option(help="With --accept: how it has to end.")] = None,
    must: Annotated[list[str] | None, typer.Option(help="With --accept: has to be in the answer.")] = None,
    by: Annotated[str, typer.Option("--by", help="Who decides; else git's user.email.")] = "",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Propose cases from the cases, the documents and the log; a person decides on each.

    Candidates wait in candidates.jsonl beside the cases. At a terminal each is asked for: y, n, e (edit), s, q.
    """
    here = project.project(config)
    desk = _Desk(project=here, path=places(here).candidates, by=who(by, here))
    if accept or reject:
        _decide(
            desk, accept or [], reject or [], Said(question=question, outcome=outcome, must=_tuple(must)), reason
        )
        return
    if not list_only:
        _propose(
            desk,
            Wanted(
                kinds=kind or list(Kind),
                languages=here.settings.project.languages,
                limit=limit,
                seed=seed,
                untranslated=Kind.LANGUAGE in (kind or []),
            ),
        )
    known = read_candidates(desk.path)
    waiting = [one for one in known if one.state is State.PROPOSED and (not kind or one.kind in kind)]
    if format is Format.JSON:
        emit_json([_row(one) for one in waiting])
    elif sys.stdin.isatty() and sys.stdout.isatty() and not list_only:
        _ask(desk, waiting)
    else:
        _show(waiting)
    _tell_rate(known)


def _decide(desk: _Desk, accept: Sequence[str], reject: Sequence[str], said: Said, reason: str) -> None:
    if said != Said() and (len(accept) != 1 or reject):
        raise ConfigError("--question, --outcome and --must belong to one --accept", hint="accept one at a time")
    for reference in accept:
        say(desk.decide(reference, State.ACCEPTED, said))
    for reference in reject:
        say(desk.decide(reference, State.REJECTED, Said(), reason))


def _propose(desk: _Desk, wanted: Wanted) -> None:
    from answerable.app.proposals import sources  # the whole system, which the decisions do not need

    documents, logged = Kind.DOCUMENT in wanted.kinds, Kind.LOG in wanted.kinds
    pages, log, why = project.run(sources(desk.project, documents=documents, log=logged))
    if why:
        note(f"no candidates from documents and log: {why}")
    known = read_candidates(desk.path)
    new = propose(
        [one.case for one in load(desk.project)],
        known,
        wanted,
        pages=pages,
        log=log,
    )
    write_candidates([*known, *new], desk.path)
    counts = Counter(str(one.kind) for one in new)
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) or "none"
    note(f"{len(new)} new candidates in {show_path(desk.path)}: {told}")


def _ask(desk: _Desk, waiting: Sequence[Candidate]) -> None:
    for number, one in enumerate(waiting, 1):
        say(f"\n{number}/{len(waiting)}  {one.kind} of {one.source}")
        say(f"  {one.case.question}")
        say(f"  expects {one.case.expect.outcome or '?'} {list(one.case.expect.must) or ''}")
        for told in (*(f"needs {need}" for need in one.needs), *([one.note] if one.note else [])):
            say(f"  {told}")
        word = typer.prompt("  accept? y, n, e (edit), s (skip), q", default="s").strip().lower()[:1]
        if word == "q":
            return
        _answer(desk, one, word)


def _answer(desk: _Desk, one: Candidate, word: str) -> None:
    try:
        if word == "n":
            say("  " + desk.decide(one.id, State.REJECTED, Said(), typer.prompt("  why not?")))
        elif word in ("y", "e"):
            said = _mended(one) if word == "e" or one.needs else Said()
            say("  " + desk.decide(one.id, State.ACCEPTED, said))
    except ConfigError as error:
        note(f"  {error}; it waits on")


def _mended(one: Candidate) -> Said:
    expect = one.case.expect
    question = typer.prompt("  question", default=one.case.question)
    given = typer.prompt("  outcome", default=str(expect.outcome or ""))
    must = typer.prompt("  must (separated by |)", default=" | ".join(expect.must), show_default=True)
    if given not in set(Outcome):
        raise ConfigError(f"there is no outcome {given!r}")
    parts = tuple(part.strip() for part in must.split("|") if part.strip())
    return Said(question=question, outcome=Outcome(given), must=parts)


def _show(waiting: Sequence[Candidate]) -> None:
    if not waiting:
        note("no candidate waits")
        return
    columns = ["candidate", "kind", "language", "of", "question", "must", "needs"]
    rows = []
    for one in waiting:
        must, needs = "; ".join(one.case.expect.must), ", ".join(one.needs)
        rows.append([one.id[:_SHOWN], one.kind, one.case.language, one.source, one.case.question, must, needs])
    table(columns, rows)
    note("answerable case suggest --accept ID, or --reject ID --reason WHY")


def _tell_rate(known: Sequence[Candidate]) -> None:
    yes, of = accept_rate(known)
    if of:
        note(f"{yes} of {of} decided candidates were accepted")


def _row(one: Candidate) -> dict[str, object]:
    return {
        "id": one.id,
        **one.provenance,
        "language": one.case.language,
        "question": one.case.question,
        "outcome": one.case.expect.outcome,
        "must": list(one.case.expect.must),
        "spans": [{"document": span.document, "quote": span.quote} for span in one.case.expect.spans],
        "needs": list(one.needs),
        "note": one.note,
    }


def _tuple(given: list[str] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(given)
