"""One question on its way through a chain: whose turn it is, for how long, and what has happened so far."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from answerable.core import degraded
from answerable.core.completion import Attempt, Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import (
    AnswerableError,
    BudgetExceeded,
    DeadlineExceeded,
    ModelError,
    ModelUnreachable,
    NotAsked,
    PermanentModelError,
    TransientModelError,
)
from answerable.core.ports import LLM
from answerable.llm.attempts import Watch

LEAST_S = 0.05  # less time than this helps no model
_MARKS = {"refusal": degraded.PROVIDER_REFUSED, "key": degraded.PROVIDER_MISCONFIGURED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One model of a chain. `reserve_s` is what the models before it must leave it to answer in."""

    llm: LLM
    model: str = ""  # what is asked for, for the record of failures
    reserve_s: float = 1.5  # docs/decisions/0037-*.md
    weight: float = 1.0  # its share of the first places, in a chain that is drawn


@dataclass(slots=True, kw_only=True)
class Run:
    """`after_s` is kept for what comes after the links. `bypass` is asked where no link was, nor could be."""

    links: tuple[Link, ...]
    deadline: Deadline
    after_s: float
    bypass: Link | None = None
    since: float = field(default_factory=time.perf_counter)
    attempts: tuple[Attempt, ...] = ()
    errors: list[ModelError] = field(default_factory=list)

    def open_links(self) -> Iterator[tuple[int, Link]]:
        """The links whose turn it is, one after the other; the others are recorded as skipped."""
        for place, link in enumerate(self.links):
            if reason := self._closed(place):
                self.attempts += self.watch(link.llm, link.model).skipped(reason)
            else:
                yield place, link
        if self.bypass is not None and self._nobody_asked and self.rest_s() >= LEAST_S:
            yield len(self.links), self.bypass

    def share_s(self, place: int) -> float:
        """Seconds for the link at `place`: all but the reserves of those after it, and at least an equal part."""
        rest = self.rest_s()
        if place >= len(self.links):
            return rest
        reserved = sum(link.reserve_s for link in self.links[place + 1 :])
        return max(rest - reserved, rest / (len(self.links) - place))

    def rest_s(self) -> float:
        """Seconds for the links that are left, all together."""
        return max(0.0, self.deadline.remaining_s - self.after_s)

    def watch(self, llm: LLM, model: str = "") -> Watch:
        """The clock of one try."""
        return Watch(provider=llm.name, model=model, since=self.since)

    def failed(self, error: AnswerableError | TimeoutError, watch: Watch, limit_s: float) -> None:
        """Take down a failure. Time that ran out was this link's share: what follows may still do."""
        if not isinstance(error, ModelError):
            error = TransientModelError(f"{watch.provider} ran out of its {limit_s:.2g} s")
        self.attempts += watch.failed(error)
        self.errors.append(error)

    def finished(self, completion: Completion, watch: Watch, *, place: int) -> Completion:
        """A link's reply with the whole story."""
        fallback = 0 < place < len(self.links)
        if completion.attempts and not self.attempts and not fallback and watch.at_once:
            return completion
        self.attempts += watch.done(completion)
        marks = (*completion.degraded, degraded.PROVIDER_FALLBACK) if fallback else completion.degraded
        return replace(completion, attempts=self.attempts, degraded=marks)

    def quoted(self, completion: Completion, watch: Watch) -> Completion:
        """The last resort's reply with the whole story, and with why it had to be."""
        self.attempts += watch.done(completion)
        marks = completion.degraded
        if self.links:
            own = () if watch.provider in marks else (watch.provider,)
            marks = (*marks, self._cause(), *own)
        return replace(completion, attempts=self.attempts, degraded=marks)

    def verdict(self) -> AnswerableError:
        """The error for a question that nobody answered."""
        permanent = self._permanent()
        if permanent is not None:
            return self._told(permanent)
        if self.unaffordable is not None and all(isinstance(error, BudgetExceeded) for error in self.errors):
            return self._told(self.unaffordable)
        if not self.errors:
            return DeadlineExceeded("no time left before any model could be asked", hint="raise answer.deadline")
        causes = "; ".join(str(error) for error in self.errors)
        waits = [error.retry_after_s for error in self._transient() if error.retry_after_s is not None]
        unreachable = ModelUnreachable(
            f"no provider replied: {causes}",
            hint="see the attempts; add `extractive` as the end of the route's chain",
            status=self.errors[-1].status,
            retry_after_s=min(waits, default=None),
        )
        return self._told(unreachable)

    def broken(self, partial: str) -> ModelError:
        """The error for a stream that broke after `partial` had been given out."""
        error = self._told(self.errors[-1])
        error.partial = partial
        return error

    @property
    def unaffordable(self) -> BudgetExceeded | None:
        """The budget that was in the way, if one was."""
        return next((error for error in self.errors if isinstance(error, BudgetExceeded)), None)

    @property
    def _nobody_asked(self) -> bool:
        return len(self.errors) == len(self.links) and all(isinstance(error, NotAsked) for error in self.errors)

    def _cause(self) -> str:
        """Why no model answered, in a word for the answer's `degraded`."""
        permanent = self._permanent()
        if permanent is not None:
            return _MARKS.get(permanent.reason, degraded.PROVIDER_REJECTED)
        return degraded.PROVIDER_FALLBACK if self.unaffordable is None else degraded.BUDGET_EXCEEDED

    def _told(self, error: ModelError) -> ModelError:
        error.attempts = self.attempts
        return error

    def _closed(self, place: int) -> str:
        if self._permanent() is not None:
            return "an earlier error that is shown, not worked around"
        return "no time left" if self.share_s(place) < LEAST_S else ""

    def _permanent(self) -> PermanentModelError | None:
        return next((error for error in self.errors if isinstance(error, PermanentModelError)), None)

    def _transient(self) -> list[TransientModelError]:
        return [error for error in self.errors if isinstance(error, TransientModelError)]
