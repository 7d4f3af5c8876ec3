"""A prompt's past in words for a terminal, and as plain values for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from rich.text import Text

from answerable.app.prompts.effects import Effect
from answerable.app.prompts.past import History
from answerable.cli.console import note, out, say, table
from answerable.core.commit import LineBy
from answerable.evals.gate.words import plural, points, points_in
from answerable.prompts.difference import Changed, Differences
from answerable.prompts.history import Revision

_COLORS = {"+": "green", "-": "red", "@": "cyan"}
_COLUMNS = ("version", "date", "author", "commit", "change", "effect against the version before")


def print_history(history: History, effects: Sequence[Effect]) -> None:
    """A row for each version, and one for each further commit of it."""
    rows = []
    for version, effect in zip_longest(history.versions, effects):
        told = effect_words(effect) if effect else ""
        for at, one in enumerate(reversed(version.revisions)):
            rows.append(_row(one, version.version if at == 0 else "", told if at == 0 else ""))
    unread = [_row(one, "", "") for one in history.revisions if not one.version]
    used = [_row(one, one.version, "") for one in history.used]
    table(_COLUMNS, [*rows, *unread, *used])
    for sentence in history.notes:
        note(sentence)


def _row(one: Revision, version: str, effect: str) -> tuple[str, ...]:
    commit = one.commit
    told = "; ".join(one.notes) if not version else "; ".join([one.change, *one.notes])
    when, who = (f"{commit.at:%Y-%m-%d}", commit.author) if commit else ("", "")
    return version, when, who, commit.short if commit else "-", told or (commit.subject if commit else ""), effect


def effect_words(effect: Effect) -> str:
    """Points with their interval, the word, n, the runs; or why there is none."""
    line = effect.line
    if line is None or line.difference is None:
        return effect.why if not effect.before else f"not measured: {effect.why}"
    mean, interval = line.difference.mean, line.difference.interval
    alone = f"; not the prompt alone: {', '.join(effect.others)}" if effect.others else ""
    told = f"{points(mean)} points {points_in(interval)}, {line.change.value}"
    told = f"{line.change.value}, {line.note or 'nothing changed'}" if line.unmoved else told
    figures = f"{told}; {plural(line.n, 'case')}"
    lost = f", {line.unmeasured} unmeasured" if line.unmeasured else ""
    return f"{figures}{lost}; {effect.base}..{effect.head}{alone}"


def history_record(history: History, effects: Sequence[Effect]) -> dict[str, Any]:
    """JSON-able; newest first."""
    return {
        "id": history.id,
        "file": str(history.file) if history.file else None,
        "state": history.state.value if history.state else "shipped",
        "notes": list(history.notes),
        "versions": [
            {
                "version": one.version,
                "sha256": list(one.sha256s),
                "effect": effect_record(effect) if effect else None,
                "revisions": [revision_record(each) for each in one.revisions],
            }
            for one, effect in zip_longest(history.versions, effects)
        ],
        "unread": [revision_record(one) for one in history.revisions if not one.version],
        "used": [revision_record(one) for one in history.used],
    }


def revision_record(one: Revision) -> dict[str, Any]:
    """JSON-able, without the text."""
    commit = one.commit
    return {
        "version": one.version,
        "begins": one.begins,
        "sha256": one.sha256,
        "change": one.change,
        "path": one.path,
        "notes": list(one.notes),
        "commit": commit.hash if commit else None,
        "author": commit.author if commit else None,
        "email": commit.email if commit else None,
        "date": commit.at.isoformat() if commit else None,
        "subject": commit.subject if commit else None,
    }


def effect_record(effect: Effect) -> dict[str, Any]:
    """JSON-able. Shares and their difference are in [0, 1] and [-1, 1]."""
    line = effect.line
    difference = line.difference if line else None
    return {
        "before": effect.before or None,
        "verdict": line.change.value if line and difference else None,
        "difference": difference.mean if difference else None,
        "interval": [difference.interval.low, difference.interval.high] if difference else None,
        "unmoved": bool(line and line.unmoved),
        "n": line.n if line else 0,
        "unmeasured": line.unmeasured if line else 0,
        "base": {"run": effect.base or None, "passed": line.base if line else None},
        "head": {"run": effect.head or None, "passed": line.head if line else None},
        "others": list(effect.others),
        "prompt_alone": bool(difference) and not effect.others,
        "why": effect.why,
    }


def print_differences(found: Differences) -> None:
    """What it means, then the lines, colored on a terminal."""
    if found.none:
        say(f"{found.before} and {found.after} are the same text")
        return
    for title, changes in _groups(found).items():
        for one in changes:
            say(f"{title} {one.name}: {one.before} → {one.after}")
    if found.sizes is not None:
        before, after = found.sizes
        say(f"tokens, estimated: {before.whole} → {after.whole} (system {before.system} → {after.system})")
        say(f"fixed part: {before.fixed} → {after.fixed} tokens, the same in every request")
    else:
        note("one of the two is no valid prompt file by today's rules: only the lines are compared")
    say("")
    for line in found.lines:
        out.print(Text(line, style=_COLORS.get(line[:1], "")))


def differences_record(found: Differences) -> dict[str, Any]:
    """JSON-able."""
    sizes = found.sizes
    return {
        "before": found.before,
        "after": found.after,
        "same": found.none,
        **{
            title: {one.name: {"before": one.before, "after": one.after} for one in changes}
            for title, changes in _groups(found).items()
        },
        "tokens": {"before": sizes[0].whole, "after": sizes[1].whole} if sizes else None,
        "fixed_tokens": {"before": sizes[0].fixed, "after": sizes[1].fixed} if sizes else None,
        "diff": list(found.lines),
    }


def _groups(found: Differences) -> Mapping[str, Sequence[Changed]]:
    return {
        "field": found.fields,
        "input": found.inputs,
        "contract": found.contract,
        "include": found.includes,
    }


def line_record(line: LineBy, version: str) -> dict[str, Any]:
    """JSON-able; a line that is not committed has no author."""
    commit = line.commit
    return {
        "line": line.number,
        "commit": commit.hash if commit else "",
        "author": commit.author if commit else "",
        "date": commit.at.isoformat() if commit else "",
        "version": version,
        "text": line.text,
    }
