"""Ragas: an EvaluationDataset as JSONL or CSV. Fields as of Ragas 0.4 (SingleTurnSample, MultiTurnSample).

It carries the question, the reference and its passages. All the rest of a case goes into a second file beside it.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from typing import Any

from answerable.core.evaluation import EvalCase
from answerable.evals.cases.exchange.brought import Bringing, Note, Written
from answerable.evals.cases.schema import to_mapping
from answerable.evals.cases.writing import json_line

FIELD = "user_input"
_MAPPED = (FIELD, "reference", "reference_contexts", "reference_context_ids")
_LISTS = ("retrieved_contexts", "reference_contexts", "retrieved_context_ids", "reference_context_ids",
          "multi_responses", "reference_topics", "reference_tool_calls")  # fmt: skip
_ROLES = {"human": "user", "ai": "assistant"}
_BESIDE = (
    "tags",
    "outcome",
    "must",
    "must_not",
    "accept_also",
    "cites",
    "criteria",
    "filters",
    "groups",
    "history",
)


def read_ragas(
    rows: Sequence[tuple[int, Mapping[str, Any]]], bringing: Bringing, *, beside: Sequence[Mapping[str, Any]] = ()
) -> None:
    """Every sample as a case. `rows`: (line, sample); `beside`: the cases of the second file, as read."""
    known: dict[str, list[Mapping[str, Any]]] = {}
    for one in beside:
        known.setdefault(str(one.get("question")), []).append(one)
    for line, row in rows:
        mapping = _mapping(row, bringing, line)
        if mapping is not None:
            matches = known.get(mapping["question"], [])
            bringing.take(_joined(matches.pop(0), mapping) if matches else mapping, line=line)
    for left in (one for several in known.values() for one in several):
        bringing.note(str(left.get("id")), "is in the second file, and no sample asks its question: not imported")


def write_ragas(cases: Sequence[EvalCase]) -> Written:
    """JSONL for `EvaluationDataset.from_jsonl`, and the whole cases beside it."""
    turns = bool(cases) and all(one.history for one in cases)
    rows = [_conversation(one) if turns else _sample(one) for one in cases]
    return Written(
        text="".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows),
        beside="".join(json_line(one) + "\n" for one in cases),
        notes=tuple(note for one in cases for note in _notes(one, turns=turns)),
    )


def from_cells(row: Mapping[str, str]) -> dict[str, Any]:
    """A row of Ragas' CSV, whose lists are Python's own notation. Raises ValueError."""
    found: dict[str, Any] = {key: value for key, value in row.items() if value}
    for key in (*_LISTS, "rubrics"):
        if key in found:
            found[key] = _literal(key, found[key])
    if found.get(FIELD, "").startswith("[{"):
        found[FIELD] = _literal(FIELD, found[FIELD])
    return found


def _literal(key: str, cell: str) -> Any:
    try:
        return ast.literal_eval(cell)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise ValueError(f"{key} is no list: {cell[:60]!r}") from error


def _mapping(row: Mapping[str, Any], bringing: Bringing, line: int) -> dict[str, Any] | None:
    question, history = _asked(row.get(FIELD))
    if not question:
        bringing.refuse("has no question", key=FIELD, line=line, fix="a text, or messages with a human one last")
        return None
    contexts, ids = row.get("reference_contexts") or [], row.get("reference_context_ids") or []
    if not isinstance(contexts, list) or not isinstance(ids, list):
        bringing.refuse("is no list", key="reference_contexts, reference_context_ids", line=line)
        return None
    paired = len(contexts) == len(ids)
    rest = {key: value for key, value in row.items() if key not in _MAPPED and value not in (None, "", [], {})}
    if contexts and not paired:
        rest["reference_contexts"] = contexts
        bringing.note(
            question[:60], "reference_contexts without document ids: no gold spans, kept in origin.ragas"
        )
    for key in rest:
        if key != "reference_contexts":
            bringing.note(question[:60], f"{key}: kept in origin.ragas, not checked here")
    return {
        "question": question,
        "history": history,
        "expect": {
            "reference": row.get("reference") or "",
            "spans": [{"document": str(uri), "quote": text} for uri, text in zip(ids, contexts, strict=True)]
            if paired
            else [],
        },
        "origin": {"ragas": rest},
    }


def _asked(given: Any) -> tuple[str, list[dict[str, str]]]:
    """The question and the conversation before it."""
    if isinstance(given, str):
        return given.strip() and given, []
    listed = given if isinstance(given, list) else []
    messages = [one for one in listed if isinstance(one, Mapping) and one.get("type") in _ROLES]
    while messages and messages[-1]["type"] != "human":
        messages.pop()
    if not messages:
        return "", []
    turns = [{"role": _ROLES[one["type"]], "text": str(one.get("content", ""))} for one in messages]
    return turns[-1]["text"], turns[:-1]


def _joined(whole: Mapping[str, Any], sample: Mapping[str, Any]) -> dict[str, Any]:
    """The case of the second file, with what the sample says of reference and passages."""
    if not all(isinstance(whole.get(key) or {}, Mapping) for key in ("expect", "origin")):
        return dict(whole)  # to be refused as it is
    expect = {**(whole.get("expect") or {}), **sample["expect"]}
    rest = sample["origin"]["ragas"]
    origin = {**(whole.get("origin") or {}), **({"ragas": rest} if rest else {})}
    return {**whole, "expect": {key: value for key, value in expect.items() if value}, "origin": origin}


def _sample(case: EvalCase) -> dict[str, Any]:
    spans = case.expect.spans
    row: dict[str, Any] = {**(case.origin.get("ragas") or {}), FIELD: case.question}
    if case.expect.reference:
        row["reference"] = case.expect.reference
    if spans:
        row["reference_contexts"] = [one.quote for one in spans]
        row["reference_context_ids"] = [one.document for one in spans]
    return row


def _conversation(case: EvalCase) -> dict[str, Any]:
    kinds = {role: kind for kind, role in _ROLES.items()}
    said = [{"content": one.text, "type": kinds[one.role]} for one in case.history]
    row = {**(case.origin.get("ragas") or {}), FIELD: [*said, {"content": case.question, "type": "human"}]}
    return row | ({"reference": case.expect.reference} if case.expect.reference else {})


def _notes(case: EvalCase, *, turns: bool) -> list[Note]:
    whole = to_mapping(case)
    given = {**whole, **whole["expect"]}
    names = [key for key in (*_BESIDE, "spans" if turns else "history") if given[key]]
    return [Note(where=case.id, what=f"{key}: Ragas cannot carry it; it is in the second file") for key in names]
