"""Judged questions without an expected answer: `case add --pair` and `case import --pairs`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from answerable.app.cases import pairs_file
from answerable.app.project import Project
from answerable.cli.cases import corpus_of, show_path, today
from answerable.cli.console import note, say
from answerable.core.errors import ConfigError
from answerable.core.evaluation import EvalCase, Expectation, GoldSpan
from answerable.core.pairs import Pair
from answerable.evals.pairs import LEAST, look_up, pair_id, read_pairs, read_pairs_sheet, write_pairs


def add_pair(
    here: Project,
    question: str,
    *,
    spans: Sequence[str],
    language: str,
    name: str,
    by: str,
    groups: Sequence[str],
) -> None:
    """Append one, confirmed today; its words must be in the documents, where the index can tell."""
    if not spans:
        raise ConfigError("a pair needs the words that answer it", hint="--span 'policies/returns.md::30 days'")
    pair = Pair(
        id=name or pair_id(question),
        question=question,
        spans=tuple(map(_span, spans)),
        language=language or here.settings.project.default_language,
        origin={"author": by, "date": today().isoformat()},
        confirmed=today(),
    )
    _check(here, pair, groups)
    _append(here, [pair])


def import_pairs(here: Project, file: Path, *, dry_run: bool) -> None:
    """Append those of a CSV that are not there yet. Raises ConfigError naming the line."""
    found = read_pairs_sheet(file)
    if dry_run:
        say(f"{len(found)} pairs would be imported")
        return
    _append(here, found)


def _append(here: Project, pairs: Sequence[Pair]) -> None:
    path = pairs_file(here)
    known = read_pairs(path) if path.exists() else []
    ids = {one.id for one in known}
    new = [one for one in pairs if one.id not in ids]
    write_pairs([*known, *new], path)
    total = len(known) + len(new)
    said = f"{len(new)} added, {len(pairs) - len(new)} there already; {total} in {show_path(path)}"
    say(said if total >= LEAST else f"{said}; the lab needs {LEAST - total} more")


def _check(here: Project, pair: Pair, groups: Sequence[str]) -> None:
    case = EvalCase(id=pair.id, question=pair.question, expect=Expectation(spans=pair.spans))
    corpus = corpus_of(here, [case], groups=groups)
    if corpus.texts is None:
        note(f"its words were not looked up: {corpus.reason}")
        return
    found = look_up(pair, corpus.texts)
    missing = [one.fault for one in found if not one.places]
    if missing:
        raise ConfigError("; ".join(missing), hint="the document's uri, and words as they stand in it")
    for one in found:
        if one.fault:
            note(f"{one.fault}: each place will count")


def _span(text: str) -> GoldSpan:
    document, mark, quote = text.partition("::")
    if not mark or not document.strip() or not quote.strip():
        raise ConfigError(f"--span {text!r} is no place", hint="--span 'policies/returns.md::30 days'")
    return GoldSpan(document=document.strip(), quote=quote.strip())
