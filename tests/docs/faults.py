"""docs/reliability/faults.md out of the fault matrix: `python -m tests.docs.faults --write`, or printed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from answerable.core.degraded import MEANINGS
from answerable.testing.faults import CELLS, Component, Fault, Gets
from answerable.testing.faults.matrix import WHAT

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability" / "faults.md"
_SIGN = {
    Gets.FULL: "● in full",
    Gets.FUSED: "◕ unranked",
    Gets.WORDS: "◑ by words",
    Gets.MEANING: "◑ by meaning",
    Gets.QUOTES: "◔ quotes",
    Gets.HONEST: "○ honest no",
    Gets.FAILED: "✕ failed",
}
_HEAD = """<!-- Made by `python -m tests.docs.faults --write`; do not edit. -->

# When a part fails

Ten parts of the answering path, five ways to fail, fifty cells. Each is a test (`pytest tests/integration -k
fault_matrix`), and `answerable drill run` tries all of them on your own project: its index, guards and prompts,
with one of its questions. All of it ends within the request's deadline, and none of it shows a sentence that
nobody checked or guarded, or a word of a page that is not the asker's.

"""
_KEY = """
● answered in full · ◕ in the fused order, not re-ranked · ◑ searched one way instead of two · ◔ exact quotes of
the pages · ○ an honest non-answer · ✕ a failure that says so, with at least two ways on. **Bold**: it fails
*closed*, so that nothing goes out unchecked or uncited; all others fail *open*, and the answer goes on without.

- **error**: it refuses, is gone, or raises what it never should. **timeout**: it never answers, also in a
  thread that cannot be stopped. **slow**: it is right, after its share of the deadline. **empty**: it gives
  nothing. **garbage**: it gives what cannot be so.
- The words under *degraded* stand in the answer, the trace and `/metrics`. Nothing else stands there.

## Try it

```
answerable drill run                                   # all fifty; exit 10 when one is not as documented
answerable drill run --component rerank --fault garbage
answerable drill run --html drill.html --question "How long can items be returned?"
answerable drill list --format json
```

Faults are made around the ports of the drilling process. No server is stopped, no table is locked, nothing is
written but one event, `drill.finished`. A scripted server plays the models, and rerankers behind an endpoint
are stood in for, so that nothing is spent; with `--live` the configured ones are asked (a model's own faults
stay scripted).

## What it cannot do

- A part that computes in this process without ever waiting (a guard in plain Python that loops) holds everybody
  up: nothing can interrupt it but its own end. The shipped guards and the check of sentences work in bounded
  time.
- A passage that the store gives although its document's *groups* do not include the asker cannot be told from a
  right one: passages carry tenant (in their id), source and language, not rights. Row-level security and the
  search itself stand there. Another tenant's passage gives itself away, and is refused.
- A lexical search that finds nothing looks like a question in other words; it is answered from meaning,
  unmarked.
- Lost power loses what the journal holds in memory: milliseconds' worth of traces.
"""


def page() -> str:
    """The whole page."""
    return _HEAD + "\n".join(_matrix()) + "\n" + _KEY + "\n" + "\n".join(_details()) + "\n" + "\n".join(_words())


def _matrix() -> Iterator[str]:
    at = {(one.component, one.fault): one for one in CELLS}
    yield "| | " + " | ".join(Fault) + " |"
    yield "|---|" + "---|" * len(Fault)
    for component in Component:
        signs = [_sign(at[component, fault].gets, at[component, fault].fails) for fault in Fault]
        yield f"| [{component}](#{component}) | " + " | ".join(signs) + " |"


def _sign(gets: Gets, fails: str) -> str:
    return f"**{_SIGN[gets]}**" if fails == "closed" else _SIGN[gets]


def _details() -> Iterator[str]:
    for component in Component:
        cells = [one for one in CELLS if one.component is component]
        yield f"## {component}\n\n{WHAT[component]}\n"
        yield "| Fault | How it looks | The person gets | `degraded` | The operator sees |\n|---|---|---|---|---|"
        for one in cells:
            words = ", ".join(f"`{word}`" for word in one.degraded) or "–"
            yield f"| {one.fault} | {one.like} | {one.gets} | {words} | {one.seen} |"
        for why in dict.fromkeys(one.why for one in cells):
            faults = [one.fault.value for one in cells if one.why == why]
            which = "" if len(faults) == len(cells) else f" ({', '.join(faults)})"
            yield f"\nFails {cells[0].fails}{which}: {why}."
        yield ""


def _words() -> Iterator[str]:
    yield "## The words\n"
    used = {word for one in CELLS for word in one.degraded}
    for word, meaning in MEANINGS.items():
        if word in used:
            yield f"- `{word}`: {meaning}"
    yield ""


def main() -> None:
    """Write the page, or print it."""
    if "--write" in sys.argv[1:]:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page(), encoding="utf-8")
    else:
        sys.stdout.write(page())


if __name__ == "__main__":
    main()
