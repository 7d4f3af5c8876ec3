"""The matrix as Markdown, for a pull request. Replies are strangers' text: none becomes a mention or a link."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from answerable.evals.behavior.comparison import Comparison
from answerable.evals.behavior.results import Results
from answerable.evals.behavior.wording import (
    failures,
    footer,
    head_of,
    model_of,
    passed_of,
    rows,
    shown_of,
    title,
    twins_of,
)
from answerable.evals.gate.escaping import plain

MOST_FAILURES = 10  # of one prompt; the page has them all
_LONGEST = 300  # characters of a reason


def to_markdown(groups: Sequence[Sequence[Results]], comparisons: Sequence[Comparison] = ()) -> str:
    """One section for each group: the versions or models of one prompt, side by side."""
    parts = [part for group in groups for part in _group(group)]
    parts += [f"- {plain(one.sentence)}" for one in comparisons]
    return "\n\n".join(parts) + "\n"


def _group(group: Sequence[Results]) -> Iterator[str]:
    for results in group:
        yield f"**{plain(title(results))}** ({plain(model_of(results))}; {plain(footer(results))})"
    heads = [plain(head_of(one, group)) for one in group]
    columns = [f"{head}{what}" for head in heads for what in ("", " twins", " shown safe")]
    lines = [f"| | {' | '.join(columns)} |", f"|---|{'---:|' * len(columns)}"]
    for category, cells in rows(group):
        told = [said for cell in cells for said in (passed_of(cell), twins_of(cell), shown_of(cell))]
        lines.append(f"| {category} | {' | '.join(told)} |")
    yield "\n".join(lines)
    for results in group:
        yield from _failures(results)


def _failures(results: Results) -> Iterator[str]:
    found = list(failures(results))
    if not found:
        return
    lines = [
        f"- `{one.case}`{f' ({one.twin})' if one.twin else ''}: {plain(one.reason[:_LONGEST])}"
        for one in found[:MOST_FAILURES]
    ]
    if len(found) > MOST_FAILURES:
        lines.append(f"- and {len(found) - MOST_FAILURES} more")
    yield "\n".join(lines)
