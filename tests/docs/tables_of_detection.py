"""The tables of detection: guards on public sets, sets left out in turn, patterns against hostile text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.docs.drawing import drawn

_SECTIONS = ("disguises", "links", "personal data", "credentials")


def _share(one: Mapping[str, Any] | None) -> str:
    if not one:
        return ""
    low, high = (f"{100 * bar:.1f}" for bar in one["interval95"])
    of = f"{one['hits']:,} of {one['n']:,}"
    return of if one["n"] < 30 else f"{of}, {100 * one['share']:.1f} % ({low}–{high})"


def _rows(table: Mapping[str, Mapping[str, Any]]) -> str:
    measures = list(dict.fromkeys(measure for one in table.values() for measure in one))
    return drawn(
        ["set", *measures], [[name, *(_share(one.get(key)) for key in measures)] for name, one in table.items()]
    )


def _guards(result: Mapping[str, Any]) -> str:
    targets = [
        [one["figure"], _plain(one, "measured"), _plain(one, "floor"), _plain(one, "goal"), one["words"]]
        for one in result["targets"]
    ]
    latency = [[key, f"{one['p50_ms']:.1f}", f"{one['p95_ms']:.1f}"] for key, one in result["latency"].items()]
    others = [
        drawn([name, "hits"], [[key, _share(one)] for key, one in result[name].items()])
        for name in _SECTIONS
        if result.get(name)
    ]
    return "\n".join(
        [
            drawn(["figure", "measured", "floor", "goal", ""], targets),
            "Questions; harmless sets first.\n",
            _rows(result["questions"]),
            "Requests for harm and rude words, which are no injection.\n",
            _rows(result["harm"]),
            "Documents, and their chunks cut as ingestion cuts them; harmless sets first.\n",
            _rows(result["documents"]),
            *others,
            drawn(["latency, ms of CPU", "p50", "p95"], latency),
        ]
    )


def _plain(one: Mapping[str, Any], key: str) -> str:
    return f"{one[key]:.1f}" if one["figure"].endswith("ms") else f"{100 * one[key]:.1f} %"


def _training(result: Mapping[str, Any]) -> str:
    alone = (
        "The question weights alone, on the parts they were not fitted to; thresholds were chosen on calibrate.\n"
    )
    left = [
        f"{kind.capitalize()}s, by weights that never saw the set nor what shares twelve words with it.\n\n"
        + _rows(result[f"{kind}, set left out"])
        for kind in ("question", "document")
        if f"{kind}, set left out" in result
    ]
    return "\n".join([alone, _rows(result["question"]["parts"]), *left])


def _redos(result: Mapping[str, Any]) -> str:
    facts = [
        ["patterns, texts made against them", f"{result['patterns']:,}, {result['texts']:,}"],
        [
            "one run, p50 / p99 / slowest, ms of CPU",
            f"{result['p50_ms']} / {result['p99_ms']} / {result['max_ms']}",
        ],
        [
            f"patterns over {result['limit_ms']:.0f} ms",
            ", ".join(f"`{one}`" for one in result["over_the_limit"]) or "none",
        ],
    ]
    slowest = [
        [f"`{one['pattern']}`", one["engine"], f"{one['chars']:,}", f"{one['p99_ms']}", f"{one['max_ms']}"]
        for one in result["slowest"][:12]
    ]
    return "\n".join(
        [
            drawn(["fact", "figure"], facts),
            drawn(["slowest", "engine", "characters", "p99 ms", "slowest ms"], slowest),
        ]
    )


def _canonical(result: Mapping[str, Any]) -> str:
    texts = result["texts"]
    places = [one for name, one in texts.items() if name.startswith("names of places")]
    rows = [[name, f"{one['changed']:,} of {one['n']:,}"] for name, one in texts.items() if one not in places]
    total = [sum(one[key] for one in places) for key in ("changed", "n")]
    return drawn(
        ["harmless texts", "changed"],
        [*rows, [f"names of places, {len(places)} languages", f"{total[0]:,} of {total[1]:,}"]],
    )


DETECTION_TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "guards": _guards,
    "train_injection": _training,
    "redos": _redos,
    "canonical": _canonical,
}
