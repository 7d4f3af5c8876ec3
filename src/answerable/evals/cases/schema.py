"""What a case file may say: the strict edge between a stranger's text and an EvalCase, and its JSON Schema."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictStr, StringConstraints, ValidationError

from answerable.core.evaluation import EvalCase, Expectation, GoldSpan
from answerable.core.outcome import Outcome
from answerable.core.query import Turn
from answerable.evals.cases.explaining import explain
from answerable.evals.cases.problems import Problem
from answerable.evals.cases.text import Parsed

SCHEMA_ID = "https://json-schema.org/draft/2020-12/schema"
ID = r"^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$"
_MAX_QUESTION = 20_000  # characters: longer than any guard lets through, so that this can be tested too


def _as_date(value: object) -> object:
    if isinstance(value, datetime) or not isinstance(value, date | str):
        raise ValueError("is no date; write it as 2026-11-20")
    try:
        return value if isinstance(value, date) else date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is no date; write it as 2026-11-20") from error


def _as_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


Text = Annotated[StrictStr, StringConstraints(strip_whitespace=False, min_length=1, pattern=r"\S")]
Name = Annotated[StrictStr, StringConstraints(pattern=ID, max_length=100)]
Tag = Annotated[StrictStr, StringConstraints(pattern=r"^\w[\w.-]*$", max_length=60)]
Language = Annotated[StrictStr, StringConstraints(pattern=r"^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$")]
Hash = Annotated[StrictStr, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Day = Annotated[date, BeforeValidator(_as_date)]
Values = Annotated[tuple[Text, ...], BeforeValidator(_as_many)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SpanPart(_Part):
    """A passage that the answer needs."""

    document: Text = Field(description="The document's uri within its source.")
    quote: Text = Field(description="Its exact words.")


class TurnPart(_Part):
    """An earlier message."""

    role: Literal["user", "assistant"]
    text: Text


class ExpectPart(_Part):
    """What a right answer is; what is left out is not checked."""

    outcome: Outcome | None = Field(None, description="How the question has to end.")
    must: tuple[Text, ...] = Field((), description="Each is in the answer, or one of accept_also in its place.")
    must_not: tuple[Text, ...] = Field((), description="None is in the answer.")
    cites: tuple[Text, ...] = Field((), description="uri or uri#section-slug; each is cited.")
    spans: tuple[SpanPart, ...] = Field((), description="The passages that the answer needs.")
    criteria: tuple[Name, ...] = Field((), description="Criteria that a judge or a person answers YES to.")
    reference: StrictStr = Field("", description="A right answer in words, to compare with.")


class CaseFile(_Part):
    """A question with what a right answer is: one YAML file, or one line of a JSONL file."""

    id: Name = Field(description="Stable; its name everywhere. Lower case, digits and - . _ between them.")
    tags: tuple[Tag, ...] = Field((), description="The first is the category.")
    question: Annotated[Text, StringConstraints(max_length=_MAX_QUESTION)] = Field(description="As a person asks.")
    language: Language = Field("en", description="Of the question and its answer.")
    filters: dict[Text, Values] = Field({}, description="As [retrieval] filter: key to one value or several.")
    groups: tuple[Text, ...] = Field((), description="Who asks: member of these groups, besides public.")
    history: tuple[TurnPart, ...] = Field((), description="Earlier messages, oldest first.")
    expect: ExpectPart = ExpectPart()
    accept_also: tuple[Text, ...] = Field((), description="Accepted in the place of a missing `must`.")
    why: StrictStr = Field("", description="The reason that it is a case.")
    origin: dict[Text, Any] = Field({}, description="Author or trace, date, reviewer, twin_of …")
    confirmed: Day | None = Field(None, description="When a person last said that it is right.")
    gold_version: dict[Text, Hash] = Field(
        {}, description="uri to the hash of the document's text at confirmation."
    )
    cluster: StrictStr = Field("", description="Cases that stand or fall together; else the first gold document.")


KEYS = tuple(CaseFile.model_fields)
EXPECT_KEYS = tuple(ExpectPart.model_fields)


def read_case(parsed: Parsed, *, path: Path, line: int = 0) -> EvalCase | list[Problem]:
    """The case that a text stands for, or everything that is wrong with it. `line`: the case's own, in a JSONL."""
    try:
        return to_case(CaseFile.model_validate(parsed.value))
    except ValidationError as error:
        return [_problem(one, parsed, path, line) for one in error.errors()]


def to_case(given: CaseFile) -> EvalCase:
    """The case that a valid file describes."""
    expect = given.expect
    return EvalCase(
        id=given.id,
        question=given.question,
        tags=given.tags,
        language=given.language,
        filters=given.filters,
        groups=given.groups,
        history=tuple(Turn(role=one.role, text=one.text) for one in given.history),
        expect=Expectation(
            outcome=expect.outcome,
            must=expect.must,
            must_not=expect.must_not,
            accept_also=given.accept_also,
            cites=expect.cites,
            spans=tuple(GoldSpan(document=one.document, quote=one.quote) for one in expect.spans),
            criteria=expect.criteria,
            reference=expect.reference,
        ),
        why=given.why,
        origin=given.origin,
        confirmed=given.confirmed,
        gold_version=given.gold_version,
        cluster=given.cluster,
    )


def to_mapping(case: EvalCase) -> dict[str, Any]:
    """The case as its file says it: every key, in the file's order, plain values; filters as they were given."""
    expect = case.expect
    return {
        "id": case.id,
        "tags": list(case.tags),
        "question": case.question,
        "language": case.language,
        "filters": {key: list(values) for key, values in case.filters.items()},
        "groups": list(case.groups),
        "history": [{"role": one.role, "text": one.text} for one in case.history],
        "expect": {
            "outcome": str(expect.outcome) if expect.outcome else None,
            "must": list(expect.must),
            "must_not": list(expect.must_not),
            "cites": list(expect.cites),
            "spans": [{"document": one.document, "quote": one.quote} for one in expect.spans],
            "criteria": list(expect.criteria),
            "reference": expect.reference,
        },
        "accept_also": list(expect.accept_also),
        "why": case.why,
        "origin": dict(case.origin),
        "confirmed": case.confirmed,
        "gold_version": dict(case.gold_version),
        "cluster": case.cluster,
    }


def check_case(case: EvalCase) -> EvalCase:
    """The same case, once it is sure that its file could be read again. Raises ValueError naming every key."""
    outcome = read_case(Parsed(value=to_mapping(case)), path=Path(case.id or "case"))
    if isinstance(outcome, list):
        raise ValueError("; ".join(str(one) for one in outcome))
    return outcome


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a case file, for editors and other programs."""
    return {"$schema": SCHEMA_ID, "title": "An answerable evaluation case"} | {
        key: value for key, value in CaseFile.model_json_schema().items() if key != "title"
    }


def _problem(error: Any, parsed: Parsed, path: Path, line: int) -> Problem:
    location = [part for part in error["loc"] if part != "[key]"]
    cause, fix = explain(error, location, model=CaseFile)
    key = ".".join(str(one) for one in location)
    return Problem(path=path, line=line or parsed.line(location), key=key, cause=cause, fix=fix)
