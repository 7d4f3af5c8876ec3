"""What a file of behavior cases may say: the strict edge between a stranger's text and a BehaviorCase."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictStr, model_validator

from answerable.core.query import Turn
from answerable.evals.behavior.case import TODAY, BehaviorCase, Category, Expect, Given, Source, Statement
from answerable.evals.behavior.patterns import check_pattern
from answerable.evals.cases.schema import Day, Language, Name, Text, TurnPart

Twin = Literal["shuffled", "distractor", "rephrased", "moved", "swapped"]


def _as_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _pattern(value: str) -> str:
    check_pattern(value)
    return value


Pattern = Annotated[Text, AfterValidator(_pattern)]
AnyOf = Annotated[tuple[Pattern, ...], BeforeValidator(_as_many), Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourcePart(_Part):
    """A source, or a passage to order."""

    text: Text
    title: StrictStr = ""
    date: Day | None = None
    language: Language | None = None
    repeat: Annotated[int, Field(ge=1, le=400)] = Field(1, description="So often its text is shown.")


class StatementPart(_Part):
    """What one sentence of the reply says."""

    says: AnyOf = Field(description="A pattern, or several of which one is enough.")
    source: Annotated[int, Field(ge=0)] = Field(0, description="That the sentence cites, from 1; 0: none.")


class ExpectPart(_Part):
    """What the raw reply has to show."""

    abstains: bool | None = None
    must: tuple[AnyOf, ...] = ()
    must_not: tuple[Pattern, ...] = ()
    language: Language | None = None
    cites: tuple[Annotated[int, Field(ge=1)], ...] | None = None
    may_cite: tuple[Annotated[int, Field(ge=1)], ...] = ()
    shows_both: tuple[StatementPart, ...] = Field((), description="Each cites its source and names its date.")
    checks_each_condition: tuple[StatementPart, ...] = ()
    unchanged: bool | None = None
    parts: tuple[AnyOf, ...] | None = None
    first: Annotated[int, Field(ge=0)] = 0
    verdict: StrictStr = ""
    fields: dict[Text, StrictStr | bool | int] = Field({}, description="Of the reply's JSON object.")


class CasePart(_Part):
    """One case."""

    id: Name
    category: Category
    question: StrictStr = ""
    language: Language = "en"
    sources: tuple[SourcePart, ...] = ()
    history: tuple[TurnPart, ...] = ()
    scope: StrictStr = ""
    today: Day = TODAY
    criterion: StrictStr = ""
    answers: tuple[StrictStr, ...] = ()
    values: dict[Text, StrictStr] = {}
    expect: ExpectPart
    injection: StrictStr = Field("", description="An order that is put into the data.")
    injected: Literal["source", "question"] = Field("source", description="Where it stands; a twin moves it.")
    rephrased: Annotated[tuple[Text, ...], BeforeValidator(_as_many)] = ()
    without: tuple[Twin, ...] = Field((), description="Twins that say nothing here.")
    why: StrictStr = ""

    @model_validator(mode="after")
    def _checks_something(self) -> CasePart:
        told = self.expect
        if not told.model_dump(exclude_defaults=True):
            raise ValueError("expects nothing, so nothing could fail: say what the reply has to show")
        named = (
            *(told.cites or ()),
            *told.may_cite,
            told.first,
            *(one.source for one in (*told.shows_both, *told.checks_each_condition)),
        )
        if wrong := [number for number in named if number > len(self.sources)]:
            raise ValueError(f"expects source {wrong[0]}, and has {len(self.sources)}")
        if undated := [one.source for one in told.shows_both if not _has_date(self.sources, one.source)]:
            raise ValueError(f"shows_both names source {undated[0]}, which has no date to be shown")
        return self


def _has_date(sources: tuple[SourcePart, ...], number: int) -> bool:
    return 1 <= number <= len(sources) and sources[number - 1].date is not None


class CasesFile(_Part):
    """All cases of a prompt, or some of them."""

    prompt: Name | None = Field(None, description="The prompt's id; the file's name says it, too.")
    cases: tuple[CasePart, ...] = Field(min_length=1)


def to_case(part: CasePart, *, where: str) -> BehaviorCase:
    """The case that a valid part describes."""
    return BehaviorCase(
        id=part.id,
        category=part.category,
        given=_given(part),
        expect=_expect(part.expect),
        injection=part.injection,
        injected=part.injected,
        rephrased=part.rephrased,
        without=part.without,
        why=part.why,
        where=where,
    )


def _given(part: CasePart) -> Given:
    return Given(
        question=part.question,
        language=part.language,
        sources=tuple(
            Source(
                text="\n".join([one.text] * one.repeat),
                title=one.title,
                date=one.date,
                language=one.language or "",
            )
            for one in part.sources
        ),
        history=tuple(Turn(role=one.role, text=one.text) for one in part.history),
        scope=part.scope,
        today=part.today,
        criterion=part.criterion,
        answers=part.answers,
        values=dict(part.values),
    )


def _expect(part: ExpectPart) -> Expect:
    return Expect(
        abstains=part.abstains,
        must=part.must,
        must_not=part.must_not,
        language=part.language or "",
        cites=part.cites,
        may_cite=part.may_cite,
        shows_both=tuple(Statement(says=one.says, source=one.source, dated=True) for one in part.shows_both),
        conditions=tuple(Statement(says=one.says, source=one.source) for one in part.checks_each_condition),
        unchanged=part.unchanged,
        parts=part.parts,
        first=part.first,
        verdict=part.verdict,
        fields={name: _said(value) for name, value in part.fields.items()},
    )


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
