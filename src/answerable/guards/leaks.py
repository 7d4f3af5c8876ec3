"""What must not leave: credentials, this request's canary in any spelling, and the system prompt word for word."""

from __future__ import annotations

import base64
import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from answerable.core.answer import Answer
from answerable.core.outcome import Outcome
from answerable.core.query import Query
from answerable.core.verdict import Verdict
from answerable.guards.detection import fold_lookalikes, views
from answerable.guards.secrets import secrets, without_secrets
from answerable.text.words import terms

NGRAM_WORDS = 8  # security.md T4: a verbatim run of eight words is a leak
_PART_CHARS = 8  # a canary's half counts when it has as many letters and digits
_NOT_ALNUM = re.compile(r"[^a-z0-9]+")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakGuard:
    """Blocks an answer that shows the canary or a run of the system prompt; credentials are masked.

    In flag mode all three pass with a flag. Without `with_secrets` only credentials are looked for.
    """

    mode: Literal["block", "flag"] = "block"
    canary: str = ""
    ngrams: frozenset[str] = frozenset()
    name: str = "leaks"
    stage: Literal["question", "answer", "both"] = "answer"
    fails: Literal["open", "closed"] = "closed"

    def with_secrets(self, *, canary: str, system: str) -> LeakGuard:
        """This guard for one request: its canary, and the system prompt's own text without any passage."""
        return replace(self, canary=canary, ngrams=frozenset(ngrams(system)))

    async def check(self, query: Query, answer: Answer | None) -> Verdict:
        """The canary and the prompt block; a credential is replaced by [SECRET]."""
        if answer is None:
            return Verdict(name=self.name, passed=True)
        quoted = "\n".join(citation.quote for citation in answer.citations)
        if rule := self.leak(answer.text, published=quoted):
            return self._verdict(rule, self.mode)
        found = secrets(answer.text)
        if not found:
            return Verdict(name=self.name, passed=True)
        if self.mode == "flag":
            return self._verdict(found[0].rule, "flag")
        return self._verdict(found[0].rule, "mask", without_secrets(answer.text))

    def leak(self, text: str, *, published: str = "") -> str:
        """`canary`, `prompt` or nothing, for an answer or for the part of one that has come so far.

        published: text that may be repeated although the prompt has it, too.
        """
        if not (self.canary or self.ngrams):
            return ""
        readings = (fold_lookalikes(text), *views(text))
        if self.canary and shows(self.canary, text, readings):
            return "canary"
        public = frozenset(ngrams(published))
        shown = (gram for reading in readings for gram in ngrams(reading))
        return "prompt" if any(gram in self.ngrams and gram not in public for gram in shown) else ""

    def _verdict(self, rule: str, action: str, masked: str | None = None) -> Verdict:
        return Verdict(
            name=self.name,
            passed=False,
            action=action,
            outcome=Outcome.BLOCKED if action == "block" else None,
            replacement=masked,
            rule=rule,
            reason={"canary": "the prompt's canary", "prompt": "the prompt's own words"}.get(rule, "a credential"),
        )


def ngrams(text: str) -> Iterator[str]:
    """Every run of NGRAM_WORDS folded words, joined by blanks."""
    words = terms(text)
    return (" ".join(words[i : i + NGRAM_WORDS]) for i in range(len(words) - NGRAM_WORDS + 1))


def shows(canary: str, text: str, readings: Iterable[str]) -> bool:
    """Whether the text, in any of its readings, has the canary or a half of it.

    Re-cased, split by whatever is no letter or digit, reversed, as base64, hexadecimal or rot13.
    """
    compact = _NOT_BASE64.sub("", text)
    if any(form in compact for form in _base64_forms(canary)):
        return True
    squashed = [_NOT_ALNUM.sub("", reading) for reading in readings]
    return any(form in view for form in _spellings(canary) for view in squashed)


def _spellings(canary: str) -> Iterator[str]:
    whole = _NOT_ALNUM.sub("", fold_lookalikes(canary))
    half = len(whole) // 2
    for part in (whole, whole[:half], whole[half:]):
        if part and (part is whole or len(part) >= _PART_CHARS):
            yield from (part, part[::-1], codecs.encode(part, "rot13"))
    for one in (canary, canary.lower(), canary.upper(), canary[::-1]):
        yield one.encode().hex()


def _base64_forms(canary: str) -> Iterator[str]:
    """The canary's inner base64 letters at each of the three alignments that a longer text can give it."""
    for one in (canary, canary.lower(), canary.upper(), canary[::-1]):
        for offset in range(3):
            padded = base64.b64encode(b"\0" * offset + one.encode()).decode().rstrip("=")
            inner = padded[(0, 2, 3)[offset] : len(padded) - 1]
            if len(inner) >= _PART_CHARS:
                yield inner
