"""From a page to its statements: sentence by sentence, with headings and scope."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from answerable.core.ports import DocumentView
from answerable.text.sentences import sentences
from answerable.text.statements.asides import is_aside, is_aside_heading
from answerable.text.statements.pages import filled
from answerable.text.statements.reading import Sentence, read_sentence
from answerable.text.statements.scope import address_scope, nearest, scope_of
from answerable.text.statements.statement import Page, Statement
from answerable.text.statements.wording import content

LANGUAGES = frozenset({"en", "de", "es"})  # whose negations, duties and scopes are known
_CORRESPONDENCE = frozenset({"from", "channel", "participants"})


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
    page = Page(
        id=view.id,
        uri=view.uri,
        source=view.source,
        title=view.title,
        language=view.language,
        owner=view.owner,
        updated_at=date.fromisoformat(view.updated_at) if view.updated_at else None,
    )
    return filled(page, view.text, vocabulary)


def extract(view: DocumentView, page: Page) -> list[Statement]:
    """The page's statements in order. A sentence with two amounts of one kind gives none of that kind."""
    if is_aside_heading(page.title):
        return []
    found: list[Statement] = []
    outline = _outline(view)
    titles = {page.title, *(heading for _, path in outline for heading in path)}
    frame = nearest([scope_of(page.title, heading=True), address_scope(page.uri)])
    for start, end in sentences(view.text, page.language):
        sentence = view.text[start:end]
        headings = _headings_at(outline, start)
        if sentence in titles or is_aside(sentence) or any(is_aside_heading(one) for one in headings):
            continue
        found += read_sentence(Sentence(page=page, text=sentence, start=start, headings=headings, frame=frame))
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
