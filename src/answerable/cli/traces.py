"""How a trace looks in a terminal: a line a step, the candidates with their reasons, what was withheld."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from answerable.cli.console import out, table

_WIDTH = 30
_QUIET = ("candidates", "verdicts", "attempts", "withheld", "features", "weights", "passages", "reply")


def print_trace(trace: Mapping[str, Any]) -> None:
    """The whole story on one screen; `--format json` has every detail."""
    prompt = trace.get("prompt") or {}
    head = [trace["id"], trace["outcome"], f"{trace['total_ms']:.0f} ms", trace.get("model") or "no model"]
    if prompt:
        head.append(f"{prompt['id']}@{prompt['version']} {prompt['sha256'][:12]}")
    out.print(Text("  ".join(head), style="bold"))
    out.print(Text(f"question  {trace['question']}"))
    out.print(Text(f"answer    {(trace.get('answer') or {}).get('text', '')}"))
    if trace.get("degraded"):
        out.print(Text(f"degraded  {', '.join(trace['degraded'])}", style="yellow"))
    usage = (trace.get("answer") or {}).get("usage") or {}
    if usage.get("input") or usage.get("cost") is not None:  # else nobody was asked
        out.print(Text(f"spent     {_spent(usage, str(trace['answer'].get('cache', '')))}"))
    if scores := trace.get("scores"):
        out.print(Text(f"scores    {', '.join(_score(one) for one in scores)}"))
    out.print()
    for step in trace["steps"]:
        _print_step(step, float(trace["total_ms"]) or 1.0)
    for step in trace["steps"]:
        _print_details(step.get("detail") or {})


def _spent(usage: Mapping[str, Any], cache: str) -> str:
    """Money and tokens; unknown is not 0. `cache` names the kind of hit."""
    cost = "cost unknown" if usage.get("cost") is None else f"{usage['cost']} {usage['currency']}"
    hit = f", from the cache: {cache}" if cache not in ("", "none") else ""
    return f"{cost}, {usage['input']} + {usage['output']} tokens{hit}"


def _score(score: Mapping[str, Any]) -> str:
    name = score["name"].replace("_", " ")
    return (
        f"{name} {score['value']:.2f}"
        if score["status"] == "scored"
        else f"{name} {score['status']}".replace("_", " ")
    )


def _print_step(step: Mapping[str, Any], total: float) -> None:
    start = min(_WIDTH - 1, int(_WIDTH * step["started_ms"] / total))
    length = min(_WIDTH - start, max(1, round(_WIDTH * step["duration_ms"] / total)))
    bar = " " * start + "#" * length
    facts = ", ".join(
        f"{key} {_short(value)}"
        for key, value in (step.get("detail") or {}).items()
        if key not in _QUIET and value != ""
    )
    mark = "" if step["status"] == "ok" else f" {step['status']}"
    out.print(Text(f" {step['name']:<15}{step['duration_ms']:>8.1f} |{bar:<{_WIDTH}}| {facts}{mark}"))


def _print_details(detail: Mapping[str, Any]) -> None:
    if candidates := detail.get("candidates"):
        out.print()
        _print_candidates(candidates)
    if attempts := detail.get("attempts"):
        out.print()
        for one in attempts:
            error = f"  {one['error']}" if one.get("error") else ""
            name = f"{one['provider']}/{one['model']}"
            if one.get("endpoint"):
                name += f" at {one['endpoint']}"
            out.print(Text(f" attempt {name}: {one['outcome']} {one['duration_ms']:.0f} ms{error}"))
    for one in detail.get("withheld") or []:
        out.print(Text(f" withheld ({one['reason']}): {one['text']}", style="yellow"))
    for one in detail.get("verdicts") or []:
        out.print(
            Text(f" guard {one['name']}: {one['action']} {one['rule']} {one['reason']}".rstrip(), style="yellow")
        )


def _print_candidates(candidates: Sequence[Mapping[str, Any]]) -> None:
    table(
        ["rank", "dense", "bm25", "fused", "kept", "passage"],
        [
            [
                one["rank"],
                one["scores"].get("dense", "-"),
                one["scores"].get("lexical", "-"),
                one["fused"],
                one["why"],
                f"{one['uri']} > {one['section']}" if one["section"] else one["uri"],
            ]
            for one in candidates[:12]
        ],
        right=["rank", "dense", "bm25", "fused"],
    )


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"
