"""Writing the answer: a model's stream becomes sentences, each cited, verified and guarded before it is shown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Set
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from answerable.answer.checking import Checking
from answerable.answer.composition import Composition, Shown
from answerable.answer.deadlines import SHIPPED, Plan, called_off
from answerable.answer.draft import DraftReader, DraftSentence, read_draft
from answerable.answer.extractive import NAME, NO_ANSWER
from answerable.answer.release import Release
from answerable.answer.rungs import HANDED_OVER, Rungs
from answerable.answer.seam import seam
from answerable.answer.verification import Support
from answerable.core.completion import Attempt, Completion
from answerable.core.deadline import Deadline
from answerable.core.degraded import CONTINUED_EXTRACTIVELY, CUT_SHORT, EXTRACTIVE, PROVIDER_FALLBACK
from answerable.core.errors import Broken, BudgetExceeded, DeadlineExceeded, ModelError, ModelUnreachable
from answerable.core.events import Listener, Revise
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.core.query import Query
from answerable.core.trace import skip
from answerable.core.verdict import Verdict

A = TypeVar("A")
NO_MODEL = (ModelError, DeadlineExceeded, Broken, TimeoutError)
_WORDS = (PROVIDER_FALLBACK, EXTRACTIVE)
_UNCHECKED = Completion(text="", model="", degraded=(EXTRACTIVE,))  # the model did answer
LATE_S = 0.05  # the models' time ends so much before ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What came of it. `completion` is None when no model finished; `blocked` ends the answer.

    `cut_short`: time was over, and there would have been more.
    """

    composition: Composition
    completion: Completion | None
    verdicts: tuple[Verdict, ...] = ()
    blocked: Verdict | None = None
    cut_short: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class _Reading:
    """One text on its way in. One that was called off is not heard any more, whatever it still says."""

    over: bool = False
    unguarded: Shown | None = None  # a sentence that the guards are looking at

    def heard(self) -> bool:
        """Whether it may still say something."""
        return not self.over


