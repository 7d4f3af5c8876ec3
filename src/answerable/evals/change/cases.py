"""Wins and losses in a report: the case, what was asked, what was answered before and now, and why it counts."""

from __future__ import annotations

from collections.abc import Sequence

from answerable.core.evaluation import Row
from answerable.evals.gate.escaping import raw
from answerable.evals.gate.markdown import difference
from answerable.evals.gate.pairs import Pair
from answerable.evals.gate.report import Report, reasons, shown_row
from answerable.evals.gate.retrieved import text_of

_NO_ANSWER = "(no text)"


def lost(report: Report) -> tuple[Pair, ...]:
    """What a person looks at first: must-pass cases that fail, then what broke, the largest drop first."""
    return report.regressions


def won(report: Report) -> tuple[Pair, ...]:
    """Failed, and passes now."""
    return report.fixed


def lost_case(pair: Pair, words: int) -> str:
    """Folded: the case and the reason are seen, the rest on a click. `words`: characters of an answer."""
    row = shown_row(pair.head)
    return _case(pair, row, why="; ".join(reasons(row)) or "no reason given", words=words)


def won_case(pair: Pair, words: int) -> str:
    """The same, with the reason for which it did not pass before."""
    row = shown_row(pair.base)
    why = "; ".join(reasons(row))
    return _case(pair, shown_row(pair.head), why=f"was: {why}" if why else "", words=words)


def question_of(rows: Sequence[Row]) -> str:
    """What was asked; empty where no row says."""
    told = [row.answer.get("case") for row in rows]
    return next((str(one.get("question", "")) for one in told if isinstance(one, dict)), "")


def _case(pair: Pair, row: Row, *, why: str, words: int) -> str:
    passed = f"passes {pair.head.passes} of {pair.head.passes + pair.head.fails}"
    asked = question_of((*pair.head.rows, *pair.base.rows))
    before, after = (_cut(text_of(one), words) for one in (shown_row(pair.base), row))
    lines = [
        f"<details><summary><code>{raw(pair.case)}</code> {passed}: {raw(_cut(why, words))}</summary>",
        *([f"<p>{raw(_cut(asked, words))}</p>"] if asked else []),
        f"<pre>{difference(before, after)}</pre>",
        "</details>",
    ]
    return "\n".join(lines)


def _cut(text: str, words: int) -> str:
    if not text.strip():
        return _NO_ANSWER
    return text if len(text) <= words else f"{text[:words]} … (cut: {len(text) - words} more characters)"
