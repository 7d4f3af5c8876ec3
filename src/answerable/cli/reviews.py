"""How reviews look in a terminal and as JSON: a sheet to read, and what they came to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.text import Text

from answerable.app.review_statistics import Statistics
from answerable.app.reviewing import Sheet
from answerable.cli.console import out, say, table
from answerable.core.review import Batch, Role
from answerable.evals.review.report import Agreement, Progress, Rate, Reader
from answerable.evals.stats.estimate import Estimate

_FEW = 30  # below it a share is k of n, and no percentage


def print_sheet(sheet: Sheet) -> None:
    """Question, answer with its marks, sources with their quotes, and what is asked of it."""
    out.print(Text(f"{sheet.item.id}   {sheet.left} more after this one", style="dim"))
    out.print(Text(sheet.question, style="bold"))
    out.print()
    out.print(Text(sheet.answer["text"]))
    out.print()
    for one in sheet.answer.get("sources") or ():
        place = " > ".join(part for part in (one["title"], one["section"]) if part)
        out.print(Text(f" [{one['n']}] {place}  {one['uri']}"))
        out.print(Text(f"     “{' '.join(one['quote'].split())}”", style="italic dim"))
    for page in sheet.pages if not sheet.answer.get("sources") else ():
        out.print(Text(f" looked at: {page}", style="dim"))
    if sheet.role is Role.ADJUDICATOR:
        out.print(Text("Two readers differ. Their reasons, in no order:", style="yellow"))
        for reason in sheet.reasons or ("(none given)",):
            out.print(Text(f"  - {reason}"))
    for criterion in sheet.criteria:
        out.print(Text(f" {criterion.id}: {criterion.question}"))


def sheet_record(sheet: Sheet) -> dict[str, Any]:
    """JSON-able, and blind: no model, no prompt, no confidence, no verdicts."""
    return {
        "item": sheet.item.id,
        "batch": sheet.item.batch,
        "role": sheet.role.value,
        "question": sheet.question,
        "answer": sheet.answer["text"],
        "outcome": sheet.item.outcome,
        "language": sheet.item.language,
        "claims": sheet.answer.get("claims", []),
        "sources": [
            {key: one[key] for key in ("n", "title", "section", "uri", "quote", "updated")}
            for one in sheet.answer.get("sources") or ()
        ],
        "pages": list(sheet.pages),
        "criteria": [
            {"id": one.id, "question": one.question, "unsure_when": one.unsure_when, "definitions": one.body}
            for one in sheet.criteria
        ],
        "reasons": list(sheet.reasons),
        "left": sheet.left,
    }


def batch_row(batch: Batch) -> dict[str, Any]:
    """JSON-able."""
    return {
        "batch": batch.id,
        "starts": batch.starts,
        "ends": batch.ends,
        "due": batch.due,
        "population": batch.population,
        "seed": batch.seed,
        "draws": [
            {"stratum": one.stratum, "size": one.size, "drawn": one.drawn, "probability": one.probability}
            for one in batch.draws
        ],
        "criteria": list(batch.criteria),
    }


def print_statistics(found: Statistics) -> None:
    """Progress, who has read what, rates, agreement, history."""
    _print_progress(found.progress)
    _print_readers(found.readers)
    _print_rates(found.rates)
    _print_agreements(found.agreements)
    if found.severities:
        say("\nharmful: " + ", ".join(f"{count} {name}" for name, count in found.severities.items()))
    if found.decided:
        say(f"decided by a third person: {found.decided}")
    if len(found.history) > 1:
        _print_history(found)


def _print_progress(batches: Sequence[Progress]) -> None:
    rows = [
        [
            one.batch.id,
            f"{one.items} of {one.batch.population}",
            f"{one.read} of {one.seats}",
            one.to_decide,
            f"{one.batch.due:%Y-%m-%d}",
            "OVERDUE" if one.overdue else "done" if one.done else "open",
        ]
        for one in batches
    ]
    table(["batch", "items", "readings", "to decide", "due", ""], rows, right=["to decide"])


def _print_readers(readers: Sequence[Reader]) -> None:
    say("")
    rows = [[one.name or "(whoever comes)", f"{one.read} of {one.due}", _minutes(one)] for one in readers]
    table(["reader", "read", "minutes each, median"], rows)


def _minutes(one: Reader) -> str:
    return "unmeasured" if one.median_s is None else f"{one.median_s / 60:.1f} (n {one.timed})"


def _print_rates(rates: Sequence[Rate]) -> None:
    say("\nYES, over all answers of the period (95 % interval); the plain random part alone beside it")
    rows = [
        [
            one.criterion,
            _shown(one.weighted, one.yes),
            _shown(one.uniform, one.uniform_yes),
            one.measured,
            one.unsure,
            one.open,
        ]
        for one in rates
    ]
    table(
        ["criterion", "all, weighted", "random part", "n", "unsure", "open"], rows, right=["n", "unsure", "open"]
    )


def _shown(estimate: Estimate | None, k: int) -> str:
    if estimate is None:
        return "unmeasured"
    if estimate.n < _FEW:
        return f"{k} of {estimate.n}"
    low, high = (100 * one for one in (estimate.interval.low, estimate.interval.high))
    return f"{100 * estimate.value:.1f} % ({low:.1f} to {high:.1f})"


def _print_agreements(found: Sequence[Agreement]) -> None:
    read_twice = [one for one in found if one.items]
    if not read_twice:
        return
    say("\nagreement of two readers, before anybody decided")
    rows = [[one.criterion, _agreed(one), _plain(one.alpha), _plain(one.kappa), one.items] for one in read_twice]
    table(["criterion", "agreed", "Krippendorff's α", "Cohen's κ", "n"], rows, right=["n"])


def _agreed(one: Agreement) -> str:
    return _shown(one.agreed, round(one.agreed.value * one.agreed.n)) if one.agreed else "unmeasured"


def _plain(estimate: Estimate | None) -> str:
    if estimate is None:
        return "unmeasured"
    return f"{estimate.value:.2f} ({estimate.interval.low:.2f} to {estimate.interval.high:.2f})"


def _print_history(found: Statistics) -> None:
    names = [one.criterion for one in found.rates]
    say("\nYES by period, weighted")
    rows = [
        [batch, *(_shown(one.weighted, one.yes) if one else "" for one in _by_name(rates, names))]
        for batch, rates in found.history.items()
    ]
    table(["batch", *names], rows)


def _by_name(rates: Sequence[Rate], names: Sequence[str]) -> list[Rate | None]:
    found = {one.criterion: one for one in rates}
    return [found.get(name) for name in names]


def statistics_record(found: Statistics) -> dict[str, Any]:
    """JSON-able, with every interval."""
    return {
        "batches": [
            {
                **batch_row(one.batch),
                "items": one.items,
                "seats": one.seats,
                "read": one.read,
                "to_decide": one.to_decide,
                "overdue": one.overdue,
                "done": one.done,
                "rates": [_rate(rate) for rate in found.history[one.batch.id]],
            }
            for one in found.progress
        ],
        "readers": [
            {"reader": one.name, "read": one.read, "due": one.due, "median_s": one.median_s, "timed": one.timed}
            for one in found.readers
        ],
        "rates": [_rate(one) for one in found.rates],
        "agreement": [
            {
                "criterion": one.criterion,
                "n": one.items,
                "agreed": _estimate(one.agreed),
                "alpha": _estimate(one.alpha),
                "kappa": _estimate(one.kappa),
            }
            for one in found.agreements
        ],
        "severities": dict(found.severities),
        "decided": found.decided,
    }


def _rate(one: Rate) -> dict[str, Any]:
    return {
        "criterion": one.criterion,
        "yes": one.yes,
        "n": one.measured,
        "unsure": one.unsure,
        "open": one.open,
        "weighted": _estimate(one.weighted),
        "random": _estimate(one.uniform),
    }


def _estimate(one: Estimate | None) -> dict[str, Any] | None:
    if one is None:
        return None
    interval = {"low": one.interval.low, "high": one.interval.high, "confidence": one.interval.confidence}
    return {"value": one.value, "interval": interval, "n": one.n, "method": one.method}
