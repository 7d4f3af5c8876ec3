"""Does what the shipped prompts ask for, by counting words: it shows that the behavior cases can be passed.

It knows the prompts by the shape of what they want, and reads none of their rules: a prompt whose protection is
deleted finds it as careful as before. No measure of any model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from answerable.testing.model_server.behaviors.cite import NO_ANSWER
from answerable.testing.model_server.behaviors.sight import (
    Seen,
    about,
    clauses,
    content,
    data_under,
    is_order,
    kind_of,
    language_of,
    last_said,
    passages_of,
    plain_sentences,
    reply_object,
    sight,
    turns_of,
)
from answerable.testing.model_server.behaviors.weighing import better, verdict
from answerable.testing.model_server.exchange import Exchange
from answerable.testing.model_server.prompt import Prompt
from answerable.text.placeholders import without_placeholders
from answerable.text.sentences import sentences
from answerable.text.words import words

ENOUGH = 0.5  # of what a question is about, that the sources have to be about
ENOUGH_ACROSS = 0.3  # where they are in another language, and only names and figures can be compared
SAME = 0.6  # of what two sentences are about together, from which they speak of the same thing
_SCOPE = re.compile(r"# The assistant's scope\n(.*?)\n#", re.S)
_NAMED = {
    "de": "Die Person hat das hier genannt: {}.",
    "es": "La persona ha nombrado lo siguiente: {}.",
}
_LEANS = re.compile(r"¿?(?:and|und|y)\b", re.I)
_DATED = {"en": "As of {}: ", "de": "Stand {}: ", "es": "A fecha de {}: "}
_TOLD = {
    "en": "About this the source names the figure",
    "de": "Dazu nennt die Quelle die Angabe",
    "es": "La fuente indica para esto el dato",
}
_UNKNOWN = {
    "en": "The sources do not say whether this holds for: {}.",
    "de": "Die Quellen sagen nicht, ob das gilt für: {}.",
    "es": "Las fuentes no dicen si esto vale para: {}.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Careful:
    """Answers from what is there, in the language that is asked for, shows both sides, checks each condition."""

    def text(self, prompt: Prompt) -> str:
        """The reply."""
        reply: dict[str, Callable[[Prompt], str]] = {
            "answer": answer,
            "rewrite": rewritten,
            "decompose": decomposed,
            "rerank": ordered,
            "judge": judged,
            "judge-pair": compared,
            "guard": guarded,
            "summary": summed_up,
            "probe": _probed,
        }
        return reply[kind_of(prompt)](prompt)

    async def perform(self, exchange: Exchange) -> None:
        """Answer."""
        await exchange.reply(self.text(exchange.prompt))


def answer(prompt: Prompt) -> str:
    """From the sources alone; NO_ANSWER where they are about something else."""
    language = language_of(prompt)
    told = plain_sentences(prompt.question, language)
    question = " ".join([one for one in told if one.endswith("?")] or told)
    asked = content(question, language)
    seen = [one for one in sight(prompt, asked) if one.about]
    near = [one for one in seen if one.language == language]
    if not near:
        return _across(seen, asked, language)
    picked = _picked(near)
    covered = frozenset().union(*(one.about for one in picked))
    if len(covered) < max(min(2, len(asked)), ENOUGH * len(asked)):
        return NO_ANSWER
    sides = _sides(picked[0], near)
    if sides:
        return " ".join(_dated(one, language) for one in sides)
    said = [f"{one.text.rstrip('.!?: ')} [{one.n}]." for one in sorted(picked, key=near.index)]
    unknown = [one for one in clauses(question, language) if _is_uncovered(one, covered, language)]
    return " ".join([*said, *(_UNKNOWN[language].format(one) for one in unknown)])


def _across(seen: Sequence[Seen], asked: Sequence[str], language: str) -> str:
    """Of a source in another language: its figures, in a sentence of the language that is asked for."""
    best = max(seen, key=lambda one: (len(one.about), len(one.numbers)), default=None)
    if best is None or len(best.about) < max(1, ENOUGH_ACROSS * len(asked)) or not best.numbers:
        return NO_ANSWER
    return f"{_TOLD[language]} {', '.join(sorted(best.numbers))} [{best.n}]."


def _picked(near: Sequence[Seen]) -> list[Seen]:
    """The sentence that is about the most, and each further one that is about something more."""
    picked: list[Seen] = []
    covered: frozenset[str] = frozenset()
    for one in sorted(near, key=lambda one: -len(one.about)):
        if one.about - covered:
            picked.append(one)
            covered |= one.about
    return picked


def _sides(best: Seen, near: Sequence[Seen]) -> list[Seen]:
    """The best sentence with one of another source that says otherwise of the same thing; none: nothing does."""
    for other in near:
        together = len(best.about & other.about) / len(best.about | other.about)
        if other.n != best.n and together >= SAME and _differ(best, other):
            return sorted((best, other), key=lambda one: one.n)
    return []


def _differ(one: Seen, other: Seen) -> bool:
    if one.numbers and other.numbers:
        return one.numbers.isdisjoint(other.numbers)
    return one.denies != other.denies


def _dated(one: Seen, language: str) -> str:
    return f"{_DATED[language].format(one.date)}{one.text.rstrip('.!?: ')} [{one.n}]."


def _is_uncovered(clause: str, covered: frozenset[str], language: str) -> bool:
    asked = content(clause, language)
    return bool(asked) and not covered.intersection(asked)


def rewritten(prompt: Prompt) -> str:
    """The question, with what was asked before behind it where it cannot be understood alone."""
    language = language_of(prompt)
    question = " ".join(plain_sentences(data_under(prompt, "The question"), language))
    before = " ".join(plain_sentences(last_said(prompt), language))
    leans = bool(_LEANS.match(question)) or len(content(question, language)) < 4
    if leans and content(before, language):
        question = f"{question.rstrip('?!. ')} ({before.rstrip('?!. ')})?"
    return reply_object(prompt, {"question": without_placeholders(question)})


def decomposed(prompt: Prompt) -> str:
    """The question's conditions, where there are at least two."""
    language = language_of(prompt)
    question = " ".join(plain_sentences(data_under(prompt, "The question"), language))
    parts = [one for one in clauses(question, language) if content(one, language)][:4]
    return reply_object(prompt, {"parts": parts if len(parts) > 1 else []})


