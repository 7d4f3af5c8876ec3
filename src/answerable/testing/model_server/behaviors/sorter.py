"""Orders the passages of a rerank prompt by common words; no measure of any model's judgment."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from answerable.testing.model_server.exchange import Exchange
from answerable.testing.model_server.prompt import Prompt
from answerable.text.words import terms

_TOKEN = re.compile(r"The token of this request is (\w+)")
_PASSAGE = re.compile(r"^passage (\d+)\n((?:\w+\|.*\n?)*)", re.MULTILINE)
_QUESTION = re.compile(r"^The question\n((?:\w+\|.*\n?)*)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorter:
    """The passage with most of the question's terms first; of equal ones the first."""

    def text(self, prompt: Prompt) -> str:
        """The reply that the shipped rerank prompt asks for."""
        token, question = _TOKEN.search(prompt.user), _QUESTION.search(prompt.user)
        asked = set(terms(question[1])) if question else set()
        found = [
            (len(asked.intersection(terms(text))), int(number)) for number, text in _PASSAGE.findall(prompt.user)
        ]
        order = [number for _, number in sorted(found, key=lambda one: (-one[0], one[1]))]
        return json.dumps({"token": token[1] if token else "", "order": order})

    async def perform(self, exchange: Exchange) -> None:
        """Sort."""
        await exchange.reply(self.text(exchange.prompt))
