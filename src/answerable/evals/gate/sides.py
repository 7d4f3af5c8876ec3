"""One side of a comparison: a run with its rows; and in words what differs between two sides besides the rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from answerable.core.evaluation import Row, Run
from answerable.core.identity import sha256_hex
from answerable.evals.gate.words import plural

# What decides an answer; judge and criteria decide only what a judge says of it.
_ANSWER_PARTS = ("prompts", "models", "parameters", "index", "code")
ASKED = "asked"  # in a row's answer: the hash of its case, where the case itself was not kept
METRICS = "metrics"  # in a run's detail: the hash of what scores
_NAMED = 5  # cases that a sentence names; the others are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A run with its rows, from the database or from a file in git."""

    run: Run
    rows: tuple[Row, ...]
    source: str = ""  # the file; empty: the database

    @property
    def name(self) -> str:
        """What people call it: commit with branch or label, else the id."""
        commit = self.run.commit[:7] + ("+" if self.run.commit.endswith("+") else "")
        place = self.run.label or self.run.branch
        named = f"{commit or self.run.id[:12]} ({place})" if place else commit or self.run.id[:12]
        return f"{named}, {self.source}" if self.source else named

    @property
    def digest(self) -> str:
        """12 hex digits of what answers, so that a commit that changes none of it keeps it. Empty: not known."""
        if len(self.answers_by) < len(_ANSWER_PARTS):
            return ""
        return sha256_hex(json.dumps([self.run.target, sorted(self.answers_by.items())]))[:12]

    @property
    def answers_by(self) -> dict[str, str]:
        """The fingerprint's parts that decide an answer."""
        return {key: value for key, value in self.run.fingerprint.items() if key in _ANSWER_PARTS}


def same_system(base: Side, head: Side) -> bool:
    """Whether equal fingerprints answered: then whatever differs is chance."""
    return bool(base.digest) and base.digest == head.digest and not other_metrics(base, head.run.detail)


def other_metrics(base: Side, detail: Mapping[str, Any]) -> bool:
    """Whether base was scored by other metrics or patterns than a run with this detail. False: not known."""
    before, now = base.run.detail.get(METRICS), detail.get(METRICS)
    return bool(before and now and before != now)


def changed_cases(base: Side, head: Side) -> tuple[str, ...]:
    """Cases whose question or expectation is another one now, where both sides kept it."""
    before, after = _definitions(base), _definitions(head)
    return tuple(sorted(case for case in before.keys() & after.keys() if before[case] != after[case]))


def definition(row: Row) -> str:
    """16 hex digits of what was asked and expected; empty where the row does not say."""
    if kept := row.answer.get(ASKED):
        return str(kept)
    case = row.answer.get("case")
    if not isinstance(case, Mapping):
        return ""
    decides = {key: value for key, value in case.items() if key != "why"}
    return sha256_hex(json.dumps(decides, sort_keys=True, ensure_ascii=False, default=str))[:16]


def obstacles(base: Side, head: Side) -> tuple[str, ...]:
    """Why the two cannot be compared as they are; empty where they can."""
    found = []
    if other_metrics(base, head.run.detail):
        found.append(
            "base was scored by another version of the metrics or patterns: run base anew, or set the baseline"
        )
    if base.run.cases and head.run.cases and not set(base.run.cases) & set(head.run.cases):
        found.append("the two sides have no case in common")
    found += [said for side, one in (("base", base), ("head", head)) if (said := _unfinished(side, one))]
    return tuple(found)


def explain(base: Side, head: Side) -> tuple[str, ...]:
    """What a reader has to know before the figures: one sentence each."""
    return (
        *_explain_system(base, head),
        *_explain_cases(base, head),
        *obstacles(base, head),
        *_explain_state("base", base),
        *_explain_state("head", head),
    )


def _explain_system(base: Side, head: Side) -> Iterator[str]:
    if base.run.target != head.run.target:
        yield f"base asked {base.run.target}, head asked {head.run.target}"
    parts = _different(base, head, _ANSWER_PARTS)
    if parts:
        yield f"changed between the two: {', '.join(parts)}"
    elif same_system(base, head):
        yield "nothing that decides an answer differs between the two: every difference is chance"
    for part in _different(base, head, ("judge", "criteria")):
        yield f"the {part} differs: what judges say of the two sides is not the same measure"
    if base.run.repeats != head.run.repeats:
        yield f"base was asked {plural(base.run.repeats, 'time')} a case, head {plural(head.run.repeats, 'time')}"


def _explain_cases(base: Side, head: Side) -> Iterator[str]:
    before, after = {row.case for row in base.rows}, {row.case for row in head.rows}
    if new := sorted(after - before):
        yield f"{plural(len(new), 'case')} only in head, not compared: {_list(new)}"
    if gone := sorted(before - after):
        yield f"{plural(len(gone), 'case')} only in base, not compared: {_list(gone)}"
    if changed := changed_cases(base, head):
        yield f"{plural(len(changed), 'case')} asked or scored otherwise now, not compared: {_list(changed)}"


def _explain_state(side: str, one: Side) -> Iterator[str]:
    if one.run.commit.endswith("+"):
        yield f"{side} was run with changes that are not committed"


def _unfinished(side: str, one: Side) -> str:
    if one.run.finished_at is not None:
        return ""
    return f"{side} is not finished: {plural(len(one.rows), 'row')} of {len(one.run.cases) * one.run.repeats}"


def _different(base: Side, head: Side, parts: Sequence[str]) -> list[str]:
    before, after = base.run.fingerprint, head.run.fingerprint
    if not before or not after:
        return []
    return [part for part in parts if before.get(part, "") != after.get(part, "")]


def _list(cases: Sequence[str]) -> str:
    rest = len(cases) - _NAMED
    return ", ".join(cases[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _definitions(side: Side) -> dict[str, str]:
    return {row.case: found for row in side.rows if (found := definition(row))}
