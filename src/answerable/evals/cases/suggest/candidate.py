"""A proposed case: where it comes from, what a person still has to say, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from answerable.core.errors import ConfigError
from answerable.core.evaluation import EvalCase
from answerable.core.identity import content_id
from answerable.evals.cases.problems import refuse
from answerable.evals.cases.schema import read_case
from answerable.evals.cases.text import Parsed, TextError, parse_json
from answerable.evals.cases.writing import json_line

VERSION = 1  # of the rules that propose; goes into every candidate's provenance


class Kind(StrEnum):
    """How a candidate was found."""

    TYPO = "typo"
    PARAPHRASE = "paraphrase"
    LANGUAGE = "language"
    NEGATION = "negation"
    DOCUMENT = "document"
    LOG = "log"


class State(StrEnum):
    """What a person said of it."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One proposal. `source` is the twin's case, the document's uri or the trace."""

    kind: Kind
    source: str
    case: EvalCase  # its id is not yet given: it is made of category and question when it is accepted
    needs: tuple[str, ...] = ()  # what a person has to say before it can be accepted: question, outcome, must
    note: str = ""
    state: State = State.PROPOSED
    by: str = ""
    on: date | None = None
    reason: str = ""

    @property
    def id(self) -> str:
        """From what it is, so that it is proposed once."""
        return content_id("cd", self.kind, self.source, self.case.language, self.case.question)

    @property
    def provenance(self) -> dict[str, str]:
        """Where it comes from, as it goes into the case's origin."""
        key = {Kind.DOCUMENT: "document", Kind.LOG: "trace"}.get(self.kind, "twin_of")
        return {"kind": str(self.kind), key: self.source, "generator": f"{self.kind}@{VERSION}"}


def read_candidates(path: Path) -> list[Candidate]:
    """All candidates ever proposed, in the file's order. Raises ConfigError naming file and line."""
    if not path.exists():
        return []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    return [_read(line, path, number) for number, line in enumerate(lines, 1) if line.strip()]


def write_candidates(candidates: list[Candidate], path: Path) -> None:
    """A line each, whole or not at all. Raises ConfigError."""
    text = "".join(json.dumps(_mapping(one), ensure_ascii=False) + "\n" for one in candidates)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".tmp")
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from error


def _mapping(one: Candidate) -> dict[str, Any]:
    mapping: dict[str, Any] = {
        "id": one.id,
        "kind": str(one.kind),
        "source": one.source,
        "state": str(one.state),
        "case": json.loads(json_line(one.case)),
        "needs": list(one.needs),
        "note": one.note,
    }
    if one.state is not State.PROPOSED:
        mapping["decision"] = {"by": one.by, "date": str(one.on), "reason": one.reason}
    return mapping


def _read(line: str, path: Path, number: int) -> Candidate:
    try:
        given = parse_json(line).value
        decision: Mapping[str, Any] = given.get("decision") or {}
        case = read_case(Parsed(value=given["case"]), path=path, line=number)
        if isinstance(case, list):
            raise refuse(case)
        return Candidate(
            kind=Kind(given["kind"]),
            source=str(given["source"]),
            case=case,
            needs=tuple(given.get("needs", ())),
            note=str(given.get("note", "")),
            state=State(given.get("state", State.PROPOSED)),
            by=str(decision.get("by", "")),
            on=date.fromisoformat(decision["date"]) if decision.get("date") else None,
            reason=str(decision.get("reason", "")),
        )
    except (TextError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"{path}:{number}: is no candidate: {error}", hint="take the line out, or restore the file from git"
        ) from error