def ordered(prompt: Prompt) -> str:
    """The passage that is about most of the question first."""
    language = "en"
    question = " ".join(plain_sentences(data_under(prompt, "The question")))
    asked = content(question, language)
    scores = [len(about(asked, " ".join(plain_sentences(one)), language)) for one in passages_of(prompt)]
    order = sorted(range(1, len(scores) + 1), key=lambda number: (-scores[number - 1], number))
    return reply_object(prompt, {"order": order})


def judged(prompt: Prompt) -> str:
    """YES where every sentence of the answer has its words and figures in the passages."""
    return reply_object(
        prompt, {"why": "Compared words and figures.", "evidence": [], "verdict": verdict(prompt, "THE ANSWER")}
    )


def compared(prompt: Prompt) -> str:
    """The answer of which more is in the passages."""
    return reply_object(prompt, {"why": "Compared words and figures.", "evidence": [], "verdict": better(prompt)})


def guarded(prompt: Prompt) -> str:
    """REDIRECTS for an order, FINE for what has a word of the scope, else OUTSIDE."""
    question, scope = data_under(prompt, "The question"), _SCOPE.search(prompt.system)
    orders = len(plain_sentences(question)) < len(sentences(question)) or is_order(question)
    near = about(content(question, "en"), scope[1] if scope else "", "en")
    told = "REDIRECTS" if orders else "FINE" if near else "OUTSIDE"
    return reply_object(prompt, {"why": "Looked for orders, then for words of the scope.", "verdict": told})


def summed_up(prompt: Prompt) -> str:
    """What was said, word for word; in another language than that of the conversation its figures and codes."""
    language = language_of(prompt)
    known = [one for turn in turns_of(prompt, "the person") for one in plain_sentences(turn) if content(one, "en")]
    told = [
        one for turn in turns_of(prompt, "the assistant") for one in plain_sentences(turn) if content(one, "en")
    ]
    asked = [one for one in known if one.endswith("?")]
    if language != "en":
        codes = [word for one in known for word, _, _ in words(one) if any(char.isdigit() for char in word)]
        known, told, asked = [_NAMED[language].format(", ".join(codes))] if codes else [], [], []
    return reply_object(prompt, {"wanted": " ".join(asked), "known": known, "told": told, "open": asked})


def _probed(prompt: Prompt) -> str:
    return "ready"
