"""What a scripted model sees in a prompt: its kind, what is data in it, and which words are about the same.

No understanding: it compares stems, and forgives a letter or two. It reads none of the prompt's rules.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from answerable.testing.model_server.behaviors.orders import asks_for_secrets, dictated, readable
from answerable.testing.model_server.prompt import Prompt
from answerable.text.facts import negations
from answerable.text.language import detect_language
from answerable.text.sentences import sentences
from answerable.text.stems import stems
from answerable.text.stopwords import STOPWORDS
from answerable.text.words import fold, words

LANGUAGES = ("en", "de", "es")
_KINDS = {
    '"parts"': "decompose",
    '"order"': "rerank",
    '"wanted"': "summary",
    "FINE or REDIRECTS": "guard",
    "test of the connection": "probe",
    "FIRST or SECOND": "judge-pair",
    "YES or NO or UNSURE": "judge",
    '"token", "question"': "rewrite",
}
_CODE = re.compile(r'(?:the code|the language) "(\w{2,3})"')
_TOKEN = re.compile(r"The token of this request is (\w+)")
_DATE = re.compile(r'date="([\d-]+)"')
_TITLE = re.compile(r'title="([^"]*)"')
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_VOID = re.compile(
    r"\b(?:no longer (?:valid|applies|in force)|superseded|nicht mehr gültig|gilt nicht mehr|ya no es válid\w+"
    r"|ya no se aplica)\b",
    re.I,
)
_COURTESY = {
    "en": "hello hi good morning please tell could thank thanks much many long",
    "de": "hallo guten tag bitte sagen können vielen dank",
    "es": "hola puede decir favor muchas gracias",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One sentence of a source, with what of the question it is about."""

    n: int
    text: str
    date: str
    language: str
    about: frozenset[str]  # of the question's stems

    @property
    def numbers(self) -> frozenset[str]:
        """Its figures."""
        return frozenset(_NUMBER.findall(self.text))

    @property
    def denies(self) -> bool:
        """Whether it says no."""
        return negations(self.text, self.language) % 2 == 1


def kind_of(prompt: Prompt) -> str:
    """answer, or what the reply's shape in the prompt says."""
    text = " ".join(f"{prompt.system}\n{prompt.user}".split())
    found = (kind for sign, kind in _KINDS.items() if sign in text)
    return next(found, "rewrite" if '"question": "the question' in text else "answer")


def language_of(prompt: Prompt) -> str:
    """That the reply is to be in."""
    match = _CODE.search(prompt.system) or _CODE.search(prompt.user)
    return match[1] if match else "en"


def token_of(prompt: Prompt) -> str:
    """Of the request; empty: it has none."""
    match = _TOKEN.search(prompt.user)
    return match[1] if match else ""


def reply_object(prompt: Prompt, reply: Mapping[str, object]) -> str:
    """A reply in JSON, with the token that the prompt asked for."""
    return json.dumps({"token": token_of(prompt), **reply}, ensure_ascii=False)


def data_under(prompt: Prompt, heading: str) -> str:
    """The marked lines under a heading of the user part, without their marks."""
    token = re.escape(token_of(prompt))
    match = re.search(rf"^{heading}[^\n]*\n((?:{token}\|[^\n]*\n?)+)", prompt.user, re.M)
    return re.sub(rf"^{token}\| ?", "", match[1], flags=re.M).strip() if match and token else ""


def turns_of(prompt: Prompt, speaker: str) -> list[str]:
    """What `the person` or `the assistant` said in the conversation, in order."""
    token = re.escape(token_of(prompt))
    turns = re.findall(rf"^{speaker}\n((?:{token}\|[^\n]*\n?)+)", prompt.user, re.M)
    return [re.sub(rf"^{token}\| ?", "", turn, flags=re.M).strip() for turn in turns]


def last_said(prompt: Prompt) -> str:
    """What the person said last in the conversation before the question."""
    return (turns_of(prompt, "the person") or [""])[-1]


def passages_of(prompt: Prompt) -> list[str]:
    """The numbered passages of a rerank prompt, in order."""
    count = len(re.findall(r"^passage \d+$", prompt.user, re.M))
    return [data_under(prompt, f"passage {number}$") for number in range(1, count + 1)]


def all_data(prompt: Prompt) -> str:
    """Everything that is marked."""
    token = token_of(prompt)
    lines = (line for line in prompt.user.splitlines() if token and line.startswith(f"{token}|"))
    return "\n".join(line.removeprefix(f"{token}|").strip() for line in lines)


def is_order(text: str) -> bool:
    """Whether it wants something done by whoever reads it."""
    plain = readable(text)
    return bool(dictated(plain)) or asks_for_secrets(plain)


def plain_sentences(text: str, language: str = "en") -> list[str]:
    """The sentences that order nothing."""
    found = [" ".join(text[start:end].split()) for start, end in sentences(text, language)]
    return [one for one in found if not is_order(one)]


def content(text: str, language: str) -> list[str]:
    """The stems that a question is about, each once."""
    return list(dict.fromkeys(one for one in stems(text, language) if one not in _courtesy(language)))


def about(asked: Sequence[str], text: str, language: str) -> frozenset[str]:
    """Which of the stems the text has, or has a near miss of."""
    held = tuple(dict.fromkeys(stems(text, language)))
    return frozenset(one for one in asked if any(_alike(one, other) for other in held))


def sight(prompt: Prompt, asked: Sequence[str]) -> list[Seen]:
    """Every sentence of every source that still holds and orders nothing, in order."""
    found = []
    for source in prompt.sources:
        if _VOID.search(source.text):
            continue
        date, title = _DATE.search(source.attributes), _TITLE.search(source.attributes)
        language = detect_language(source.text[:600], LANGUAGES, default="en")
        heading = title[1] if title else ""
        for text in plain_sentences(source.text, language):
            if text.strip(" .") == heading:  # names a subject, and says nothing of it
                continue
            headed = f"{heading} {text}"
            found.append(
                Seen(
                    n=source.n,
                    text=text,
                    date=date[1] if date else "",
                    language=language,
                    about=about(asked, headed, language),
                )
            )
    return found


def clauses(question: str, language: str) -> list[str]:
    """The conditions of a question, as it words them."""
    found = re.split(
        _JOINTS[language] if language in _JOINTS else _JOINTS["en"], question.strip(" ?!.¿"), flags=re.I
    )
    return [one.strip(" ,?!.¿") for one in found if one and any(_is_content(word) for word, _, _ in words(one))]


_JOINTS = {
    "en": r",|\band\b|\bif\b|\bwhen\b|\bbut\b",
    "de": r",|\bund\b|\bwenn\b|\baber\b",
    "es": r",|\by\b|\bsi\b|\bpero\b|\bcuando\b",
}


def _is_content(word: str) -> bool:
    return not any(fold(word) in STOPWORDS.get(one, ()) for one in LANGUAGES)


@lru_cache(maxsize=8)
def _courtesy(language: str) -> frozenset[str]:
    return frozenset(stems(_COURTESY.get(language, ""), language))


@lru_cache(maxsize=65536)
def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    if min(len(one), len(other)) < 5 or any(char.isdigit() for char in one + other):
        return False
    return one[:6] == other[:6] or SequenceMatcher(None, one, other).ratio() >= 0.8
