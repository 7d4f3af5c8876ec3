"""Judged questions in a file, and where in the documents the words stand that answer them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from answerable.core.errors import ConfigError
from answerable.core.evaluation import EvalCase, GoldSpan
from answerable.core.identity import content_id
from answerable.core.pairs import Pair
from answerable.evals.cases.exchange.sheet import rows_of
from answerable.evals.jsonl import read_lines, write_lines
from answerable.text.words import fold, words

FILE = "pairs.jsonl"  # beside the cases
LEAST = 30  # pairs below which no comparison is worth the name
_COLUMNS = "a CSV with a header: question, document, quote; and if you like id, language, cluster"


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """One gold quote in its document: [start, end) characters of every place where it stands.

    No place: the document is not there (`known` False) or does not say it. Several: each is as good as the others.
    """

    uri: str
    quote: str
    known: bool
    places: tuple[tuple[int, int], ...] = ()

    @property
    def fault(self) -> str:
        """What is wrong with it, for people; empty where it stands in exactly one place."""
        if not self.known:
            return f"{self.uri} is no document"
        if not self.places:
            return f"{self.uri} does not say “{self.quote}”"
        return f"{self.uri} says “{self.quote}” {len(self.places)} times" if len(self.places) > 1 else ""


_Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
_Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class _Span(BaseModel):
    model_config = ConfigDict(extra="forbid")

    document: _Words
    quote: _Words


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: _Name
    question: _Words
    spans: tuple[_Span, ...] = Field(min_length=1)
    language: _Name = "en"
    origin: dict[str, Any] = Field(default_factory=dict)
    confirmed: date | None = None
    cluster: str = ""


def read_pairs(path: Path) -> list[Pair]:
    """In the file's order. Raises ConfigError naming the file, the line and the key, also for an id used twice."""
    pairs = [_pair(line) for line in read_lines(path, _Line)]
    _refuse_twins(pairs, path)
    return pairs


def write_pairs(pairs: Iterable[Pair], path: Path) -> None:
    """Replace the file, whole or not at all."""
    write_lines([_line(pair) for pair in pairs], path)


def read_pairs_sheet(path: Path) -> list[Pair]:
    """From a CSV with a row for each span: rows of one id, or without ids of one question, are one pair.

    Raises ConfigError naming the file, the row's line and what is missing in it.
    """
    try:
        rows = rows_of(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as exc:
        raise ConfigError(f"{path}: {exc}", hint=_COLUMNS) from exc
    found: dict[str, Pair] = {}
    for line, row in rows:
        try:
            one = _of_row(row)
        except ValidationError as exc:
            first = exc.errors()[0]
            key = next((str(part) for part in reversed(first["loc"]) if isinstance(part, str)), "the row")
            raise ConfigError(f"{path}, line {line}: {key}: {first['msg']}", hint=_COLUMNS) from exc
        known = found.get(one.id)
        if known and known.question != one.question:
            raise ConfigError(f"{path}, line {line}: {one.id} asks something else above", hint=_COLUMNS)
        found[one.id] = _with(known, one.spans) if known else one
    return list(found.values())


def pair_id(question: str) -> str:
    """The id of a pair that nobody named."""
    return content_id("pair", " ".join(question.split()))


def pair_of(case: EvalCase) -> Pair | None:
    """The case as a pair; None where it names no words of a document."""
    if not case.expect.spans:
        return None
    return Pair(
        id=case.id,
        question=case.question,
        spans=tuple(dict.fromkeys(case.expect.spans)),
        language=case.language,
        origin={"case": case.id},
        confirmed=case.confirmed,
        cluster=case.cluster,
    )


def look_up(pair: Pair, texts: Mapping[str, str]) -> list[Located]:
    """Each of its quotes in its document's text; `texts` by uri. Blanks, marks, case and accents do not matter."""
    return [
        Located(
            uri=span.document,
            quote=span.quote,
            known=span.document in texts,
            places=tuple(_places(texts.get(span.document, ""), span.quote)),
        )
        for span in pair.spans
    ]


def locate(pair: Pair, texts: Mapping[str, str]) -> list[tuple[str, int, int]]:
    """(uri, start, end) of each quote that is there: the first place of one that stands in several."""
    return [(one.uri, *one.places[0]) for one in look_up(pair, texts) if one.places]


def faults(pairs: Iterable[Pair], texts: Mapping[str, str]) -> list[str]:
    """`id: what is wrong`, for every quote that is missing or stands in several places."""
    return [f"{pair.id}: {one.fault}" for pair in pairs for one in look_up(pair, texts) if one.fault]


def _places(text: str, quote: str) -> list[tuple[int, int]]:
    """[start, end) of the quote: letter by letter if it stands there so, else by its words in a row."""
    exact, start = list[tuple[int, int]](), text.find(quote) if quote else -1
    while start >= 0:
        end = start + len(quote)
        if not _inside_word(text, start) and not _inside_word(text, end):
            exact.append((start, end))
        start = text.find(quote, end)
    return exact or _by_words(text, quote)


def _inside_word(text: str, at: int) -> bool:
    return text[max(0, at - 1) : at].isalnum() and text[at : at + 1].isalnum()


def _by_words(text: str, quote: str) -> list[tuple[int, int]]:
    wanted = [fold(word) for word, _, _ in words(quote)]
    if not wanted:
        return []
    there = words(text)
    folded = [fold(word) for word, _, _ in there]
    size, found, n = len(wanted), list[tuple[int, int]](), 0
    while n + size <= len(folded):
        if folded[n] == wanted[0] and folded[n : n + size] == wanted:
            found.append((there[n][1], there[n + size - 1][2]))
            n += size
        else:
            n += 1
    return found


def _of_row(row: Mapping[str, str]) -> Pair:
    question = row.get("question", "")
    line = _Line.model_validate(
        {
            "id": row.get("id") or pair_id(question),
            "question": question,
            "spans": [{"document": row.get("document", ""), "quote": row.get("quote", "")}],
            "language": row.get("language") or "en",
            "cluster": row.get("cluster", ""),
        }
    )
    return _pair(line)


def _with(pair: Pair, spans: tuple[GoldSpan, ...]) -> Pair:
    return replace(pair, spans=tuple(dict.fromkeys((*pair.spans, *spans))))


def _pair(line: _Line) -> Pair:
    return Pair(
        id=line.id,
        question=line.question,
        spans=tuple(GoldSpan(document=one.document, quote=one.quote) for one in line.spans),
        language=line.language,
        origin=line.origin,
        confirmed=line.confirmed,
        cluster=line.cluster,
    )


def _line(pair: Pair) -> _Line:
    try:
        return _Line(
            id=pair.id,
            question=pair.question,
            spans=tuple(_Span(document=one.document, quote=one.quote) for one in pair.spans),
            language=pair.language,
            origin=dict(pair.origin),
            confirmed=pair.confirmed,
            cluster=pair.cluster,
        )
    except ValidationError as exc:
        first = exc.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"pair {pair.id!r}: {key}: {first['msg']}") from exc


def _refuse_twins(pairs: Iterable[Pair], path: Path) -> None:
    seen: set[str] = set()
    for one in pairs:
        if one.id in seen:
            raise ConfigError(f"{path}: two pairs are called {one.id!r}", hint="a pair's id is unique")
        seen.add(one.id)
