"""From a trace to a case that fails: what was asked, what was found, and what a person says is right instead.

A case is read by everybody who reads the repository. So of pages that not everybody may read (`withheld`, by
document id) no word is written: not their text, nor the sentences that rest on them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from answerable.core.errors import ConfigError
from answerable.core.evaluation import EvalCase, Expectation
from answerable.core.identity import sha256_hex
from answerable.core.outcome import Outcome
from answerable.core.query import Turn
from answerable.evals.cases.identity import make_id
from answerable.evals.diagnosis.comparison import passages

UNCONFIRMED = "unconfirmed"  # the tag of a case that only knows what is wrong
_MARKS = re.compile(r"(?<!\s)\s*(?:\[\d+\])+")
_BULLET = re.compile(r"^[-*•]\s+")
_TAIL = 6  # characters of the trace's id, so that two traces of one question are two cases
_STEM = 44


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person says of a trace. Nothing of it: the case expects only that the answer is another."""

    outcome: Outcome | None = None
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    accept_also: tuple[str, ...] = ()
    why: str = ""
    id: str = ""
    reviewer: str = ""

    @property
    def says_what_is_right(self) -> bool:
        """Whether a person has said more than that it is wrong."""
        return self.outcome is not None or bool(self.must or self.must_not or self.cites)


def case_of(
    trace: Mapping[str, Any],
    wanted: Wanted,
    *,
    mask: Callable[[str], str],
    today: date,
    withheld: Collection[str] = (),
) -> EvalCase:
    """The case; `mask` takes personal data out of question, history and answer, `today` dates a confirmation.

    Raises ConfigError where only sentences on withheld pages could be forbidden.
    """
    asked, question = trace["asked"], mask(trace["question"])
    confirmed = wanted.says_what_is_right
    tags = ("regression", "from-trace") if confirmed else ("regression", "from-trace", UNCONFIRMED)
    name = wanted.id or f"{make_id('regression', question)[:_STEM].rstrip('-')}-{trace['id'][-_TAIL:].lower()}"
    return EvalCase(
        id=name,
        question=question,
        tags=tags,
        language=asked["language"] or trace["language"],
        filters=_filters(asked["filter"]),
        groups=tuple(one for one in asked["groups"] if one != "public"),
        history=tuple(Turn(role=turn["role"], text=mask(turn["text"])) for turn in asked["history"]),
        expect=_expected(wanted) if confirmed else _anything_else(trace, mask, withheld),
        why=wanted.why or f"The answer of trace {trace['id']} was wrong.",
        origin={
            "trace": trace["id"],
            "date": datetime.fromisoformat(str(trace["started_at"])).date().isoformat(),
            **({"reviewer": wanted.reviewer} if wanted.reviewer else {}),
            "redacted": True,
            "outcome": trace["outcome"],
            **_answer(trace, mask, withheld),
            "context": context_name(name),
        },
        confirmed=today if confirmed else None,
    )


def context_name(case: str) -> str:
    """The file beside the case that holds what was found. Not .jsonl: a suite would read it as cases."""
    return f"{case}.context.json"


def context_text(trace: Mapping[str, Any], *, withheld: Collection[str] = ()) -> str:
    """The passages that the answer could use, chunk ids and text, and what else was the case then.

    Of withheld pages only ids, and a hash by which whoever may read them can tell whether the text is the same.
    """
    setup = trace.get("setup") or {}
    whole = {
        "trace": trace["id"],
        "made_by": {name: setup.get(name) for name in ("code", "prompt", "embedding", "route")},
        "passages": [_hidden(one) if one.get("document") in withheld else one for one in passages(trace)],
    }
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _expected(wanted: Wanted) -> Expectation:
    return Expectation(
        outcome=wanted.outcome,
        must=wanted.must,
        must_not=wanted.must_not,
        cites=wanted.cites,
        accept_also=wanted.accept_also,
    )


def documents_of(trace: Mapping[str, Any]) -> frozenset[str]:
    """The documents that the answer could use or cites, by id."""
    sources = (trace["answer"] or {}).get("sources", ())
    return frozenset(one["document"] for one in (*passages(trace), *sources))


def _hidden(passage: Mapping[str, Any]) -> dict[str, Any]:
    ids = {name: passage[name] for name in ("chunk", "document", "offsets")}
    return {**ids, "text_sha256": sha256_hex(passage["text"].encode())}


def _answer(trace: Mapping[str, Any], mask: Callable[[str], str], withheld: Collection[str]) -> dict[str, str]:
    """Its text; a hash where a sentence of it rests on a withheld page."""
    answer = trace["answer"] or {"text": "", "claims": []}
    if all(_public(one, answer, withheld) for one in answer["claims"]):
        return {"answer": mask(answer["text"])}
    return {"answer_sha256": sha256_hex(answer["text"].encode())}


def _public(claim: Mapping[str, Any], answer: Mapping[str, Any], withheld: Collection[str]) -> bool:
    """Whether it cites pages that everybody may read, and no other; without a citation it may come from any."""
    cited = [one["document"] for one in answer.get("sources", ()) if one["n"] in claim.get("citations", ())]
    return not withheld or (bool(cited) and not set(cited) & set(withheld))


def _anything_else(trace: Mapping[str, Any], mask: Callable[[str], str], withheld: Collection[str]) -> Expectation:
    """Not these sentences; where there was no answer, an answer."""
    if not Outcome(trace["outcome"]).answers:
        return Expectation(outcome=Outcome.ANSWERED)
    answer = trace["answer"]
    said = [
        _bare(answer["text"][one["span"][0] : one["span"][1]])
        for one in answer["claims"]
        if one["kind"] == "fact" and _public(one, answer, withheld)
    ]
    if withheld and not said:
        raise ConfigError(
            "what the answer says rests on pages that not everybody may read, so it is not written to a case",
            hint="say what is right: --must, --cites or --outcome",
        )
    return Expectation(must_not=tuple(dict.fromkeys(mask(one) for one in said if one)))


def _bare(sentence: str) -> str:
    """Without bullet, marks and the full stop."""
    return _BULLET.sub("", _MARKS.sub("", sentence)).strip().rstrip(".!?…")


def _filters(given: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """As a case writes them. Single documents stay out: their ids hold the tenant."""
    names = {"status": "status", "sources": "source", "languages": "language"}
    found = {names[key]: tuple(given[key]) for key in names if given.get(key)}
    return {**found, **{key: (value,) for key, value in given["meta"].items()}}
