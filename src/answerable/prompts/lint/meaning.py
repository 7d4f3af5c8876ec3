"""Whether a text says how it handles one of the five classic failures: a lint on words, not an understanding."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from answerable.text.sentences import sentences

_WORD = re.compile(r"\{([a-z]+(?:-[a-z]+)?)\}")
_SOMETIMES = re.compile(r"\{%-?\s*if\b(?:(?!\{%-?\s*(?:else|elif)).)*?\{%-?\s*endif\s*-?%\}", re.DOTALL)
_MARKS = re.compile(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}(?![A-Za-z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    failure: str
    all: tuple[re.Pattern[str], ...]
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


def handled(text: str, failure: str) -> bool:
    """Whether some sentence of a prompt, or two in a row, say what to do about a failure, and none takes it back.

    What is sent only under a condition does not count.
    """
    said = _said(_SOMETIMES.sub(" ", text))
    kept = [one for one in said if not _is_void(one, failure)]
    ways = [way for way in _meanings().ways if way.failure == failure]
    return any(
        all(pattern.search(window) for pattern in way.all)
        for way in ways
        for window in _windows(kept, way.sentences)
    )


def _said(text: str) -> list[str]:
    """Its sentences, on one line each, without marks of emphasis."""
    return [_MARKS.sub("", " ".join(text[start:end].split())) for start, end in sentences(text, "en")]


def _windows(said: Sequence[str], length: int) -> Iterator[str]:
    yield from said
    if length > 1:
        yield from (f"{one} {other}" for one, other in zip(said, said[1:], strict=False))


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
