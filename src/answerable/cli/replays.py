"""How a replay looks in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from answerable.cli.console import out, say
from answerable.evals.diagnosis.comparison import COMPARED, passages

if TYPE_CHECKING:
    from answerable.app.replaying import Replay


def print_replay(replay: Replay) -> None:
    """One line of verdict, then what differs and what else was not the same."""
    out.print(Text(headline(replay), style="bold"))
    comparison = replay.comparison
    old, new = replay.before["answer"], replay.after["answer"]
    if "outcome" in comparison.different:
        say(f"outcome   {old['outcome']} then, {new['outcome']} now")
    if comparison.words:
        out.print(Text(f"text      {comparison.words}"))
    others = [name for name in comparison.different if name not in ("outcome", "text")]
    if others:
        say(f"also      {', '.join(others)}")
    for one in comparison.passages:
        place = f"{one.uri} > {one.section}" if one.section else one.uri
        say(f"passage   {one.change}: {place}")
    for reason in replay.reasons:
        say(f"changed   {reason}")
    if comparison.different and not replay.reasons and not replay.changes:
        say("changed   nothing that is known: a model that does not say the same twice?")


def headline(replay: Replay) -> str:
    """What was asked again, how, and what came of it."""
    how = [f"{key}={value}" for key, value in replay.changes.items()]
    if replay.frozen:
        how.append(f"on the {len(passages(replay.before))} passages of then")
    ways = f" with {', '.join(how)}" if how else ""
    verdict = {
        "identical": f"identical to the byte in {', '.join(COMPARED)}",
        "different": "different",
        "inconclusive": "inconclusive: one of the two was cut short",
    }[replay.verdict]
    return f"{replay.before['id']} replayed{ways}: {verdict}"


def replay_record(replay: Replay) -> dict[str, Any]:
    """The replay as JSON-able values."""
    comparison = replay.comparison
    return {
        "trace": replay.before["id"],
        "with": dict(replay.changes),
        "frozen": replay.frozen,
        "verdict": replay.verdict,
        "compared": list(COMPARED),
        "different": list(comparison.different),
        "words": comparison.words,
        "passages": [
            {"uri": one.uri, "section": one.section, "change": one.change} for one in comparison.passages
        ],
        "reasons": list(replay.reasons),
        "then": replay.before["answer"],
        "now": replay.after["answer"],
    }
