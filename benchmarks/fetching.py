"""Where a fetcher is led by URLs that mean no good: `python benchmarks/fetching.py [--data FOLDER] [--keep FILE]`.

Without --data, the set of the tests and the site's own tricks. FOLDER holds `*.jsonl` of {"text": URL, "label": 1
for one that leads inside, 0 for a benign one, "cls": …}; rows that only describe a server ("REDIRECT …", "BODY …")
are played by the local site. Every hostile URL is tried on its own, behind a redirect of each status, and behind
two redirects. Names resolve as the worst case: local names and known rebinding names inside, all others to a
public address that is routed to the local site; nothing leaves this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote, unquote

from answerable.adapters.sources.fetch import ANY_HOST, Fetcher, FetchLimits
from answerable.adapters.sources.web_url import parse_url
from answerable.core.errors import AnswerableError, ConfigError
from answerable.evals.stats.proportions import upper_bound
from answerable.testing.hostile_site import PUBLIC, Names, RoutedNetwork, hostile_site

OWN = Path(__file__).parents[1] / "tests" / "unit" / "sources" / "ssrf_urls.txt"
BENIGN = ("https://example.com/", "http://example.org:8080/a?b=c#d", "https://1.1.1.1/", "https://10.example.com/")
INSIDE_NAMES = ("localtest.me", "localtest.example", "half.example", "nip.io", "internal", "svc", "localdomain")
LIMITS = FetchLimits(body_bytes=20_000_000, total_s=2.0, connect_s=2.0, silent_s=2.0)
TRICKS = {  # what a row that describes a server is played by
    "REDIRECT 302 -> http://127.0.0.1/": "redirect?302," + quote("http://127.0.0.1/", safe=""),
    "REDIRECT 307 -> http://169.254.169.254/": "redirect?307," + quote("http://169.254.169.254/", safe=""),
    "REDIRECT chain x6": "hop/6",
    "REDIRECT -> file:///etc/passwd": "redirect?302," + quote("file:///etc/passwd", safe=""),
    "REDIRECT loop": "loop",
    "META-REFRESH -> http://127.0.0.1/": "meta",
    "BODY 1 GB": "big",
    "BODY gzip bomb": "bomb",
    "SLOW 1 byte per 10 s": "slow",
    "CONTENT-TYPE lies": "lies",
    "HEADERS 1 MB": "headers",
    "BODY endless chunks": "endless",
    "SLOW header": "slow-head",
    "SMTP banner": "no-http",
}
TRICKSTER = "http://tricks.example"
SPECIAL = {
    "REBIND first public then 127.0.0.1": "http://rebind.example/",
    "DNS A public + AAAA ::1": "http://half.example/",
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path)
    arguments.add_argument("--keep", type=Path)
    given = arguments.parse_args()
    rows = _rows(given.data) if given.data else _own()
    result = asyncio.run(_measured(rows))
    print(json.dumps(result, indent=2))
    if given.keep:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
        whole = {"machine": machine, "set": given.data.name if given.data else "own", **result}
        given.keep.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")


def _rows(folder: Path) -> list[tuple[str, int, str]]:
    lines = [line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines()]
    values = [json.loads(line) for line in lines if line]
    return [(one["text"], int(one["label"]), one.get("cls", "")) for one in values]


def _own() -> list[tuple[str, int, str]]:
    urls = [line for line in OWN.read_text("utf-8").splitlines() if not line.startswith("#")]
    hostile = [(json.loads(f'"{url}"'), 1, "url") for url in urls]
    served = [(name, 1, "server") for name in (*TRICKS, *SPECIAL)]
    return [*hostile, *served, *((url, 0, "benign") for url in BENIGN)]


async def _measured(rows: Sequence[tuple[str, int, str]]) -> dict[str, object]:
    outcomes: dict[str, Counter[str]] = {}
    inside: list[str] = []
    slowest, tried = 0.0, 0
    async with hostile_site() as port:
        for text, label, kind in [way for row in rows for way in _ways(*row)]:
            tried += label
            network = RoutedNetwork(port=port)
            begun = time.perf_counter()
            outcome = await _outcome(text, network)
            slowest = max(slowest, time.perf_counter() - begun)
            inside += [f"{text!r} -> {address}" for address in network.inside]
            group = "benign" if label == 0 else kind.split(" ")[0]
            outcomes.setdefault(group, Counter())[outcome] += 1
    benign = outcomes.get("benign", Counter())
    return {
        "hostile": sum(label for _, label, _ in rows),
        "tries": tried,
        "internal_hits": len(inside),
        "internal_hits_upper_95": round(upper_bound(len(inside), tried, confidence=0.95), 4),
        "hits": inside,
        "benign": benign.total(),
        "benign_fetched": benign["fetched"],
        "slowest_s": round(slowest, 2),
        "outcomes": {group: dict(counts) for group, counts in outcomes.items()},
    }


def _ways(text: str, label: int, kind: str) -> list[tuple[str, int, str]]:
    """The row itself; of a hostile URL also every redirect that leads to it."""
    rows = [(text, label, kind)]
    if label and text not in TRICKS and text not in SPECIAL:
        for status in (301, 302, 303, 307, 308):
            once = f"{TRICKSTER}/redirect?{status},{quote(text, safe='')}"
            twice = f"{TRICKSTER}/redirect?{status},{quote(once, safe='')}"
            rows += [(once, label, "redirected"), (twice, label, "redirected twice")]
    return rows


async def _outcome(text: str, network: RoutedNetwork) -> str:
    """One word: refused (nothing was sent, or not followed), failed (given up), fetched."""
    url = SPECIAL.get(text) or (f"{TRICKSTER}/{TRICKS[text]}" if text in TRICKS else text)
    fetcher = Fetcher(hosts=ANY_HOST, limits=LIMITS, resolve=_names(url).resolve, transport=lambda: network)
    try:
        await fetcher.fetch(url)
        if text.startswith("REBIND"):
            await fetcher.fetch(url)
    except ConfigError:
        return "refused"
    except AnswerableError:
        return "failed"
    return "fetched"


def _names(url: str) -> Names:
    """The worst answers: whatever may be inside is inside."""
    known: dict[str, Sequence[Sequence[str]]] = {
        "half.example": [[PUBLIC, "::1"]],
        "rebind.example": [[PUBLIC], ["127.0.0.1"]],
    }
    for part in {url, unquote(url).rpartition(",")[2], unquote(unquote(url)).rpartition(",")[2]}:
        with contextlib.suppress(ConfigError):
            host = parse_url(part).host
            if host not in known and ("." not in host or host.endswith(INSIDE_NAMES)):
                known[host] = [["127.0.0.1"]]
    return Names(known)


if __name__ == "__main__":
    main()
