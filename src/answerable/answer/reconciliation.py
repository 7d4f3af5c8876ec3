"""Whether two sentences that seem to clash may both stand: they hold for different things, or are no rules."""

from __future__ import annotations

from answerable.answer.candidates import Candidate
from answerable.text.statements.asides import is_aside, is_aside_heading
from answerable.text.statements.decision import differ, kind_of, may_both_stand
from answerable.text.statements.pages import filled
from answerable.text.statements.reading import Sentence, read_sentence, read_whole
from answerable.text.statements.scope import address_scope, nearest, scope_of
from answerable.text.statements.statement import Page
from answerable.text.statements.wording import content


def reconciled(a: Candidate, b: Candidate) -> str:
    """In words why the two do not contradict each other, by what decides offline; empty where nothing says so.

    Of the pages only what is in the context is known. docs/decisions/0143-scope-in-answers.md
    """
    if _is_aside(a) or _is_aside(b):
        return "one is an example, somebody else's, of the past or a plan"
    mine, theirs = _sentence(a, beside=b), _sentence(b, beside=a)
    pairs = [(one, other) for one in read_sentence(mine) for other in read_sentence(theirs) if kind_of(one, other)]
    if not pairs:
        one, other = read_whole(mine), read_whole(theirs)
        return may_both_stand(one, other).reason if one and other else ""
    reasons = [may_both_stand(*pair).reason if differ(*pair) else "they agree" for pair in pairs]
    return reasons[0] if all(reasons) else ""


def _is_aside(one: Candidate) -> bool:
    headings = (one.block.passage.title, *one.block.passage.chunk.headings_at(one.start))
    return is_aside(one.text) or any(is_aside_heading(each) for each in headings)


def _sentence(one: Candidate, *, beside: Candidate) -> Sentence:
    passage = one.block.passage
    page = Page(
        id=passage.chunk.document_id,
        uri=passage.uri,
        source=passage.source,
        title=passage.title,
        language=passage.language,
        owner=None,
        updated_at=passage.updated_at,
    )
    vocabulary = content(passage.title, passage.language) | content(beside.block.passage.title, passage.language)
    return Sentence(
        page=filled(page, passage.chunk.text, vocabulary),
        text=one.text,
        start=one.start,
        headings=passage.chunk.headings_at(one.start),
        frame=nearest([scope_of(passage.title, heading=True), address_scope(passage.uri)]),
    )
