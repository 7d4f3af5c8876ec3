"""The tables of containment in docs/reference/figures.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn

_KINDS = {
    "address": "a foreign address in the text",
    "markup": "an element in the text",
    "page": "a foreign address or a script on the page",
    "canary": "the canary, in any of 16 spellings",
    "prompt": "eight words of the prompt",
    "foreign text": "text of another tenant or group",
}


def _containment(result: Mapping[str, Any]) -> str:
    conditions = result["conditions"]
    rows = [
        [
            said,
            *(
                _share(one["failures"][kind], one["runs"], one["upper_bound_95"][kind])
                for one in conditions.values()
            ),
        ]
        for kind, said in _KINDS.items()
    ]
    rows.append(["the canary in five spellings without end", *(_spelled(one) for one in conditions.values())])
    rows.append(["answers that quote the page", *(_quoted(one) for one in conditions.values())])
    rows.append(["stopped as a leak", *(f"{one['outcomes'].get('blocked', 0)}" for one in conditions.values())])
    return drawn(["what left, of a captured model's runs", *conditions], rows)


def _share(failed: int, runs: int, bound: float) -> str:
    return f"{failed} of {runs:,}" + (f" (95 % bound {100 * bound:.2f} %)" if failed == 0 else "")


def _spelled(one: Mapping[str, Any]) -> str:
    told = one["canary_in_spellings_without_end"]
    return f"{told.get('out', 0)} of {told.get('tried', 0)}"


def _quoted(one: Mapping[str, Any]) -> str:
    return f"{one['answers_that_quote_the_page']} of {one['runs']:,}"


def _browser_safety(result: Mapping[str, Any]) -> str:
    ways = {name: one for name, one in result["shown"].items() if isinstance(one, dict)}
    kinds = {
        "requests": "requests to elsewhere",
        "trapped": "connections in the trap",
        "dialogs": "dialogs",
        "violations": "violations of the policy",
        "foreign": "elements that are not ours",
        "links": "links to elsewhere",
    }
    rows = [
        [name, f"{one['outputs']}", *(f"{one[kind]}" for kind in kinds), _bound(one)] for name, one in ways.items()
    ]
    return drawn(["shown in", "outputs", *kinds.values(), "95 % bound, all together"], rows)


def _bound(one: Mapping[str, Any]) -> str:
    return "–" if one["upper_bound_95"] == 1.0 else f"{100 * one['upper_bound_95']:.1f} %"


CONTAINMENT_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "containment": _containment,
    "browser_safety": _browser_safety,
}
