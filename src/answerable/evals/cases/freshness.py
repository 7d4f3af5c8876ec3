"""Whether a case still stands: its documents and quotes are there, unchanged, and a person confirmed it lately."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from answerable.core.evaluation import EvalCase
from answerable.core.identity import sha256_hex
from answerable.text.words import terms


class Flag(StrEnum):
    """Why a person should look at a case again."""

    DEAD = "dead"  # a document it rests on is not there
    QUOTE = "quote"  # the document no longer says the quote
    CHANGED = "changed"  # the document's text is not the one that was confirmed
    UNVERSIONED = "unversioned"  # it rests on a document, and nobody kept which version
    UNCONFIRMED = "unconfirmed"  # no person ever said that it is right
    EXPIRED = "expired"  # … or too long ago
    FUTURE = "future"  # confirmed on a day that has not come


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One case that wants a look, and why."""

    case: str
    flag: Flag
    detail: str


def gold_documents(case: EvalCase) -> tuple[str, ...]:
    """The uris that the case rests on: its spans' and its citations' documents, each once, in order."""
    spans = (span.document for span in case.expect.spans)
    return tuple(dict.fromkeys([*spans, *(one.partition("#")[0] for one in case.expect.cites)]))


def text_version(text: str) -> str:
    """A document's version as cases keep it: `sha256:` and the hash of its text."""
    return f"sha256:{sha256_hex(text)}"


def confirmation(case: EvalCase, *, today: date, every_s: float) -> Review | None:
    """Whether a person said that the case is right, and lately: within `every_s` seconds, counted in days."""
    if case.confirmed is None:
        return Review(case=case.id, flag=Flag.UNCONFIRMED, detail="nobody has confirmed it")
    days = (today - case.confirmed).days
    if days < 0:
        return Review(case=case.id, flag=Flag.FUTURE, detail=f"confirmed on {case.confirmed}, which is to come")
    if days * 86_400 > every_s:
        limit = int(every_s // 86_400)
        return Review(case=case.id, flag=Flag.EXPIRED, detail=f"confirmed {days} days ago; the limit is {limit}")
    return None


def gold(case: EvalCase, texts: Mapping[str, str]) -> list[Review]:
    """What changed under the case. `texts` are the documents' texts, by uri; one that is missing is dead."""
    found = []
    for uri in gold_documents(case):
        if uri not in texts:
            found.append(Review(case=case.id, flag=Flag.DEAD, detail=f"{uri} is no document any more"))
        elif (kept := case.gold_version.get(uri)) is None:
            found.append(Review(case=case.id, flag=Flag.UNVERSIONED, detail=f"no version of {uri} is kept"))
        elif kept != text_version(texts[uri]):
            found.append(Review(case=case.id, flag=Flag.CHANGED, detail=f"{uri} changed since it was confirmed"))
    return found + _quotes(case, texts)


def reviews(
    cases: Sequence[EvalCase], texts: Mapping[str, str] | None, *, today: date, every_s: float
) -> list[Review]:
    """Every reason to look again, in the cases' order. `texts` None: the documents could not be read."""
    found: list[Review] = []
    for case in cases:
        late = confirmation(case, today=today, every_s=every_s)
        found.extend([late] if late else [])
        found.extend(gold(case, texts) if texts is not None else [])
    return found


def says(text: str, quote: str) -> bool:
    """Whether a text has the quote's words in a row; blanks, marks, case and accents aside."""
    return f" {' '.join(terms(quote))} " in f" {' '.join(terms(text))} "


def _quotes(case: EvalCase, texts: Mapping[str, str]) -> list[Review]:
    gone = [one for one in case.expect.spans if one.document in texts and not says(texts[one.document], one.quote)]
    return [
        Review(case=case.id, flag=Flag.QUOTE, detail=f"{one.document} does not say “{one.quote}”") for one in gone
    ]
