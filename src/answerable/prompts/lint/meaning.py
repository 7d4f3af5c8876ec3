"""Whether a text says how it handles one of the five classic failures: a lint on words, not an understanding."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise

from answerable.prompts.lint.spans import blanked, sometimes
from answerable.text.sentences import sentences
from answerable.text.stems import stems

_LANGUAGES = ("en", "de", "es")
_SHARED, _SHARE = 3, 0.6  # stems of a contract's line that one sentence of the body has, at the least

_WORD = re.compile(r"\{([a-z]+(?:-[a-z]+)?)\}")
_MARKS = re.compile(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}(?![A-Za-z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    failure: str
    all: tuple[re.Pattern[str], ...]
    routes: tuple[str, ...]  # empty: whatever the prompt is for
    sentences: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Void:
    failure: str  # empty: any
    any: re.Pattern[str]
    but: re.Pattern[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meanings:
    ways: tuple[_Way, ...]
    voids: tuple[_Void, ...]


def handled(text: str, failure: str, *, route: str = "answer") -> bool:
    """Whether some sentence of a prompt, or two in a row, say what to do about a failure.

    A sentence that says the opposite, and what is sent only under a condition, do not count.
    """
    lasting = said(blanked(text, sometimes(text)))
    ways = [way for way in _meanings().ways if way.failure == failure and (not way.routes or route in way.routes)]
    return any(
        all(pattern.search(" ".join(window)) for pattern in way.all)
        and not any(_is_void(one, failure) for one in window)
        for way in ways
        for window in _windows(lasting, way.sentences)
    )


def resembled(text: str, told: str, failure: str) -> bool:
    """Whether some sentence of a prompt has most of the words of what its contract says of a failure.

    In whichever of the languages this is least so: words that say nothing are known of each.
    """
    kept = _kept(text, failure)
    return all(_resembled(kept, told, language) for language in _LANGUAGES)


def _resembled(kept: Sequence[str], told: str, language: str) -> bool:
    wanted = frozenset(stems(told, language))
    shared = max((len(wanted & frozenset(stems(one, language))) for one in kept), default=0)
    return shared >= _SHARED and shared >= _SHARE * len(wanted)


def _kept(text: str, failure: str) -> list[str]:
    """The sentences that are always sent and do not say the opposite."""
    return [one for one in said(blanked(text, sometimes(text))) if not _is_void(one, failure)]


@lru_cache(maxsize=8)  # each failure asks for the same text
def said(text: str) -> tuple[str, ...]:
    """The sentences of a text, on one line each, without marks of emphasis."""
    return tuple(_MARKS.sub("", " ".join(text[start:end].split())) for start, end in sentences(text, "en"))


def _windows(lasting: Sequence[str], length: int) -> Iterator[tuple[str, ...]]:
    yield from ((one,) for one in lasting)
    if length > 1:
        yield from pairwise(lasting)


def _is_void(sentence: str, failure: str) -> bool:
    return any(
        void.any.search(sentence) and not (void.but and void.but.search(sentence))
        for void in _meanings().voids
        if void.failure in ("", failure)
    )


@cache
def _meanings() -> _Meanings:
    data = tomllib.loads(resources.files(__package__).joinpath("meanings.toml").read_text("utf-8"))
    words: dict[str, str] = data["words"]
    return _Meanings(
        ways=tuple(
            _Way(
                failure=row["failure"],
                all=tuple(_compiled(pattern, words) for pattern in row["all"]),
                sentences=row.get("sentences", 1),
                routes=tuple(row.get("routes", ())),
            )
            for row in data["way"]
        ),
        voids=tuple(
            _Void(
                failure=row.get("failure", ""),
                any=_compiled(row["any"], words),
                but=_compiled(row["but"], words) if "but" in row else None,
            )
            for row in data["void"]
        ),
    )


def _compiled(pattern: str, words: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile(_WORD.sub(lambda found: f"(?:{words[found[1]]})", pattern), re.IGNORECASE)
