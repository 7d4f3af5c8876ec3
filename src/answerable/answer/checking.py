"""Checking the sentences of one answer against what they cite: a check that fails closes, and never opens."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from answerable.answer.deadlines import SHIPPED, Plan
from answerable.answer.verification import Support, check_support, is_heading, is_quoted
from answerable.core.deadline import Deadline
from answerable.core.degraded import QUOTES_ONLY
from answerable.core.errors import Broken, DeadlineExceeded, ModelError, Unreachable
from answerable.core.passage import Passage
from answerable.core.seam import seam
from answerable.core.trace import skip, step

# Whether the cited passages, taken together, support the sentence: (sentence, passages, language).
Check = Callable[[str, Sequence[Passage], str], Awaitable[Support]]
UNCHECKED = "unchecked"  # why a sentence is withheld; docs/decisions/0170-check-of-sentences.md


async def by_words(sentence: str, passages: Sequence[Passage], language: str) -> Support:
    """The shipped check: facts, negations and wording, computed here."""
    return check_support(sentence, passages, language=language)


@dataclass(slots=True, kw_only=True)
class Checking:
    """The check of one answer's sentences. Once it has failed, only what is quoted word for word is supported."""

    check: Check
    deadline: Deadline
    language: str
    plan: Plan = SHIPPED
    failed: bool = False

    async def support(self, sentence: str, passages: Sequence[Passage]) -> Support:
        """The verdict on one sentence."""
        if not self.failed:
            try:
                return await self.plan.within("verify", self.deadline, self._checked(sentence, passages))
            except (Unreachable, ModelError, DeadlineExceeded, TimeoutError) as error:
                self._fail(error)
        return _quoted(sentence, passages)

    async def _checked(self, sentence: str, passages: Sequence[Passage]) -> Support:
        with seam("check of sentences"):
            return _sound(await self.check(sentence, passages, self.language))

    def _fail(self, error: Exception) -> None:
        self.failed = True
        skip(QUOTES_ONLY)
        with step("verify_failed") as one:
            one.status = "error"
            one.detail["why"] = f"{type(error).__name__}: {error}"[:500]


def _sound(support: Support) -> Support:
    """Raises Broken for what is no verdict."""
    if not isinstance(support, Support) or not isinstance(support.supported, bool):
        raise Broken("the check of sentences gave no verdict")
    if support.overlap is not None and not (math.isfinite(support.overlap) and 0.0 <= support.overlap <= 1.0):
        raise Broken("the check of sentences gave an overlap that is no share")
    return support


def _quoted(sentence: str, passages: Sequence[Passage]) -> Support:
    """Word for word, and no heading: all that can be said without the check."""
    held = any(is_quoted(one.chunk.text, sentence) and not is_heading(one, sentence) for one in passages)
    return Support(supported=held, reason="" if held else UNCHECKED, overlap=1.0 if held else None)
