"""What is kept of a page, or of the part of it that is at hand, while its sentences are compared."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from answerable.text.sentence_stems import sentence_stems
from answerable.text.statements.periods import periods, reported
from answerable.text.statements.scope import years
from answerable.text.statements.statement import Page
from answerable.text.statements.wording import content, is_generic
from answerable.text.words import fold

_REPLACES = re.compile(
    r"\b(?:replaces|supersedes|ersetzt|reemplaza a|sustituye a)\s+(?:the |our |die |das |den |la |el )?"
    r"(?P<what>[^.;:!?\n]{3,80})",
    re.I,
)
_BEGINNING = 3000  # characters in which a page says what it replaces, or is of


def filled(page: Page, text: str, vocabulary: frozenset[str]) -> Page:
    """The page with what its text tells. vocabulary: the stems of the titles that it is compared with."""
    topic = frozenset(one for one in content(page.title, page.language) if not is_generic(one))
    body: Counter[str] = Counter()
    if topic:
        body.update(stem for _, _, stems in sentence_stems(text, page.language) for stem in stems)
    replaces = _REPLACES.search(text[:_BEGINNING])
    named = periods(f"{page.title}\n{_spaced(page.uri)}")
    return replace(
        page,
        topic=topic,
        stems=vocabulary & content(text, page.language),
        central=frozenset(one for one in topic if body[one] >= 2 + text.startswith(page.title)),
        years=years(page.title) | years(page.uri),
        periods=named | reported(text[:_BEGINNING]),
        replaces=fold(replaces["what"]) if replaces else "",
    )


def _spaced(uri: str) -> str:
    return re.sub(r"[/_.-]+", " ", uri)
