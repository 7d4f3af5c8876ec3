"""Writing the answer: a model's stream becomes sentences, each cited, verified and guarded before it is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from answerable.answer.checking import Checking
from answerable.answer.composition import Composition, Shown
from answerable.answer.draft import DraftReader, DraftSentence
from answerable.answer.extractive import NO_ANSWER
from answerable.answer.guarding import Guards
from answerable.answer.seam import seam
from answerable.answer.verification import Support
from answerable.core.answer import Answer
from answerable.core.completion import Completion
from answerable.core.errors import Broken, DeadlineExceeded, ModelError
from answerable.core.events import Listener, Revise, Text
from answerable.core.outcome import Outcome
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.core.query import Query
from answerable.core.trace import skip
from answerable.core.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What came of it. `completion` is None when no model finished; `blocked` ends the answer."""

    composition: Composition
    completion: Completion | None
    verdicts: tuple[Verdict, ...] = ()
    blocked: Verdict | None = None


@dataclass(slots=True, kw_only=True)
class Writer:
    """Writes one answer. Only whole sentences that passed every check reach the listener."""

    query: Query
    rendered: Rendered
    composition: Composition
    guards: Guards
    listen: Listener
    checking: Checking | None = None  # None: sentences are checked by their words alone
    blocked: Verdict | None = None
    verdicts: tuple[Verdict, ...] = ()

    async def write(self, llm: LLM, rest: LLM) -> Written:
        """Stream from `llm`; when it breaks after something was shown, `rest` finishes from the sources.

        So it does where the model breaks in a way of its own, and where nothing could be checked. Raises
        ModelError or DeadlineExceeded when nothing was written at all.
        """
        try:
            completion = await self._read(llm)
        except (ModelError, DeadlineExceeded, Broken) as error:
            if not self.composition.claims and not isinstance(error, Broken):
                raise
            skip("continued_extractively")
            completion = await self._finish(rest)
        if self.checking and self.checking.failed and not (self.composition.claims or self.blocked):
            completion = await self._finish(rest)
        return Written(
            composition=self.composition, completion=completion, verdicts=self.verdicts, blocked=self.blocked
        )

    async def _read(self, llm: LLM) -> Completion | None:
        reader = DraftReader(language=self.query.language)
        completion: Completion | None = None
        pieces = _told(llm.stream(self.rendered, deadline=self.query.deadline))
        try:
            async for piece in pieces:
                if isinstance(piece, Completion):
                    completion = piece
                    break
                for sentence in reader.feed(piece):
                    await self._sentence(sentence)
                if self.blocked:
                    return completion
        finally:
            await _close(pieces)
        for sentence in reader.finish():
            await self._sentence(sentence)
        return completion

    async def _finish(self, rest: LLM) -> Completion:
        """The sources' own sentences, without what is already said."""
        completion = await rest.complete(self.rendered, deadline=self.query.deadline)
        reader = DraftReader(language=self.query.language)
        said = {citation.quote for citation in self.composition.citations}
        for sentence in [*reader.feed(completion.text), *reader.finish()]:
            if sentence.text not in said:
                await self._sentence(sentence)
        return replace(completion, degraded=(*completion.degraded, "continued_extractively"))

    async def _sentence(self, sentence: DraftSentence) -> None:
        if self.blocked or NO_ANSWER in sentence.text:
            return
        made = self.composition.add(sentence, await self._support(sentence))
        if not isinstance(made, Shown):
            await self.listen(Revise(claim=None, action="withhold", reason=made.reason))
            return
        if (passed := await self._guard(made)) is not None:
            await self.listen(
                Text(delta=passed.delta, index=passed.index, claim=passed.claim, citations=passed.new_citations)
            )

    async def _support(self, sentence: DraftSentence) -> Support | None:
        """The verdict of the check; None where there is none to ask, or nothing that could be checked."""
        passages = self.composition.cited(sentence)
        if self.checking is None or not passages:
            return None
        return await self.checking.support(sentence.text, passages)

    async def _guard(self, made: Shown) -> Shown | None:
        """The sentence as the guards leave it; None when they stop it."""
        checked = await self.guards.answer(self.query, self._as_answer(made.delta))
        self.verdicts += tuple(verdict for verdict in checked.verdicts if verdict.action != "allow")
        if checked.blocked is None and made.index > 0:
            # A secret may be spread over sentences that are each harmless.
            whole = await self.guards.answer(self.query, self._as_answer(self.composition.text))
            checked = replace(checked, blocked=whole.blocked)
        if checked.blocked:
            self.blocked = checked.blocked
            self.composition.undo(made, f"guard:{checked.blocked.name}")
            return None
        if checked.text != made.delta:
            return self.composition.amend(made, checked.text)
        return made

    def _as_answer(self, text: str) -> Answer:
        return Answer(
            id="",
            trace_id="",
            text=text,
            outcome=Outcome.ANSWERED,
            language=self.query.language,
            citations=tuple(self.composition.citations),
            passages=tuple(block.passage for block in self.composition.blocks),
        )


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
