"""Finds what is planted in documents: instructions to a machine, and text that a reader does not see.

A finding is a reason to mark, to demote and to ask the owner; never to drop silently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from answerable.core.document import Document
from answerable.core.patience import go_on
from answerable.guards.classifier import classifier
from answerable.guards.detection import MAX_CHARS, plain_view, views
from answerable.guards.injection import quoted_chars, rules
from answerable.guards.rulebook import Hit, certainty, hits
from answerable.text.canonical import canonicalize
from answerable.text.sentences import sentences

# docs/decisions/0208-detection.md has the figures behind these.
MARK_AT = 0.7  # by the rules
MARK_WINDOW_AT, MARK_WINDOW_CHARS = 0.75, 60  # by the classifier, for the most suspicious stretch
_UNIT_CHARS = (16, 400)
_PIECE_CHARS, _OVERLAP_CHARS = 8_000, 400
_QUOTED_WEIGHT = 0.55
_INVISIBLE = 4  # characters inside of words: fewer are accidents of typesetting
_SMUGGLED_CHARS = 8
_SPOKEN_OF = re.compile(
    r"\b(?:attack\w*|adversar\w*|malicious\w*|injection\w*|jailbreak\w*|attempt\w*|such as|e\.g"
    r"|instruct(?:s|ed|ing)?|trick\w*|craft\w*|phrases?|prevent\w*|detect\w*|angriff\w*|ataque\w*)\b[^\n.!?]{0,80}$"
)
_CUT_WORD = re.compile("[a-z][\u200b\u200c\u200d\u2060\u00ad\ufeff\U000e0000-\U000e01ef]+(?=[a-z])", re.I)
_HIDDEN_MARKUP = re.compile(
    r"<!--((?:(?!<!--).){1,2000}?)-->"  # the last opening before the end: many of them would take quadratic time
    r"|<[a-z]{1,10}\b[^>]{0,200}(?:display\s?:\s?none|visibility\s?:\s?hidden|font-size\s?:\s?[012](?:px|pt|em)?\b"
    r"|opacity\s?:\s?0\b|color\s?:\s?#?(?:fff(?:fff)?\b|white))[^>]{0,200}>([^<]{1,2000})<",
    re.I | re.S,
)


def scan_document(document: Document) -> tuple[str, ...]:
    """Names of what makes a document suspicious, without repeats; empty for a clean one. See `scan_text`.

    What parsers took out before anybody read the text counts by what they noted.
    """
    smuggled = int(document.meta.get("hidden_message", "0")) >= _SMUGGLED_CHARS
    return tuple(dict.fromkeys([*(["hidden.message"] if smuggled else []), *scan_text(document.text)]))


def scan_text(text: str) -> tuple[str, ...]:
    """Rule ids; `classifier` for a stretch that reads like a planted instruction; and three for hidden text:

    `hidden.message` for text smuggled in invisible characters, `hidden.characters` for words cut by them,
    `hidden.markup` for instructions in markup that a reader does not see (in text that still has its markup).
    """
    names = dict.fromkeys(_hidden(text))
    for piece in _pieces(text):
        go_on()
        names |= dict.fromkeys(_rule_names(piece))
        if classifier("document").peak(plain_view(piece), window=MARK_WINDOW_CHARS) >= MARK_WINDOW_AT:
            names["classifier"] = None
    return tuple(names)


def units(text: str) -> Iterator[str]:
    """The sentences and lines of a document in folded form, as the classifier is trained on."""
    folded = plain_view(text)
    shortest, longest = _UNIT_CHARS
    for start, end in sentences(folded):
        if end - start >= shortest:
            yield folded[start : min(end, start + longest)]


def _rule_names(piece: str) -> list[str]:
    found = hits(rules("document"), views(piece))
    sure = certainty((hit.rule, _weight(hit)) for hit in found)
    return [hit.rule.id for hit in found] if sure >= MARK_AT else []


def _weight(hit: Hit) -> float:
    """The rule's, less where the words are quoted or spoken of."""
    return hit.rule.weight * (_QUOTED_WEIGHT if quoted_chars(hit) or _is_spoken_of(hit) else 1.0)


def _is_spoken_of(hit: Hit) -> bool:
    return bool(_SPOKEN_OF.search(hit.view[max(0, hit.start - 120) : hit.start]))


def _hidden(text: str) -> Iterator[str]:
    if any(len(message) >= _SMUGGLED_CHARS for message in canonicalize(text[:MAX_CHARS]).hidden):
        yield "hidden.message"
    if len(_CUT_WORD.findall(text)) >= _INVISIBLE:
        yield "hidden.characters"
    for match in _HIDDEN_MARKUP.finditer(text):
        if _rule_names(match.group(1) or match.group(2)):
            yield "hidden.markup"
            return


def _pieces(text: str) -> Iterator[str]:
    step = _PIECE_CHARS - _OVERLAP_CHARS
    yield from (text[start : start + _PIECE_CHARS] for start in range(0, max(1, len(text) - _OVERLAP_CHARS), step))
