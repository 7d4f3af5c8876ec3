"""An LLM whose calls are priced and paid for: held before they are made, settled however they end."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from decimal import Decimal

from answerable.core.completion import Completion, Usage
from answerable.core.deadline import Deadline
from answerable.core.errors import BudgetExceeded, DeadlineExceeded, ModelError
from answerable.core.ports import LLM, Held
from answerable.core.prompt import Rendered
from answerable.llm.attempts import opened
from answerable.llm.price import PriceTable
from answerable.llm.purse import NOTHING, Purse
from answerable.text.tokens import estimated_usage, prompt_tokens


def largest_usage(rendered: Rendered) -> Usage:
    """The most that a call is expected to use: all of the prompt uncached, and a reply as long as it may be."""
    return Usage(input=prompt_tokens(rendered), output=rendered.max_output_tokens, estimated=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """Raises BudgetExceeded before anything is sent where the most that the call may cost is not there.

    A reply settles what the provider counted; a stream that was left or cut what it had used by then, estimated; a
    whole reply that nobody waited for, all that was held; a call that the provider turned away, nothing.
    """

    llm: LLM
    model: str  # as asked for
    table: PriceTable
    purse: Purse | None = None
    refuse_unpriced: bool = False

    @property
    def name(self) -> str:
        """The name of the model behind."""
        return self.llm.name

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """The priced reply. Raises BudgetExceeded, and what the model raises with its usage priced."""
        payment = await self._begin(rendered, deadline)
        try:
            completion = await self.llm.complete(rendered, deadline=deadline)
        except (ModelError, DeadlineExceeded) as error:
            payment.failed(error)
            raise
        except BaseException:  # cancelled: the provider may go on to the end
            payment.forfeited()
            raise
        return payment.finished(completion)

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncGenerator[str | Completion, None]:
        """The reply in pieces, then its priced Completion. Raises as `complete` does."""
        payment = await self._begin(rendered, deadline)
        try:
            async with opened(self.llm.stream(rendered, deadline=deadline)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Completion):
                        yield payment.finished(piece)
                    else:
                        payment.texts.append(piece)
                        yield piece
        except (ModelError, DeadlineExceeded) as error:
            payment.failed(error)
            raise
        finally:
            payment.left()

    async def _begin(self, rendered: Rendered, deadline: Deadline) -> _Payment:
        deadline.check(f"model {self.name}")
        price = self.table.find(self.model)
        if price is None and self.refuse_unpriced:
            raise BudgetExceeded(
                f'{self.model} has no price, and [budget] unpriced = "refuse"',
                hint=f'set [price."{self.model}"], or provider.{self.name}.price',
                scope="unpriced",
            )
        payment = _Payment(paid=self, rendered=rendered)
        if self.purse is not None and price is not None and not price.free:
            payment.held = await self.purse.hold(
                price.most(largest_usage(rendered)),
                tenant=rendered.scope.tenant if rendered.scope else "",
                key=rendered.key,
                deadline=deadline,
            )
        return payment


@dataclass(slots=True, kw_only=True)
class _Payment:
    """One call's money; it is settled once, by whichever end comes first."""

    paid: Paid
    rendered: Rendered
    held: Held | None = None
    texts: list[str] = field(default_factory=list)

    def finished(self, completion: Completion) -> Completion:
        """The completion with its cost."""
        priced = self.paid.table.priced(completion)
        self._settle(priced.usage)
        return priced

    def failed(self, error: ModelError | DeadlineExceeded) -> None:
        """What a call that failed has used: as its adapter says, or what had come by then."""
        usage = self._used(error)
        if usage is not None and isinstance(error, ModelError):
            error.usage = usage
        self._settle(usage)

    def left(self) -> None:
        """Nobody reads on."""
        if self.held is not None:
            self._settle(self._costed(estimated_usage(self.rendered, "".join(self.texts))))

    def forfeited(self) -> None:
        """Nobody waits, and nobody knows how far it came."""
        if self.held is not None:
            self._pay(self.held.amount)

    def _used(self, error: ModelError | DeadlineExceeded) -> Usage | None:
        told = error.usage if isinstance(error, ModelError) else None
        if told is None and not self.texts and isinstance(error, ModelError):
            return None
        return self._costed(told or estimated_usage(self.rendered, "".join(self.texts)))

    def _costed(self, usage: Usage) -> Usage:
        return self.paid.table.costed(self.paid.model, usage)

    def _settle(self, usage: Usage | None) -> None:
        if self.held is None:
            return
        if usage is None:
            self._pay(NOTHING)
        elif usage.cost is not None:
            self._pay(usage.cost)
        else:  # another model answered, which has no price: what the one that was asked would have cost
            self._pay(self._costed(usage).cost or self.held.amount)

    def _pay(self, cost: Decimal) -> None:
        held, self.held = self.held, None
        if held is not None and self.paid.purse is not None:
            self.paid.purse.settle(held, cost)
