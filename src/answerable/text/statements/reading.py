"""One sentence read: what it says, in which of its clauses, and for what it holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from answerable.text.dates import date_spans
from answerable.text.facts import facts
from answerable.text.statements.amounts import Amount, amounts
from answerable.text.statements.modality import modal_at, modality, negated_things
from answerable.text.statements.periods import periods
from answerable.text.statements.scope import Scope, condition, nearest, scope_of, years
from answerable.text.statements.statement import Page, Statement
from answerable.text.statements.wording import content

_FEWEST = 2  # stems of a clause
_CUT = re.compile(
    r"[;:]\s|,\s|\s(?:because|so that|so as to|in order to|since|which|who|whereas|and|but"
    r"|weil|sodass|damit|um|da|und|aber|porque|ya que|para que|pero|y)\s"
)
_SPOKEN = re.compile(r"[.!;…][\"'”’)\]]*$")  # a sentence, not a heading or an item of a list
_SINCE = re.compile(
    r"\b(?:from|since|as of|effective|starting|ab(?: dem)?|seit|a partir del?|desde(?: el)?)\s+$", re.I
)
_UNTIL = re.compile(r"\b(?:until|till|through|up to|bis(?: zum)?|hasta(?: el)?)\s+$", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """page's text[start:start + len(text)]. `frame` is what title and address say of the scope."""

    page: Page
    text: str
    start: int
    headings: tuple[str, ...]
    frame: Scope


def read_sentence(one: Sentence) -> Iterator[Statement]:
    """A statement for each amount that is the only one of its kind, else one for the duty, permission or fact."""
    language = one.page.language
    values = amounts(one.text, language)
    since, until = _validity(one.text)
    for amount in _alone([each for each in values if not _is_limit(each, since, until, one.text)]):
        yield from _statement(one, values, _clause(one.text, amount.start, amount.end), amount=amount)
    if not values and _SPOKEN.search(one.text):
        at = modal_at(one.text, language)
        yield from _statement(one, values, _clause(one.text, at, at) if at < len(one.text) else (0, len(one.text)))
    for match in negated_things(language).finditer(one.text):
        thing = content(match["thing"], language)
        if len(thing) >= _FEWEST:
            yield from _statement(one, values, (0, len(one.text)), nothing=thing)


def read_whole(one: Sentence) -> Statement | None:
    """The sentence with its scope, whatever it says; None where it says too little to be compared."""
    return next(_statement(one, amounts(one.text, one.page.language), (0, len(one.text))), None)


def _statement(
    one: Sentence,
    values: Sequence[Amount],
    span: tuple[int, int],
    *,
    amount: Amount | None = None,
    nothing: frozenset[str] = frozenset(),
) -> Iterator[Statement]:
    language, blank = one.page.language, _blanked(one.text, values)
    whole = content(blank, language) | nothing
    clause = one.text[slice(*span)]
    core = content(blank[slice(*span)], language)
    if len(core) < _FEWEST:
        core, clause, span = whole, one.text, (0, len(one.text))
    counted = amount.of if amount and amount.slot == "count" else frozenset[str]()
    if not core or (amount is None and len(core) < _FEWEST):
        return
    since, until = _validity(one.text)
    own = nearest([scope_of(clause), scope_of(one.text[: span[1]])])  # what follows is about something else
    if said := years(one.text):
        own["year"] = said
    inner = [scope_of(each, heading=True) for each in reversed(one.headings) if each != one.page.title]
    before = one.text[span[0] : max(span[0], modal_at(clause, language) + span[0])]
    yield Statement(
        page=one.page,
        start=one.start,
        end=one.start + len(one.text),
        text=one.text,
        core=core | counted,
        whole=whole | counted,
        around=frozenset().union(*(content(each, language) for each in (one.page.title, *one.headings))),
        actor=content(before, language) if amount is None else frozenset(),
        names=frozenset(facts(clause, language).names),
        scope=own,
        frame=nearest([*inner, one.frame]),
        condition=condition(one.text, clause, language),
        modality=modality(clause, language),
        amount=amount,
        nothing=nothing,
        periods=periods(one.text),
        since=since,
        until=until,
    )


def _alone(values: Sequence[Amount]) -> list[Amount]:
    """The only one of its slot: of two amounts of one kind nobody can tell here which says what."""
    counts = Counter(one.slot for one in values)
    return [one for one in values if counts[one.slot] == 1]


def _is_limit(one: Amount, since: date | None, until: date | None, sentence: str) -> bool:
    """Whether a date says when the statement holds, not what it says."""
    if one.slot != "date" or not (since or until):
        return False
    return bool(_SINCE.search(sentence[: one.start]) or _UNTIL.search(sentence[: one.start]))


def _validity(sentence: str) -> tuple[date | None, date | None]:
    since = until = None
    for start, _, readings in date_spans(sentence):
        day = _day(readings)
        if day and _SINCE.search(sentence[:start]):
            since = day
        elif day and _UNTIL.search(sentence[:start]):
            until = day
    return since, until


def _day(readings: frozenset[str]) -> date | None:
    whole = sorted(one for one in readings if "*" not in one and one.count("-") == 2)
    try:
        return date.fromisoformat(whole[0]) if whole else None
    except ValueError:
        return None


def _clause(sentence: str, start: int, end: int) -> tuple[int, int]:
    """The clause around sentence[start:end]."""
    begin, stop = 0, len(sentence)
    for match in _CUT.finditer(sentence):
        if match.end() <= start:
            begin = match.end()
        elif match.start() >= end:
            stop = match.start()
            break
    return begin, stop


def _blanked(sentence: str, values: Sequence[Amount]) -> str:
    for one in values:
        sentence = sentence[: one.start] + " " * (one.end - one.start) + sentence[one.end :]
    return sentence
