"""A question with the places that answer it, as characters of documents: no way of cutting can move them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from answerable.core.pairs import Pair
from answerable.evals.pairs import look_up

Span = tuple[int, int]  # [start, end) characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """What has to be found: one of the places, each as good as the others, in the document at `uri`."""

    uri: str
    places: tuple[Span, ...]  # at least one


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One judged question. `cluster` names those that stand or fall together."""

    id: str
    text: str
    language: str
    cluster: str
    gold: tuple[Gold, ...]  # at least one


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """The questions that can be measured, and why others cannot."""

    usable: tuple[Question, ...]
    left_out: tuple[str, ...] = ()  # `id: why`


def questions(pairs: Iterable[Pair], texts: Mapping[str, str], *, source: str) -> Questions:
    """Those of which every quote is in a document; `texts` by uri. A document may be named `source/uri` too."""
    known = {**texts, **{f"{source}/{uri}": text for uri, text in texts.items()}}
    usable, left_out = list[Question](), list[str]()
    for pair in pairs:
        found = look_up(pair, known)
        missing = [one.fault for one in found if not one.places]
        if missing:
            left_out.append(f"{pair.id}: {missing[0]}")
            continue
        gold = tuple(Gold(uri=_bare(one.uri, texts, source), places=one.places) for one in found)
        usable.append(
            Question(id=pair.id, text=pair.question, language=pair.language, cluster=pair.cluster_id, gold=gold)
        )
    return Questions(usable=tuple(usable), left_out=tuple(left_out))


def _bare(uri: str, texts: Mapping[str, str], source: str) -> str:
    return uri if uri in texts else uri.removeprefix(f"{source}/")
