"""How an answer looks in a terminal."""

from __future__ import annotations

from rich.text import Text

from answerable.cli.console import out
from answerable.core.answer import Answer, Citation


def print_answer(answer: Answer) -> None:
    """Text, numbered sources, and one line about how it was made."""
    out.print(Text(answer.text))
    if answer.citations:
        out.print()
        width = max(len(_place(citation)) for citation in answer.citations)
        for citation in answer.citations:
            _print_citation(citation, min(width, 60))
    if not answer.outcome.answers or answer.outcome != "answered":
        _print_steps(answer)
    out.print(Text(_summary(answer), style="dim"))


def _print_citation(citation: Citation, width: int) -> None:
    date = f"updated {citation.updated_at.isoformat()}" if citation.updated_at else "no date"
    stale = "  past its review date" if citation.stale else ""
    line = Text(f" [{citation.n}] {_place(citation):<{width}}  {date}  {citation.uri}{stale}")
    out.print(line)
    out.print(Text(f"     “{_short(citation.quote)}”", style="italic dim"))


def _place(citation: Citation) -> str:
    return " > ".join(part for part in (citation.title, citation.section) if part)


def _short(quote: str, limit: int = 200) -> str:
    line = " ".join(quote.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _print_steps(answer: Answer) -> None:
    if answer.next_steps:
        out.print()
    for step in answer.next_steps:
        target = f"  {step.target}" if step.target and step.kind != "source" else ""
        out.print(Text(f"  - {step.label}{target}"))


def _summary(answer: Answer) -> str:
    parts = [f"outcome {answer.outcome.value}"]
    if answer.confidence.level != "none":
        parts.append(f"confidence {answer.confidence.level}: {', '.join(answer.confidence.why)}")
    parts.append(f"{answer.timing_ms.get('total', 0.0) / 1000:.2f} s")
    if answer.usage.cost is not None:
        parts.append(f"{answer.usage.currency} {answer.usage.cost}")
    if answer.degraded:
        parts.append(f"degraded: {', '.join(answer.degraded)}")
    if answer.model:
        parts.append(answer.model)
    parts.append(answer.trace_id)
    if answer.prompt:
        parts.append(f"prompt {answer.prompt[0]}@{answer.prompt[1]}")
    return " | ".join(parts)
