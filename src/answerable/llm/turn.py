"""One link's turn in a stream: what it may give out, until when, and how it ended."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import AnswerableError, TransientModelError
from answerable.core.time_limit import TimeLimit
from answerable.llm.attempts import Watch
from answerable.llm.commit import Opening
from answerable.llm.run import Link, Run

GRACE_S = 0.05  # a model that keeps its own time gives the better error


@dataclass(slots=True, kw_only=True)
class Turn:
    """Text is held back up to the first sentence, which must come in the link's share; `until` is for the rest."""

    run: Run
    place: int
    link: Link
    limit: TimeLimit
    opening: Opening
    completion: Completion | None = None
    _failed: bool = False
    limit_s: float = field(init=False)
    until: Deadline = field(init=False)
    watch: Watch = field(init=False)
    _commit_at: float = field(init=False)
    _until_at: float = field(init=False)

    def __post_init__(self) -> None:
        rest_s = self.run.rest_s()
        self.limit_s = self.run.share_s(self.place)
        self.until = Deadline.after(rest_s)
        self.watch = self.run.watch(self.link.llm, self.link.model)
        self._commit_at = self.limit.at(self.limit_s)
        self._until_at = self.limit.at(rest_s + GRACE_S)

    def wait(self) -> None:
        """The next piece is waited for."""
        self.limit.start(self._until_at if self.opening.given else self._commit_at)

    def take(self, piece: str | Completion) -> str:
        """What may be given out now that this piece has come."""
        self.limit.stop()
        if isinstance(piece, Completion):
            self.completion = piece
            return self.opening.release()
        if not piece:
            return ""
        self.watch.text()
        return self.opening.take(piece)

    def failed(self, error: AnswerableError | asyncio.CancelledError) -> None:
        """Take down why it ended; raise it where there is no way back. A cancellation that is not ours goes up."""
        cause: AnswerableError | TimeoutError
        if isinstance(error, asyncio.CancelledError):
            if not self.limit.ran_out():
                raise error
            cause = TimeoutError()
        else:
            self.limit.stop()
            cause = error
        self._failed, self.completion = True, None
        self.run.failed(cause, self.watch, self.limit_s)
        if self.opening.given:
            raise self.run.broken(self.opening.given) from error

    def finished(self) -> Completion | None:
        """The reply with its story; None where the next link is to be asked.

        Raises TransientModelError for a stream that just ended, where its beginning had been given out.
        """
        if self.completion is not None:
            return self.run.finished(self.completion, self.watch, place=self.place)
        if not self._failed:
            self.failed(TransientModelError(f"{self.watch.provider} ended without a completion"))
        return None
