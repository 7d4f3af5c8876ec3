"""What must not leave: credentials, this request's canary in any spelling, and the system prompt word for word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from answerable.core.answer import Answer
from answerable.core.outcome import Outcome
from answerable.core.query import Query
from answerable.core.verdict import Verdict
from answerable.guards.detection import fold_lookalikes, views
from answerable.guards.secrets import secrets, without_secrets
from answerable.guards.spellings import decoded, orders, shows
from answerable.text.words import terms

NGRAM_WORDS = 8  # security.md T4: a verbatim run of eight words is a leak


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
        readings = (fold_lookalikes(text), *views(text), *map(fold_lookalikes, decoded(text)))
        if self.canary and shows(self.canary, text, readings):
            return "canary"
        public = frozenset(ngrams(published))
        shown = (gram for reading in readings for words in orders(terms(reading)) for gram in grams(words))
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
    return grams(terms(text))


def grams(words: Sequence[str]) -> Iterator[str]:
    """The same of words."""
    return (" ".join(words[i : i + NGRAM_WORDS]) for i in range(len(words) - NGRAM_WORDS + 1))
