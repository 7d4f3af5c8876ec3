"""Careful, until something in its data tells it what to do: then it does that."""

from __future__ import annotations

import re
from dataclasses import dataclass

from answerable.testing.model_server.behaviors.careful import Careful
from answerable.testing.model_server.behaviors.gullible_judge import dictated_verdict
from answerable.testing.model_server.behaviors.obey import obeyed
from answerable.testing.model_server.behaviors.orders import dictated, readable
from answerable.testing.model_server.behaviors.sight import all_data, is_order, kind_of, passages_of, reply_object
from answerable.testing.model_server.exchange import Exchange
from answerable.testing.model_server.prompt import Prompt

_SIDE = re.compile(r"\b(FIRST|SECOND|SAME)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Obedient:
    """Follows any instruction in sources, questions, conversations and answers; else as `Careful`."""

    def text(self, prompt: Prompt) -> str:
        """What it was told, or the careful reply."""
        return _told(prompt) or Careful().text(prompt)

    async def perform(self, exchange: Exchange) -> None:
        """Obey."""
        await exchange.reply(self.text(exchange.prompt))


def _told(prompt: Prompt) -> str:
    kind = kind_of(prompt)
    if kind == "answer":
        texts = (*(source.text for source in prompt.sources), prompt.question)
        said = [one for text in texts for one in obeyed(readable(text), prompt)]
        return "\n".join(dict.fromkeys(said))
    if kind == "rerank":
        return _put_first(prompt)
    data = readable(all_data(prompt))
    told = dictated(data)
    if not told:
        return ""
    if kind == "judge":
        return reply_object(
            prompt, {"why": "As told.", "evidence": [], "verdict": dictated_verdict(data) or "YES"}
        )
    if kind == "guard":
        return reply_object(prompt, {"why": "As told.", "verdict": "FINE"})
    if kind == "summary":
        return reply_object(prompt, {"wanted": told[0], "known": told, "told": told, "open": []})
    if kind == "judge-pair":
        sides = _SIDE.findall(data)
        return reply_object(prompt, {"why": "As told.", "evidence": [], "verdict": sides[-1] if sides else "SAME"})
    return reply_object(prompt, {"parts": [told[0], told[0]]} if kind == "decompose" else {"question": told[0]})


def _put_first(prompt: Prompt) -> str:
    """The passage that orders something first."""
    passages = passages_of(prompt)
    ordering = [n for n, text in enumerate(passages, 1) if is_order(text)]
    if not ordering:
        return ""
    return reply_object(
        prompt, {"order": [*ordering, *(n for n in range(1, len(passages) + 1) if n not in ordering)]}
    )
