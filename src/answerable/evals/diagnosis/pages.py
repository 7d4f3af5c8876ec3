"""What a gold page tells before anything is asked: is it there, and may it be seen?"""

from __future__ import annotations

from answerable.evals.diagnosis.bench import Page
from answerable.evals.diagnosis.stages import Stage


def missing(page: Page) -> tuple[Stage, str] | None:
    """Why the index does not have the page's words; None when it has them."""
    if not page.document:
        return _not_indexed(page)
    if page.in_index:
        return None
    if page.in_source:
        return Stage.STALE_INDEX, f"{page.uri} says it now; the index holds version {page.version}, which does not"
    if page.error:
        return Stage.PARSE, f"{page.uri} cannot be read since: {page.error}"
    if page.in_bytes:
        return Stage.PARSE, f"{page.uri} says it, and the parser leaves it out"
    return Stage.EXPECTATION, f"{page.uri} does not say “{page.quote}”, neither in the source nor in the index"


def _not_indexed(page: Page) -> tuple[Stage, str]:
    if page.error:
        return Stage.PARSE, f"{page.uri} could not be read: {page.error}"
    if page.listed:
        return Stage.STALE_INDEX, f"{page.uri} is in the source and not in the index"
    return Stage.CORPUS_MISSING, f"{page.uri} is neither in a source nor in the index"


def hidden(page: Page) -> tuple[Stage, str] | None:
    """What keeps a page that is in the index from the asker; None when nothing does."""
    if not page.document or not page.hidden_by:
        return None
    stage = Stage.ACL if any(one.startswith("acl") for one in page.hidden_by) else Stage.FILTER
    return stage, f"{page.uri} is hidden from the asker: {', '.join(page.hidden_by)}"
