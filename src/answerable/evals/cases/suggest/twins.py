"""Twins of a case: the same thing asked otherwise, with what is known of the right answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from answerable.core.evaluation import EvalCase
from answerable.evals.cases.suggest.candidate import Candidate, Kind
from answerable.evals.cases.suggest.phrases import negations, paraphrases, translations
from answerable.evals.cases.suggest.typos import misspelled

_TAGS = {Kind.LANGUAGE: "multilingual"}
_DROPPED = frozenset({"must-pass"})  # zero tolerance is for questions that people chose
_LETTERS = re.compile(r"[^\W\d_]*[^\W\d_A-Z][^\W\d_]*")  # a word that is no code and no currency


def twins(
    case: EvalCase, kind: Kind, *, languages: Sequence[str], vocabulary: Collection[str], seed: int
) -> Iterator[Candidate]:
    """The twins of one kind; none of a case that is a twin itself or was written with slips."""
    if case.origin.get("twin_of") or case.category in set(Kind):
        return
    if kind is Kind.TYPO:
        key = f"{seed}:{case.id}"
        yield _twin(case, kind, misspelled(case.question, case.language, seed=key, vocabulary=vocabulary))
    elif kind is Kind.PARAPHRASE:
        yield from (_twin(case, kind, one) for one in paraphrases(case.question, case.language))
    elif kind is Kind.NEGATION:
        yield from (_denied(case, one) for one in negations(case.question, case.language))
    elif kind is Kind.LANGUAGE:
        yield from _abroad(case, [one for one in languages if one != case.language])


def _abroad(case: EvalCase, languages: Sequence[str]) -> Iterator[Candidate]:
    known = dict(translations(case.question, case.language, languages))
    for language in languages:
        twin = _twin(case, Kind.LANGUAGE, known.get(language, case.question))
        spoken = tuple(one for one in case.expect.must if _LETTERS.search(one))
        kept = tuple(one for one in case.expect.must if one not in spoken)
        expect = replace(case.expect, must=kept, must_not=(), accept_also=(), reference="")
        needs = (*(() if language in known else ("question",)), *(("must",) if spoken else ()))
        note = f"into {language}" + (f"; also: {', '.join(spoken)}" if spoken else "")
        yield replace(
            twin,
            case=replace(twin.case, language=language, expect=expect),
            needs=needs,
            note=note if needs else "",
        )


def _denied(case: EvalCase, question: str) -> Candidate:
    twin = _twin(case, Kind.NEGATION, question)
    if " without " in question and " without " not in case.question:
        expect = replace(case.expect, must=(), must_not=case.expect.must)
        return replace(twin, case=replace(twin.case, expect=expect), needs=("must",), note="another answer")
    return twin


def _twin(case: EvalCase, kind: Kind, question: str) -> Candidate:
    gold = bool(case.expect.spans or case.expect.cites)
    tags = [_TAGS.get(kind, str(kind)), *(one for one in case.tags if one not in _DROPPED)]
    made = replace(
        case,
        id=f"candidate-{kind}",
        question=question,
        tags=tuple(dict.fromkeys(tags)),
        why=f"{str(kind).capitalize()} twin of {case.id}.",
        origin={},
        confirmed=None,
        gold_version={},
        cluster=case.cluster or ("" if gold else case.cluster_id),  # they stand or fall together
    )
    return Candidate(kind=kind, source=case.id, case=made)
