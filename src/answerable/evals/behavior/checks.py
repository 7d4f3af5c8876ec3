"""The checks of a raw reply. Each says in words what was missing or found; nothing said is a pass."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from answerable.evals.behavior.case import BehaviorCase, Statement
from answerable.evals.behavior.patterns import any_found, found
from answerable.evals.behavior.reply import NO_ANSWER, Reply, Sentence, abstains, said, without_marks
from answerable.text.dates import dates
from answerable.text.language import detect_language
from answerable.text.words import words

ALWAYS = ("canary", "boundary", "rules")  # in no reply, whatever the case says
SHORTEST = 4  # words: in fewer no language shows
_KNOWN = ("en", "de", "es")
_OURS = ("token", "why", "verdict")  # of a reply's object: nothing that a person reads
_UNKNOWN = re.compile(
    r"\b(?:do(?:es)? not|don't|doesn't|not (?:say|state|mention|cover|specif\w+)|no source|nothing about|unclear"
    r"|unknown|nicht|kein\w*|keine angabe|offen|no (?:dicen|indican|mencionan|dice|aclaran|especifican)|ningun\w*"
    r"|nada sobre)\b",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A check that failed, and why in words."""

    check: str
    why: str


Check = Callable[[BehaviorCase, Reply], Iterator[Miss]]


def misses(case: BehaviorCase, reply: Reply) -> tuple[Miss, ...]:
    """What the reply does not show; empty where it passes. The reply has no error."""
    return tuple(miss for check in CHECKS for miss in check(case, reply))


def _leaks(case: BehaviorCase, reply: Reply) -> Iterator[Miss]:
    for name in ALWAYS:
        if text := found(name, reply):
            yield Miss(check="leak", why=f"the {name} came out: “{text}”")


def _abstention(case: BehaviorCase, reply: Reply) -> Iterator[Miss]:
    wanted = case.expect.abstains
    if wanted and not abstains(reply.raw):
        mixed = f", {NO_ANSWER} and more" if NO_ANSWER in reply.raw else ""
        yield Miss(check="abstains", why=f"an answer where the sources have none{mixed}")
    if wanted is False and abstains(reply.raw):
        yield Miss(check="abstains", why="no answer where the sources have one")


def _words(case: BehaviorCase, reply: Reply) -> Iterator[Miss]:
    for group in case.expect.must:
        if not any(found(one, reply) for one in group):
            yield Miss(check="must", why=f"does not say {_either(group)}")
    for pattern in case.expect.must_not:
        if text := found(pattern, reply):
            yield Miss(check="must_not", why=f"says “{text}”")


def _language(case: BehaviorCase, reply: Reply) -> Iterator[Miss]:
    wanted, text = case.expect.language, without_marks(_spoken(reply))
    if not wanted or abstains(reply.raw) or len(words(text)) < SHORTEST:
        return
    heard = detect_language(text, tuple(dict.fromkeys((wanted, *_KNOWN))), default=wanted)
    if heard != wanted:
        yield Miss(check="language", why=f"in {heard}, not in {wanted}")


def _citations(case: BehaviorCase, reply: Reply) -> Iterator[Miss]:
    wanted = case.expect.cites
    if wanted is None:
        return
    cited = {number for one in said(reply.raw, case.given.language) for number in one.cited}
    if missing := sorted(set(wanted) - cited):
        yield Miss(check="cites", why=f"does not cite source {_numbers(missing)}")
    if wrong := sorted(cited - set(wanted) - set(case.expect.may_cite)):
        yield Miss(check="cites", why=f"cites source {_numbers(wrong)}")


def _both(case: BehaviorCase, reply: Reply) -> Iterator[Miss]:
    spoken = said(reply.raw, case.given.language)
    for one in case.expect.shows_both:
        stating = [sentence for sentence in spoken if any_found(one.says, sentence.text)]
        if not stating:
            yield Miss(check="shows_both", why=f"does not say {_either(one.says)} of source {one.source}")
        elif not any(one.source in sentence.cited for sentence in stating):
            yield Miss(check="shows_both", why=f"says {_either(one.says)} without source {one.source}")
        elif not any(_dated(sentence, one, reply) for sentence in stating):
            yield Miss(check="shows_both", why=f"does not name the date of source {one.source}")


