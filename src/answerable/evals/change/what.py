"""What a branch changes, for its report: prompts with their versions first, then files by what they decide."""

from __future__ import annotations

from collections.abc import Iterator

from answerable.evals.change.kinds import Changed, Kind
from answerable.evals.change.report import BranchReport, PromptChange
from answerable.evals.gate.escaping import plain
from answerable.evals.gate.words import plural

_DETAILS = 12  # of one file


def changes(report: BranchReport, *, files: int) -> Iterator[str]:
    """Markdown, for at most so many files."""
    if not report.changed:
        return
    yield "### What changed"
    if report.prompts:
        yield "\n".join(_prompt(one) for one in report.prompts)
    relevant = sorted(report.relevant, key=lambda one: (list(Kind).index(one.kind), one.path))
    if relevant:
        yield "\n".join(["| what | file | |", "|---|---|---|", *(_row(one) for one in relevant[:files])])
    left = len(relevant) - files
    others = len(report.changed) - len(relevant)
    told = [
        f"Cut: {plural(left, 'more file')}." if left > 0 else "",
        f"{plural(others, 'other file')} changed that decide nothing here." if others else "",
    ]
    if any(told):
        yield " ".join(one for one in told if one)


def _prompt(one: PromptChange) -> str:
    before, after = one.before or "no such prompt", one.after or "deleted"
    hashes = " → ".join(sha[:12] for sha in (one.before_sha256, one.after_sha256) if sha)
    note = f": {plain(one.note)}" if one.note else "" if not one.after else ": no new change note"
    return f"- **{plain(one.id)}** {plain(before)} → {plain(after)} ({hashes}){note}"


def _row(one: Changed) -> str:
    rest = len(one.details) - _DETAILS
    details = "; ".join(one.details[:_DETAILS]) + (f"; {rest} more" if rest > 0 else "")
    return f"| {one.kind} | {plain(one.path)} | {plain(details or one.state.value)} |"
