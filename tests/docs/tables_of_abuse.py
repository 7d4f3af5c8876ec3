"""The tables of crawlers, of money and of counting in docs/reference/figures.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tests.docs.drawing import drawn

_PARTS = ("before", "after", "sweep", "identities", "slow")


def _extraction(result: Mapping[str, Any]) -> str:
    rows = [
        [
            part,
            row["form"],
            row["limits"],
            f"{row['requests']:,}",
            f"{row['share']:.1%}",
            "never" if row["first_refused_at_request"] is None else str(row["first_refused_at_request"]),
            "" if row["share_at_first_refusal"] is None else f"{row['share_at_first_refusal']:.1%}",
            str(row.get("longest_passage_chars", "not kept")),
            _alarms(row),
        ]
        for part in _PARTS
        for row in _listed(result["public"].get(part, []))
    ]
    heads = (
        "part", "crawler", "limits", "requests", "of the text", "first refused at", "had then", "longest passage",
        "alarms",
    )  # fmt: skip
    told = result["public"].get("honest")
    honest = "" if told is None else _honest(told)
    return drawn(heads, rows) + honest


def _alarms(row: Mapping[str, Any]) -> str:
    if "alarms" not in row:
        return "not kept"
    return ", ".join(f"{kind} {n}" for kind, n in row["alarms"].items()) or "none"


def _honest(told: Mapping[str, Any]) -> str:
    seen, n = told["passages_seen"], told["asked"]
    return (
        f"\nHonest sessions: {told['people']} people with {told['questions_each']} questions a day, each about "
        f"something else: refused {told['refused']} of {n} (95 % bound {3 / n:.1%}); different passages seen: "
        f"median {seen['median']:.0f}, most {seen['most']}; alarms: {sum(told['alarms'].values())}.\n"
    )


def _listed(part: Any) -> Iterable[Mapping[str, Any]]:
    return [part] if isinstance(part, Mapping) else part


def _wallet(result: Mapping[str, Any]) -> str:
    parallel, aborted, storm, limits = (result[one] for one in ("parallel", "aborted", "storm", "limits"))
    rows = [
        [f"{parallel['questions']} questions at once, a budget of {parallel['budget']}",
         f"spent {parallel['spent']}, overspent {parallel['overspent']}; "
         f"{parallel['requests_the_provider_saw']} calls; "
         f"all answered, {parallel['answers_by'].get('quotes', 0)} by quotes"],
        [f"{aborted['streams']} streams left at their first text",
         f"{aborted['calls']} calls in the book, {aborted['estimated']} estimated; "
         f"held after: {aborted['held_after']}"],
        [f"{storm['questions']} questions, every call fails",
         f"{storm['requests_the_provider_saw']} requests at the provider, spent {storm['spent']}"],
        *([name, f"{one['status']} {one['ended']}; {one['calls']} calls of <= {one['most_input_tokens']} tokens"]
          for name, one in result["long"].items()),
        [f"{limits['questions']} at once of one person, shipped limits",
         f"{limits['requests_the_provider_saw']} calls; "
         + ", ".join(f"{code} {n}" for code, n in limits["ended"].items())],
    ]  # fmt: skip
    return drawn(["tried", "came of it"], rows)


def _tolls(result: Mapping[str, Any]) -> str:
    alone, together = result["alone"], result["16 at once"]
    rows = [
        ["alone", f"{alone['p50_ms']} / {alone['p95_ms']}", f"{alone['cpu_ms_of_this_process']}", str(alone["n"])],
        ["16 at once", f"{together['p50_ms']} / {together['p95_ms']}", "", str(together["n"])],
    ]
    cores = result["machine"]["cpus"]
    load = f"\nMeasured beside other work: load {result['load_of_the_machine']} on {cores} cores.\n"
    return drawn(["callers", "wall ms, p50 / p95", "CPU ms of the server", "n"], rows) + load


ABUSE_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "extraction": _extraction,
    "wallet": _wallet,
    "tolls": _tolls,
}