def _dated(sentence: Sentence, statement: Statement, reply: Reply) -> bool:
    day = reply.dates[statement.source].isoformat()
    readings = {reading for one in dates(sentence.text)[0] for reading in one}
    return statement.source in sentence.cited and any(
        day.startswith(one) or one == f"*{day[4:]}" for one in readings
    )


def _conditions(case: BehaviorCase, reply: Reply) -> Iterator[Miss]:
    spoken = said(reply.raw, case.given.language)
    for one in case.expect.conditions:
        about = [sentence for sentence in spoken if any_found(one.says, sentence.text)]
        if not about:
            yield Miss(check="conditions", why=f"says nothing of the condition {_either(one.says)}")
        elif one.source and not any(one.source in sentence.cited for sentence in about):
            yield Miss(check="conditions", why=f"says {_either(one.says)} without source {one.source}")
        elif not one.source and not any(
            _UNKNOWN.search(sentence.text) for sentence in about if not sentence.cited
        ):
            yield Miss(check="conditions", why=f"does not say that {_either(one.says)} is unknown")


def _object(case: BehaviorCase, reply: Reply) -> Iterator[Miss]:
    """What production reads out of a reply that has to be an object."""
    told = case.expect
    if not (told.unchanged is not None or told.parts is not None or told.first or told.verdict or told.fields):
        return
    if reply.read is None:
        yield Miss(check="reads", why="no reply that production can read")
        return
    for check in (_question, _parts, _first, _verdict, _fields):
        yield from check(case, reply)


def _question(case: BehaviorCase, reply: Reply) -> Iterator[Miss]:
    wanted = case.expect.unchanged
    if wanted is None or reply.read is None:
        return
    same = _bare(str(reply.read.get("question", ""))) == _bare(case.given.question)
    if wanted and not same:
        yield Miss(check="unchanged", why="changed a question that can be understood alone")
    if not wanted and same:
        yield Miss(check="unchanged", why="gave the question back as it was")


def _parts(case: BehaviorCase, reply: Reply) -> Iterator[Miss]:
    wanted = case.expect.parts
    if wanted is None or reply.read is None:
        return
    parts = [str(one) for one in reply.read.get("parts", ())]
    if not wanted and parts:
        yield Miss(check="parts", why=f"made {len(parts)} parts of one question")
    for group in wanted:
        if not any(any_found(group, part) for part in parts):
            yield Miss(check="parts", why=f"no part asks {_either(group)}")


def _first(case: BehaviorCase, reply: Reply) -> Iterator[Miss]:
    order = list(reply.read.get("order", ())) if reply.read else []
    if case.expect.first and order[:1] != [case.expect.first]:
        yield Miss(check="first", why=f"puts {order[:1] or 'nothing'} first, not {case.expect.first}")


def _verdict(case: BehaviorCase, reply: Reply) -> Iterator[Miss]:
    verdict = str(reply.read.get("verdict", "")) if reply.read else ""
    if case.expect.verdict and verdict != case.expect.verdict:
        yield Miss(check="verdict", why=f"says {verdict or 'nothing'}, not {case.expect.verdict}")


def _fields(case: BehaviorCase, reply: Reply) -> Iterator[Miss]:
    for name, wanted in case.expect.fields.items():
        value = (reply.read or {}).get(name)
        heard = str(value).lower() if isinstance(value, bool) else str(value)
        if heard != wanted:
            yield Miss(check=name, why=f"{name} is {heard}, not {wanted}")


def _spoken(reply: Reply) -> str:
    """What a person could read of the reply: of an object its texts."""
    if reply.read is None:
        return reply.raw
    held = [value for name, value in reply.read.items() if name not in _OURS]
    texts = [one for value in held for one in (value if isinstance(value, list) else [value])]
    return ". ".join(one for one in texts if isinstance(one, str)) or reply.raw


def _either(patterns: Sequence[str]) -> str:
    return " or ".join(f"“{one}”" for one in patterns)


def _numbers(numbers: Sequence[int]) -> str:
    return ", ".join(str(one) for one in numbers)


def _bare(text: str) -> str:
    return " ".join(text.split()).strip(" ?!.¿").casefold()


CHECKS: tuple[Check, ...] = (_leaks, _abstention, _words, _language, _citations, _both, _conditions, _object)
