"""The tables of the red team, of SQL in routes and of the supply chain in docs/reference/figures.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn


def _redteam(result: Mapping[str, Any]) -> str:
    rounds = result["rounds"]
    names = list(dict.fromkeys(line["name"] for one in rounds.values() for line in one["lines"]))
    rows = [[name, *(_line(one, name) for one in rounds.values())] for name in names]
    breaches = [[key, ", ".join(f"{name} {count}" for name, count in one["breaches"].items()) or "–"]
                for key, one in rounds.items()]  # fmt: skip
    asked = [
        [key, f"{one['questions_without_a_model_call']}", f"{one['cpu_s']:.0f}"] for key, one in rounds.items()
    ]
    return "\n".join(
        [
            drawn(["got through, upper 95 % bound", *rounds], rows),
            drawn(["round", "what got through"], breaches),
            drawn(["round", "asked, and answered without asking a model", "CPU s"], asked),
            *(f"{key}: {one['note']}.\n" for key, one in rounds.items() if one.get("note")),
        ]
    )


def _line(one: Mapping[str, Any], name: str) -> str:
    found = next((line for line in one["lines"] if line["name"] == name), None)
    if found is None or found["upper95"] is None:
        return "–"
    return f"{found['through']} of {found['n']}, {100 * found['upper95']:.1f} %"


def _sql_strings(result: Mapping[str, Any]) -> str:
    rows = [
        [name, f"{one['requests']}", f"{one['hits']}", f"{100 * one['upper95']:.2f} %", f"{one['slowest_s']:.1f}"]
        for name, one in result["rounds"].items()
    ]
    facts = [
        ["routes, places in them, strings", f"{result['routes']}, {result['places']}, {result['strings']}"],
        ["a string that was run would wait, s", f"{result['waiting_strings_s']}"],
    ]
    heads = ("as", "requests", "reached the database as SQL", "upper 95 % bound", "slowest, s")
    return "\n".join([drawn(heads, rows), drawn(("fact", "figure"), facts)])


def _supply_chain(result: Mapping[str, Any]) -> str:
    wheel, lock = result["wheel"], result["lock"]
    licenses = ", ".join(f"{key} {count}" for key, count in result["licenses"].items())
    apart = "; ".join(f"{len(wheel[key])}" for key in ("unexplained", "differ", "missing"))
    rows = [
        ["files of the wheel; byte for byte of the tree; describing it",
         f"{wheel['files']}; {wheel['same_as_the_tree']}; {len(wheel['dist_info'])}"],
        ["unexplained; different; missing", apart],
        ["`.pth` or binary", f"{len(wheel['pth_or_binary'])}"],
        ["packages of the lock; without a hash; from an address",
         f"{lock['packages']}; {lock['without_a_hash']}; {lock['from_an_address']}"],
        ["licenses of what it runs on, all extras", licenses],
    ]  # fmt: skip
    return drawn(("fact", "figure"), rows)


REDTEAM_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "redteam": _redteam,
    "sql_strings": _sql_strings,
    "supply_chain": _supply_chain,
}
