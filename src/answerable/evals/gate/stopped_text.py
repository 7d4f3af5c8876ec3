"""What is written where retrieval has dropped and nothing was generated."""

from __future__ import annotations

import html
from typing import Any

from answerable.evals.gate.lines import Line
from answerable.evals.gate.markdown import MARK
from answerable.evals.gate.search_first import Searches, Stopped
from answerable.evals.gate.words import difference_of, p_value, plural, remarks_of, value_of

_TITLE = "Retrieval is worse. Nothing was generated."
_WORST = 5
_ANYWAY = "To measure the answers all the same: answerable eval run, then answerable eval compare baseline..latest"


def stopped_text(stopped: Stopped) -> str:
    """For a terminal."""
    ruling = stopped.decision.ruling
    return "\n".join(
        (*searches_text(stopped.searches), _TITLE, _ANYWAY, f"exit {ruling.exit_code} ({ruling})")
    )  # fmt: skip


def searches_text(searches: Searches) -> list[str]:
    """The first stage in a few lines, whatever it came to."""
    lines = [
        f"retrieval first: {plural(searches.asked, 'case')} searched in {searches.seconds:.1f} s, "
        f"base {searches.base.name}"
    ]
    lines += [f"  {_line(line)}" for line in searches.lines]
    if searches.lost:
        lines.append(f"  lost the most: {'; '.join(_lost(searches))}")
    return lines


def stopped_markdown(stopped: Stopped) -> str:
    """For a pull request."""
    body = "\n".join(html.escape(line, quote=False) for line in searches_text(stopped.searches))
    return f"{MARK}\n\n## ❌ {_TITLE}\n\n<pre>{body}</pre>\n\nAgain: `{stopped.command}`. {_ANYWAY}\n"


def stopped_page(stopped: Stopped) -> str:
    """For a browser."""
    body = html.escape(stopped_text(stopped))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="color-scheme" content="light dark"><title>{_TITLE}</title></head>\n'
        f'<body><h1>{_TITLE}</h1>\n<pre style="white-space: pre-wrap">{body}</pre></body></html>\n'
    )


def stopped_record(stopped: Stopped) -> dict[str, Any]:
    """For programs."""
    searches, ruling = stopped.searches, stopped.decision.ruling
    return {
        "ruling": ruling.value,
        "exit": ruling.exit_code,
        "title": _TITLE,
        "generated": 0,
        "searched": searches.asked,
        "lines": [
            {
                "name": line.name,
                "n": line.n,
                "base": line.base,
                "head": line.head,
                "difference": line.difference and line.difference.mean,
                "low": line.difference and line.difference.interval.low,
                "high": line.difference and line.difference.interval.high,
                "p": line.p,
                "verdict": line.change.value,
                "gates": line.gates,
            }
            for line in searches.lines
        ],
        "lost": [{"case": case, "base": base, "head": head} for case, base, head in searches.lost],
        "command": stopped.command,
    }


def _line(line: Line) -> str:
    said = f"{value_of(line, line.base)} -> {value_of(line, line.head)}  {difference_of(line)}  {line.change}"
    beside = remarks_of(line) if line.p is None or line.unmoved or not line.gates else p_value(line.p)
    return f"{line.name} ({line.n})  {said}  {beside}".rstrip()


def _lost(searches: Searches) -> list[str]:
    return [f"{case} {base:.2f} -> {head:.2f}" for case, base, head in searches.lost[:_WORST]]
