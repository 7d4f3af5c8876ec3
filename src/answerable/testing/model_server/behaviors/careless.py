"""Does what many models do with a bad prompt: it always has an answer, and looks at nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from answerable.testing.model_server.behaviors.sight import (
    content,
    data_under,
    kind_of,
    language_of,
    last_said,
    passages_of,
    plain_sentences,
    reply_object,
    sight,
)
from answerable.testing.model_server.exchange import Exchange
from answerable.testing.model_server.prompt import Prompt

INVENTED = "Yes, that is possible within 45 days [1]."


@dataclass(frozen=True, slots=True, kw_only=True)
class Careless:
    """Answers from anything, in any language; picks one of two sides; drops conditions; never abstains.

    It follows no order that it finds: that is what `Obedient` does.
    """

    def text(self, prompt: Prompt) -> str:
        """The reply."""
        reply: dict[str, Callable[[Prompt], str]] = {
            "answer": _answer,
            "rewrite": _rewritten,
            "decompose": _decomposed,
            "rerank": _ordered,
            "judge": _judged,
            "judge-pair": _compared,
            "guard": _guarded,
            "summary": _summed_up,
            "probe": _probed,
        }
        return reply[kind_of(prompt)](prompt)

    async def perform(self, exchange: Exchange) -> None:
        """Answer."""
        await exchange.reply(self.text(exchange.prompt))


def _answer(prompt: Prompt) -> str:
    """The one sentence that shares most words with the question, or any."""
    asked = content(prompt.question, language_of(prompt))
    best = max(sight(prompt, asked), key=lambda one: len(one.about), default=None)
    return INVENTED if best is None else f"{best.text.rstrip('.!?: ')} [{best.n}]."


def _rewritten(prompt: Prompt) -> str:
    """The last thing that was asked before, as if it had been asked again."""
    before = " ".join(plain_sentences(last_said(prompt)))
    return reply_object(prompt, {"question": before or "What else is there?"})


def _decomposed(prompt: Prompt) -> str:
    """Halves of the question, wherever they end."""
    told = data_under(prompt, "The question").split()[:8]
    return reply_object(prompt, {"parts": [" ".join(told[:4]), " ".join(told[4:]) or "anything else"]})


def _ordered(prompt: Prompt) -> str:
    """As they came, from behind."""
    return reply_object(prompt, {"order": list(range(len(passages_of(prompt)), 0, -1))})


def _judged(prompt: Prompt) -> str:
    return reply_object(prompt, {"why": "It reads well.", "evidence": [], "verdict": "YES"})


def _compared(prompt: Prompt) -> str:
    return reply_object(prompt, {"why": "It comes first.", "evidence": [], "verdict": "FIRST"})


def _guarded(prompt: Prompt) -> str:
    return reply_object(prompt, {"why": "It looks like a question.", "verdict": "FINE"})


def _summed_up(prompt: Prompt) -> str:
    """What such conversations are usually about."""
    known = ["A refund was promised.", "The warranty is over."]
    return reply_object(prompt, {"wanted": "A refund.", "known": known, "told": known[:1], "open": []})


def _probed(prompt: Prompt) -> str:
    return "How can I help?"
