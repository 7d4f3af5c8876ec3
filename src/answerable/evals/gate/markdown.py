"""A comparison as the comment of a pull request: the verdict in words first, then the figures, then what broke."""

from __future__ import annotations

from collections.abc import Iterator

from answerable.evals.gate.decide import Ruling
from answerable.evals.gate.escaping import one_line, plain, raw, raw_piece
from answerable.evals.gate.headline import sentences, title
from answerable.evals.gate.lines import Kind, Line
from answerable.evals.gate.pairs import Pair
from answerable.evals.gate.report import Report, names, reasons, shown_row
from answerable.evals.gate.retrieved import text_of
from answerable.evals.gate.worddiff import Kept, word_diff
from answerable.evals.gate.words import bounds_of, difference_of, remarks_of, seconds, value_of

MARK = "<!-- answerable eval -->"  # by which the comment is found again and replaced
_WORST = 5
_ICON = {Ruling.PASSED: "✅", Ruling.FAILED: "❌", Ruling.INCONCLUSIVE: "❔"}
_TAG = {Kept.BASE: "del", Kept.HEAD: "ins"}


def write_markdown(report: Report) -> str:
    """The whole comment. Answers are other people's words: escaped, no link, no mention, no markup of theirs."""
    parts = [
        MARK,
        f"## {_ICON[report.decision.ruling]} {title(report.comparison, report.decision)}",
        "\n".join(f"- {plain(one)}" for one in sentences(report.comparison, report.decision)),
        _about(report),
        measures(report),
        *_regressions(report),
        *_flaky(report),
        *_aside(report),
        f"Again: `{report.command}`",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _about(report: Report) -> str:
    lines = [f"Base {report.base.name}, head {report.head.name}.", *report.notes]
    return "\n".join(f"- {plain(one)}" for one in lines)


def measures(report: Report) -> str:
    """The table: a line a measure, both sides, the difference with its interval, and the verdict."""
    comparison = report.comparison
    rows = ["| | base | head | difference (95 %) | verdict | |", "|---|---:|---:|---:|---|---|"]
    held = comparison.must_pass
    if held.cases:
        n = len(held.cases)
        word = (
            f"{len(held.failed)} fail" if held.failed else "unknown" if held.unmeasured or held.missing else "ok"
        )
        rows.append(_cells("must-pass", f"{held.base_passed}/{n}", f"{held.head_passed}/{n}", "", word, ""))
    rows += [_row(line) for line in comparison.lines if line.n]
    for one in comparison.times:
        if one.head.n:
            bounds = f"head's 95 % {bounds_of(one)}"
            rows.append(_cells(one.name, seconds(one.base.value), seconds(one.head.value), "", "", bounds))
    return "\n".join(rows)


def _row(line: Line) -> str:
    indented = "&nbsp;&nbsp;" if line.kind is Kind.CATEGORY else ""
    counted = f" ({line.n})" if line.kind not in (Kind.LATENCY, Kind.COST) else ""
    cells = _cells(
        line.name + counted,
        value_of(line, line.base),
        value_of(line, line.head),
        difference_of(line),
        line.change.value,
        remarks_of(line),
    )
    return cells.replace("| ", f"| {indented}", 1) if indented else cells


def _cells(*cells: str) -> str:
    return "| " + " | ".join(plain(cell) for cell in cells) + " |"


def _regressions(report: Report) -> Iterator[str]:
    worst = report.regressions
    if not worst:
        return
    rest = len(worst) - _WORST
    yield f"### Broken: {len(worst)}" + (f", the worst {_WORST}" if rest > 0 else "")
    yield from (_regression(pair) for pair in worst[:_WORST])
    if rest > 0:
        yield f"and {rest} more: {plain(', '.join(names(worst[_WORST:])))}"


def difference(base: str, head: str) -> str:
    """Two texts as one, what is gone and new marked, as HTML; one above the other where they share little."""
    before, after = one_line(base), one_line(head)
    pieces = word_diff(before, after)
    kept = sum(len(one.text) for one in pieces if one.kept is Kept.BOTH and one.text.strip())
    if kept * 2 < min(len(before), len(after)):
        return f"<del>{raw_piece(before)}</del>\n<ins>{raw_piece(after)}</ins>"
    return "".join(
        raw_piece(one.text)
        if one.kept is Kept.BOTH
        else f"<{_TAG[one.kept]}>{raw_piece(one.text)}</{_TAG[one.kept]}>"
        for one in pieces
    )


def _regression(pair: Pair) -> str:
    row = shown_row(pair.head)
    why = "; ".join(reasons(row)) or "no reason given"
    marked = difference(text_of(shown_row(pair.base)), text_of(row))
    passed = f"{pair.head.passes} of {pair.head.passes + pair.head.fails}"
    return (
        f"<details><summary><code>{raw(pair.case)}</code> passes {passed}: "
        f"{raw(why)}</summary>\n<pre>{marked}</pre>\n</details>"
    )


def _flaky(report: Report) -> Iterator[str]:
    if report.flaky:
        yield f"Flaky, passed and failed unchanged: {plain(', '.join(names(report.flaky)))}"


def _aside(report: Report) -> Iterator[str]:
    told = [
        f"- Quarantined until {one.expires}: {plain(one.case)} ({plain(one.owner)}: {plain(one.reason)})"
        for one in report.quarantine
        if one.case in report.comparison.set_aside
    ]
    told += [
        f"- Expired, does not count: waiver of {plain(one.gate)} by {plain(one.name)} until {one.expires}"
        for one in report.decision.expired
    ]
    if told:
        yield "\n".join(told)
