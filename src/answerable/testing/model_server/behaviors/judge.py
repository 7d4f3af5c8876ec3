"""Judges answers by a rule that is known beforehand; no measure of any model's judgment."""

from __future__ import annotations

from dataclasses import dataclass

from answerable.testing.model_server.behaviors.judge_prompt import JudgePrompt
from answerable.testing.model_server.exchange import Exchange
from answerable.testing.model_server.prompt import Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class HonestJudge:
    """Follows nothing but the rule of `JudgePrompt.honest`."""

    def text(self, prompt: Prompt) -> str:
        """The reply."""
        read = JudgePrompt.read(prompt)
        return read.reply(read.honest(), "Compared the numbers of the answer with those of the passages.")

    async def perform(self, exchange: Exchange) -> None:
        """Judge."""
        await exchange.reply(self.text(exchange.prompt))
