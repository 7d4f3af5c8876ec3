"""Answers as a good model should: from the context, each sentence with the number of its passage."""

from __future__ import annotations

import re
from dataclasses import dataclass

from answerable.testing.model_server.exchange import Exchange
from answerable.testing.model_server.prompt import Prompt, Source
from answerable.text.sentences import sentences
from answerable.text.stems import stems

NO_ANSWER = "NO_ANSWER"
_LIST_MARK = re.compile(r"^(?:[-*•]|\d+[.)]|#+)\s+")


@dataclass(frozen=True, slots=True, order=True)
class Quote:
    """A sentence of passage `n`, with the share of the question's stems that it holds."""

    overlap: float
    n: int
    sentence: str

    def cited(self, n: int | None = None) -> str:
        """The sentence with a citation of its own passage, or of another one."""
        return f"{self.sentence.rstrip('.!?: ')} [{self.n if n is None else n}]."


@dataclass(frozen=True, slots=True, kw_only=True)
class Cite:
    """Quotes the `limit` sentences that share most words with the question, in the order of the context."""

    limit: int = 2

    def text(self, prompt: Prompt) -> str:
        """The quotes, or NO_ANSWER when no sentence shares a word with the question."""
        return " ".join(one.cited() for one in best_quotes(prompt, self.limit)) or NO_ANSWER

    async def perform(self, exchange: Exchange) -> None:
        """Answer."""
        await exchange.reply(self.text(exchange.prompt))


def best_quotes(prompt: Prompt, limit: int) -> list[Quote]:
    """The best sentence, and up to `limit` - 1 more with at least half of its overlap, in context order."""
    asked = set(stems(prompt.question))
    found = [quote for source in prompt.sources for quote in _quotes(source, asked)]
    ranked = sorted(found, key=lambda quote: -quote.overlap)
    best = [quote for quote in ranked if quote.overlap * 2 >= ranked[0].overlap][:limit]
    return [quote for quote in found if quote in best]


def _quotes(source: Source, asked: set[str]) -> list[Quote]:
    quotes = []
    for start, end in sentences(source.text):
        sentence = " ".join(_LIST_MARK.sub("", source.text[start:end]).split())
        overlap = len(asked & set(stems(sentence))) / max(1, len(asked))
        if overlap > 0:
            quotes.append(Quote(overlap, source.n, sentence))
    return quotes
