"""From a page to its statements: sentence by sentence, with headings and scope."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from answerable.core.ports import DocumentView
from answerable.ingest.statements.amounts import Amount, amounts
from answerable.ingest.statements.asides import is_aside, is_aside_heading
from answerable.ingest.statements.modality import modal_at, modality, negated_things
from answerable.ingest.statements.scope import address_scope, condition, nearest, scope_of, years
from answerable.ingest.statements.statement import Page, Statement
from answerable.ingest.statements.wording import content, is_generic
from answerable.text.dates import date_spans
from answerable.text.facts import facts
from answerable.text.sentence_stems import sentence_stems
from answerable.text.sentences import sentences
from answerable.text.words import fold

LANGUAGES = frozenset({"en", "de", "es"})  # whose negations, duties and scopes are known
_CORRESPONDENCE = frozenset({"from", "channel", "participants"})
_CUT = re.compile(
    r"[;:]\s|,\s|\s(?:because|so that|since|which|who|whereas|and|but|weil|sodass|damit|da|und|aber|porque|ya que|pero|y)\s"
)
_REPLACES = re.compile(
    r"\b(?:replaces|supersedes|ersetzt|reemplaza a|sustituye a)\s+(?:the |our |die |das |den |la |el )?(?P<what>[^.;:!?\n]{3,80})",
    re.I,
)
_SINCE = re.compile(
    r"\b(?:from|since|as of|effective|starting|ab(?: dem)?|seit|a partir del?|desde(?: el)?)\s+$", re.I
)
_UNTIL = re.compile(r"\b(?:until|till|through|up to|bis(?: zum)?|hasta(?: el)?)\s+$", re.I)
_FEWEST = 2  # stems of a clause
_SPOKEN = re.compile(r"[.!;…][\"'”’)\]]*$")  # a sentence, not a heading or an item of a list


def topics(views: Iterable[DocumentView]) -> frozenset[str]:
    """The stems of all titles: of a page's words only these are kept, so that many pages fit into memory."""
    return frozenset(stem for view in views for stem in content(view.title, view.language))


def read_page(view: DocumentView, vocabulary: frozenset[str]) -> Page | None:
    """What is kept of a page; None where it says nothing that counts: a letter, a chat, another language.

    vocabulary: `topics` of all pages.
    """
    if view.language not in LANGUAGES or _CORRESPONDENCE & view.meta.keys() or view.status != "published":
        return None
    if any(chunk.meta.get("suspicion") or "speaker" in chunk.meta for chunk in view.chunks[:3]):
        return None
    body = _counted(view)
    topic = frozenset(one for one in content(view.title, view.language) if not is_generic(one))
    replaces = _REPLACES.search(view.text[:3000])
    return Page(
        id=view.id,
        uri=view.uri,
        source=view.source,
        title=view.title,
        language=view.language,
        owner=view.owner,
        updated_at=date.fromisoformat(view.updated_at) if view.updated_at else None,
        topic=topic,
        stems=vocabulary & content(view.text, view.language),
        central=frozenset(one for one in topic if body[one] >= 2 + (view.text.startswith(view.title))),
        years=years(view.title) | years(view.uri),
        replaces=fold(replaces["what"]) if replaces else "",
    )


def _counted(view: DocumentView) -> Counter[str]:
    return Counter(stem for _, _, stems in sentence_stems(view.text, view.language) for stem in stems)


def extract(view: DocumentView, page: Page) -> list[Statement]:
    """The page's statements in order. A sentence with two amounts of one kind gives none of that kind."""
    if is_aside_heading(page.title):
        return []
    found: list[Statement] = []
    outline = _outline(view)
    titles = {page.title, *(heading for _, path in outline for heading in path)}
    scopes = [scope_of(page.title, heading=True), address_scope(page.uri)]
    for start, end in sentences(view.text, page.language):
        sentence = view.text[start:end]
        headings = _headings_at(outline, start)
        if sentence in titles or is_aside(sentence) or any(is_aside_heading(one) for one in headings):
            continue
        found += _statements(page, sentence, start, headings, scopes)
    return found


def _outline(view: DocumentView) -> list[tuple[int, tuple[str, ...]]]:
    found: list[tuple[int, tuple[str, ...]]] = []
    for chunk in view.chunks:
        if chunk.level == 0:
            found.append((chunk.start, chunk.headings))
            found += [(chunk.start + at, chunk.headings_at(at)) for at in _turns(chunk.meta.get("sections", ""))]
    return sorted(found)


def _turns(sections: str) -> list[int]:
    return [int(one) for one in re.findall(r"\[(\d+), ?\[", sections)]


def _headings_at(outline: Sequence[tuple[int, tuple[str, ...]]], offset: int) -> tuple[str, ...]:
    headings: tuple[str, ...] = ()
    for start, path in outline:
        if start > offset:
            break
        headings = path
    return headings


def _statements(
    page: Page, sentence: str, start: int, headings: tuple[str, ...], scopes: list[dict[str, frozenset[str]]]
) -> Iterator[Statement]:
    language = page.language
    values = amounts(sentence, language)
    whole = content(_blanked(sentence, 0, values), language)
    if not whole:
        return
    inner = [scope_of(one, heading=True) for one in reversed(headings) if one != page.title]
    scope = nearest([scope_of(sentence), *inner, *scopes])
    if said := years(sentence):
        scope["year"] = said
    since, until = _validity(sentence)
    telling = _alone([one for one in values if not _is_limit(one, since, until, sentence)])

    def made(amount: Amount | None, nothing: frozenset[str] = frozenset()) -> Statement:
        core = content(_clause(sentence, amount, values), language) if amount else whole
        of = amount.of if amount and amount.slot == "count" else frozenset[str]()
        return Statement(
            page=page,
            start=start,
            end=start + len(sentence),
            text=sentence,
            core=(core if len(core) >= _FEWEST else whole) | of,
            whole=whole | of | nothing,
            around=frozenset().union(*(content(one, language) for one in (page.title, *headings))),
            actor=content(sentence[: modal_at(sentence, language)], language) if amount is None else frozenset(),
            names=frozenset(facts(sentence, language).names),
            scope=scope,
            condition=condition(sentence, language),
            modality=modality(sentence, language),
            amount=amount,
            nothing=nothing,
            since=since,
            until=until,
        )

    for amount in telling:
        yield made(amount)
    if not values and _SPOKEN.search(sentence) and len(whole) >= _FEWEST:
        yield made(None)
    for match in negated_things(language).finditer(sentence):
        thing = content(match["thing"], language)
        if len(thing) >= _FEWEST:
            yield made(None, thing)


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


def _clause(sentence: str, amount: Amount, values: Sequence[Amount]) -> str:
    """The clause that the amount stands in, without any amounts."""
    begin, end = 0, len(sentence)
    for match in _CUT.finditer(sentence):
        if match.end() <= amount.start:
            begin = match.end()
        elif match.start() >= amount.end:
            end = match.start()
            break
    return _blanked(sentence, begin, values)[: end - begin]


def _blanked(sentence: str, begin: int, values: Sequence[Amount]) -> str:
    for one in values:
        sentence = sentence[: one.start] + " " * (one.end - one.start) + sentence[one.end :]
    return sentence[begin:]
