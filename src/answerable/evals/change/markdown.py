"""A branch's report as the comment of a pull request: the verdict in words, what changed, what was won and lost.

A forge takes 65,536 characters. What does not fit is cut, and the report says what.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from answerable.evals.change.cases import lost, lost_case, won, won_case
from answerable.evals.change.report import MARK, BranchReport
from answerable.evals.change.verdict import icon, verdict
from answerable.evals.change.what import changes
from answerable.evals.gate.escaping import plain
from answerable.evals.gate.headline import sentences
from answerable.evals.gate.lines import Kind
from answerable.evals.gate.markdown import measures
from answerable.evals.gate.pairs import Pair
from answerable.evals.gate.report import Report
from answerable.evals.gate.search_first import Stopped
from answerable.evals.gate.stopped_text import searches_text
from answerable.evals.gate.words import difference_of, plural, value_of

LIMIT = 65_000
_FIRST = 10  # cases and findings before the fold
_HOW = {
    "passed": "✅",
    "failed": "❌",
    "inconclusive": "❔",
    "skipped": "➖",
    "broke": "⚠️",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much is written of each."""

    cases: int = 60
    findings: int = 100
    files: int = 100
    words: int = 1200  # characters of an answer
    behavior: int = 12_000  # characters of the matrix


_ROOMS = (
    Room(),
    Room(cases=30, findings=40, files=40, words=600, behavior=6000),
    Room(cases=10, findings=15, files=20, words=300, behavior=3000),
    Room(cases=3, findings=5, files=10, words=150, behavior=0),
)


def write_markdown(report: BranchReport, *, limit: int = LIMIT) -> str:
    """The whole comment, of at most `limit` characters. Answers, names and files are other people's words: nothing
    in them acts."""
    for room in _ROOMS:
        text = _written(report, room)
        if len(text) <= limit:
            return text
    end = "\n\nCut here: the report is longer than a forge takes.\n"
    return text[: limit - len(end)].rpartition("\n\n")[0] + end


def mark(project: str) -> str:
    """The hidden first line: one comment a project."""
    kept = "".join(sign if sign.isalnum() or sign in "._/" else "-" for sign in project).strip("-")
    return f"<!-- {MARK}{f' {kept}' if kept else ''} -->"


