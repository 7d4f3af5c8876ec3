"""Pages that are not in the language they say, and pages in two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from answerable.core.ports import DocumentView
from answerable.ingest.quality.finding import Finding, Severity, finding
from answerable.text.stopwords import STOPWORDS
from answerable.text.words import fold, words

_MIN_WORDS = 40  # fewer tell nothing
_HEAD = 6000  # characters that are looked at
_CLEAR = 2.0  # times as many function words as the declared language has
_MIXED = 0.25  # of the paragraphs


def find_languages(view: DocumentView, languages: Sequence[str]) -> Iterator[Finding]:
    """By function words, for the languages that have a list of them."""
    known = [one for one in languages if one in STOPWORDS]
    if view.language not in known or len(known) < 2:
        return
    head = view.text[:_HEAD]
    whole = likeliest(head, known)
    if whole and whole != view.language:
        yield finding(
            view,
            "language",
            Severity.WARNING,
            evidence=f"declared {view.language}, written in {whole}: “{head[:100]}”",
            fix=f"declare `language: {whole}`: stemming, stop words and the answer's language follow it",
            key="declared",
        )
        return
    told = [(part, found) for part in head.split("\n\n") if (found := likeliest(part, known))]
    strange = [(part, found) for part, found in told if found != view.language]
    if told and len(strange) >= max(1, _MIXED * len(told)):
        part, found = strange[0]
        start = view.text.index(part)
        yield finding(
            view,
            "language",
            Severity.NOTE,
            evidence=f"{len(strange)} of {len(told)} paragraphs are in {found}: “{part[:100]}”",
            fix="one page a language, so that each is found and answered in its own",
            key="mixed",
            span=(start, start + len(part)),
        )


def likeliest(text: str, languages: Sequence[str]) -> str:
    """The language whose function words clearly prevail; empty for a text too short or too unclear."""
    found = [fold(word) for word, _, _ in words(text)]
    if len(found) < _MIN_WORDS:
        return ""
    votes = sorted(((sum(word in STOPWORDS[one] for word in found), one) for one in languages), reverse=True)
    (best, language), (next_best, _) = votes[0], votes[1]
    return language if best >= _CLEAR * max(1, next_best) and best >= len(found) / 10 else ""