@dataclass(slots=True, kw_only=True)
class Writer:
    """Writes one answer. Only whole sentences that passed every check reach the listener."""

    query: Query
    rendered: Rendered
    release: Release
    listen: Listener
    checking: Checking | None = None  # None: sentences are checked by their words alone
    plan: Plan = SHIPPED
    completion: Completion | None = None
    cut_short: bool = False

    @property
    def composition(self) -> Composition:
        """What is let out."""
        return self.release.composition

    @property
    def blocked(self) -> Verdict | None:
        """What ended the answer."""
        return self.release.blocked

    async def write(self, llm: LLM, rungs: Rungs) -> Written:
        """Stream from `llm`; the rungs answer where it says nothing, and finish what it broke off.

        Raises ModelError, DeadlineExceeded or TimeoutError when nothing was written at all.
        """
        try:
            self.completion = await self._timed(
                lambda reading: self._read(llm, reading), "first_sentence", "further_sentences"
            )
        except NO_MODEL as error:
            if self.composition.claims:
                await self._finish(rungs, error)
            else:
                await self._otherwise(rungs, error)
        else:
            if self.completion is not None and self.completion.finish == HANDED_OVER:
                await self._otherwise(rungs, ModelUnreachable("no model answered"), self.completion)
        if self.checking and self.checking.failed and not (self.composition.claims or self.blocked):
            await self._otherwise(rungs, Broken("no sentence could be checked"), _UNCHECKED)
        return self.written()

    async def recall(self, rungs: Rungs, error: Exception) -> Written:
        """What was said to the same question before, checked anew. Raises the error where that is nothing."""
        await self._recall(rungs)
        if not self.composition.claims:
            raise error
        return self.written()

    def written(self) -> Written:
        """What there is so far."""
        return Written(
            composition=self.composition,
            completion=self.completion,
            verdicts=self.release.verdicts,
            blocked=self.blocked,
            cut_short=self.cut_short,
        )

    def cut(self) -> Written:
        """What there is, and it is all there will be."""
        self.cut_short = True
        skip(CUT_SHORT)
        return self.written()

    async def _finish(self, rungs: Rungs, error: Exception) -> None:
        """The sources' own sentences, without what is already said; where there is no time for them, the end."""
        deadline = self.query.deadline
        late = deadline.remaining_s <= self.plan.kept_s("first_sentence", deadline) + LATE_S
        if late or rungs.extractive is None or isinstance(error, TimeoutError):
            self.cut()
            return
        said = {citation.quote for citation in self.composition.citations}
        try:
            tried = Completion(text="", model="", attempts=_attempts(error), degraded=(CONTINUED_EXTRACTIVELY,))
            await self._quote(rungs.extractive, tried, without=said)
        except NO_MODEL:
            self.cut()

    async def _otherwise(self, rungs: Rungs, error: Exception, handed: Completion | None = None) -> None:
        """What was said to the question before, else quotes, else the error; `handed` tells what was tried."""
        if isinstance(error, BudgetExceeded):
            raise error  # a chain that may go on without money hands over
        tried = handed or Completion(text="", model="", attempts=_attempts(error), degraded=_WORDS)
        await self._recall(rungs, tried)
        if self.composition.claims or self.blocked:
            return
        if rungs.extractive is None:
            raise error
        await self._quote(rungs.extractive, tried)

    async def _recall(self, rungs: Rungs, tried: Completion | None = None) -> None:
        recalled = await rungs.recall(self.rendered, self.query)
        if recalled is None:
            return
        self.composition.blocks = recalled.blocks
        self.completion = after(tried, recalled.completion)
        try:
            await self._timed(lambda reading: self._say(recalled.completion.text, reading), "quotes")
        except TimeoutError:
            if self.composition.claims:
                self.cut()

    async def _quote(self, llm: LLM, tried: Completion, *, without: Set[str] = frozenset()) -> None:
        """A whole reply of what asks no model. Raises TimeoutError, and as it does."""
        limit_s = self.plan.seconds("quotes", self.query.deadline)

        async def quoted(reading: _Reading) -> None:
            completion = await llm.complete(self.rendered, deadline=Deadline.after(limit_s))
            self.completion = after(tried, completion)
            await self._say(completion.text, reading, without=without)

        try:
            await self._timed(quoted, "quotes")
        except TimeoutError:
            if not self.composition.claims:
                raise
            self.cut()

    async def _timed(self, begin: Callable[[_Reading], Coroutine[Any, Any, A]], *parts: str) -> A:
        """What the reading gives. Raises TimeoutError when its parts' time is over, whatever it does then; after
        the first part it goes on only if there is something to show by then."""
        reading = _Reading()
        task = asyncio.ensure_future(begin(reading))
        try:
            for part in parts:
                await asyncio.wait({task}, timeout=self.plan.seconds(part, self.query.deadline))
                if task.done():
                    return task.result()
                if not self.composition.claims:
                    break
            raise TimeoutError
        finally:
            if not task.done():
                await self._stop(task, reading)

    async def _stop(self, task: asyncio.Task[Any], reading: _Reading) -> None:
        reading.over = True
        if reading.unguarded is not None:
            self.composition.undo(reading.unguarded, "guard:time")
        await called_off(task)

    async def _read(self, llm: LLM, reading: _Reading) -> Completion | None:
        reader = DraftReader(language=self.query.language)
        completion: Completion | None = None
        pieces = _told(llm.stream(self.rendered, deadline=self._for_models()))
        try:
            async for piece in pieces:
                if isinstance(piece, Completion):
                    completion = piece
                    break
                for sentence in reader.feed(piece):
                    await self._sentence(sentence, reading)
                if self.blocked or not reading.heard():
                    return completion
        finally:
            await _close(pieces)
        for sentence in reader.finish():
            await self._sentence(sentence, reading)
        return completion

    def _for_models(self) -> Deadline:
        """Theirs ends a little before ours: a chain that keeps its own time gives the better error."""
        whole = self.query.deadline
        keep_s = self.plan.kept_s("first_sentence", whole) + LATE_S
        return Deadline(at=whole.at - keep_s, total_s=max(0.0, whole.total_s - keep_s))

    async def _say(self, text: str, reading: _Reading, *, without: Set[str] = frozenset()) -> None:
        for sentence in read_draft(text, language=self.query.language):
            if sentence.text not in without:
                await self._sentence(sentence, reading)

    async def _sentence(self, sentence: DraftSentence, reading: _Reading) -> None:
        if self.blocked or not reading.heard() or NO_ANSWER in sentence.text:
            return
        support = await self._support(sentence)
        if not reading.heard():
            return
        made = self.composition.add(sentence, support)
        if not isinstance(made, Shown):
            await self.listen(Revise(claim=None, action="withhold", reason=made.reason))
            return
        reading.unguarded = made
        checked = await self.release.check(made)
        if not reading.heard():
            return
        reading.unguarded = None
        await self.release.let(made, checked)

    async def _support(self, sentence: DraftSentence) -> Support | None:
        """The verdict of the check; None where there is none to ask, or nothing that could be checked."""
        passages = self.composition.cited(sentence)
        if self.checking is None or not passages:
            return None
        return await self.checking.support(sentence.text, passages)


def after(tried: Completion | None, completion: Completion) -> Completion:
    """The reply with what was tried before it, and why that was not enough."""
    if tried is None:
        return completion
    extractive = completion.provider == NAME
    words = [one for one in tried.degraded if extractive or one != EXTRACTIVE]
    return replace(
        completion,
        attempts=(*(one for one in tried.attempts if one.provider != NAME), *completion.attempts),
        degraded=tuple(dict.fromkeys((*words, *completion.degraded))),
    )


def _attempts(error: Exception) -> tuple[Attempt, ...]:
    return error.attempts if isinstance(error, ModelError) else ()


async def _told(pieces: AsyncIterator[object]) -> AsyncIterator[str | Completion]:
    """What a model gives, up to its completion. Raises Broken where it gives something else, or nothing."""
    said = False
    try:
        with seam("model"):
            async for piece in pieces:
                if isinstance(piece, Completion):
                    if not said:
                        break
                    yield piece
                    return
                if not isinstance(piece, str):
                    break
                said = said or bool(piece.strip())
                yield piece
    finally:
        await _close(pieces)
    raise Broken("the model gave no text, or did not come to its end")


async def _close(pieces: AsyncIterator[object]) -> None:
    """End the model's stream where it stands, so that nothing more is paid for."""
    close = getattr(pieces, "aclose", None)
    if close is not None:
        await close()