def _written(report: BranchReport, room: Room) -> str:
    parts = [
        mark(report.project),
        f"## {icon(report.exit_code)} {plain(verdict(report))}",
        *_warnings(report),
        *_stages(report),
        *changes(report, files=room.files),
        *_cases(report, room),
        *_measured(report),
        *_lint(report, room),
        *_behavior(report, room),
        *_how(report),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _warnings(report: BranchReport) -> Iterator[str]:
    held = report.held_by_other_rules
    if held:
        named = ", ".join(f"{plain(one.path)} ({one.kind})" for one in held)
        yield f"> ⚠️ **This branch changes what it is held to:** {named}. It was held to what the base has."
    silent = [one for one in report.prompts if one.silent]
    if silent:
        named = ", ".join(plain(one.after) for one in silent)
        yield f"> ⚠️ **Another text under the same version:** {named}."


def _stages(report: BranchReport) -> Iterator[str]:
    if report.stages:
        rows = [f"| {_HOW[one.state.value]} {one.name} | {plain(one.words)} |" for one in report.stages]
        yield "\n".join(["| check | |", "|---|---|", *rows])
    told = [*_per_answer(report), *report.notes]
    if told:
        yield "\n".join(f"- {plain(one)}" for one in told)


def _per_answer(report: BranchReport) -> Iterator[str]:
    """Cost and latency of an answer, with their intervals; what has no price stays without."""
    if not isinstance(report.compared, Report):
        return
    for line in report.compared.comparison.lines:
        if line.kind not in (Kind.COST, Kind.LATENCY):
            continue
        name = "Cost per answer" if line.kind is Kind.COST else "Mean latency"
        if not line.n:
            yield f"{name}: unpriced" if line.kind is Kind.COST else f"{name}: not measured"
            continue
        sides = f"{value_of(line, line.base)} → {value_of(line, line.head)}"
        beside = f", {difference_of(line)} at 95 % confidence" if line.difference else ""
        priced = f"; {plural(line.unmeasured, 'case')} unpriced" if line.unmeasured else ""
        told = "" if line.gates else " (informative)"
        yield f"{name}: {sides}{beside}: {line.change}{told}{priced if line.kind is Kind.COST else ''}"


def _cases(report: BranchReport, room: Room) -> Iterator[str]:
    if isinstance(report.compared, Stopped):
        lines = "\n".join(f"    {plain(one)}" for one in searches_text(report.compared.searches))
        yield f"### Retrieval\n\n{lines}"
    if not isinstance(report.compared, Report):
        return
    losses, wins = lost(report.compared), won(report.compared)
    if losses:
        yield f"### Lost: {plural(len(losses), 'case')}"
        yield from _folded([lost_case(pair, room.words) for pair in losses[: room.cases]], losses)
    if wins:
        yield f"### Won: {plural(len(wins), 'case')}"
        yield from _folded([won_case(pair, room.words) for pair in wins[: room.cases]], wins)


def _folded(written: Sequence[str], all_of: Sequence[Pair]) -> Iterator[str]:
    """The first few open to see, the others behind a fold; those that are left out by name."""
    yield "\n\n".join(written[:_FIRST])
    if rest := written[_FIRST:]:
        body = "\n\n".join(rest)
        yield f"<details><summary>{len(rest)} more</summary>\n\n{body}\n\n</details>"
    if left := all_of[len(written) :]:
        yield f"Cut: {plural(len(left), 'more case')}: {plain(', '.join(one.case for one in left[:200]))}"


def _measured(report: BranchReport) -> Iterator[str]:
    found = report.compared
    if not isinstance(found, Report):
        return
    yield "### Measured"
    yield "\n".join(f"- {plain(one)}" for one in sentences(found.comparison, found.decision))
    yield measures(found)
    notes = [f"Base {found.base.name}, this branch {found.head.name}.", *found.notes]
    yield "\n".join(f"- {plain(one)}" for one in notes)


def _lint(report: BranchReport, room: Room) -> Iterator[str]:
    if not report.findings:
        return
    yield f"### Lint: {plural(len(report.findings), 'finding')}"
    rows = [
        f"| {plain(one.place)} | {plain(one.level)} | {plain(one.rule)} | {plain(one.what)} | {plain(one.fix)} |"
        for one in report.findings[: room.findings]
    ]
    yield "\n".join(["| where | | rule | what | how to mend it |", "|---|---|---|---|---|", *rows])
    if left := len(report.findings) - len(rows):
        yield f"Cut: {plural(left, 'more finding')}; `answerable prompt lint` shows them."


def _behavior(report: BranchReport, room: Room) -> Iterator[str]:
    if not report.behavior:
        return
    yield "### Behavior"
    if len(report.behavior) <= room.behavior:
        yield report.behavior.strip()
    else:
        yield "Cut: the matrix; `answerable prompt test` shows it."


def _how(report: BranchReport) -> Iterator[str]:
    lines = [f"- Again: `{report.command}`"]
    found = report.compared
    if isinstance(found, Report):
        if report.exit_code == 11 and found.head.digest:
            lines.append(
                "- To accept what cannot be told, by a person's word: `answerable eval waive inconclusive "
                f'--only {found.head.digest} --name "…" --reason "…" --until YYYY-MM-DD`, and commit the file'
            )
        parts = ", ".join(f"{name} {value}" for name, value in sorted(found.head.run.fingerprint.items()))
        lines.append(
            f"- Fingerprint: {plain(parts)}" + (f"; system {found.head.digest}" if found.head.digest else "")
        )
    if report.base_commit:
        lines.append(_held(report))
    yield "### Again"
    yield "\n".join(lines)


def _held(report: BranchReport) -> str:
    return (
        f"- Held to {plain(report.base)} at {report.base_commit[:12]}, this branch at {report.head_commit[:12]}"
        + (", with changes that are not committed" if report.head_commit.endswith("+") else "")
    )
