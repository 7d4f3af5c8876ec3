"""What a run of the configured model may cost, said before it is asked; without a limit nothing paid is asked."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from answerable.answer.extractive import NAME
from answerable.app.pricing import price_table
from answerable.app.redteam.targets import CONFIGURED
from answerable.app.system import System
from answerable.core.completion import Usage
from answerable.core.errors import ConfigError

_PROMPT_TOKENS = 1200  # of the shipped prompt with a question, beside the context


def check_cost(
    system: System, target: str, trials: int, max_cost: Decimal | None, tell: Callable[[str], None]
) -> None:
    """Raises ConfigError where somebody may be paid and no limit was given."""
    if target != CONFIGURED or not trials:
        return
    settings = system.settings
    route = settings.routed("answer")
    names = [name for name in route.chain if name != NAME] if route else []
    paid = [name for name in names if settings.provider[name].api_key or settings.provider[name].api_keys]
    if not names:
        tell("the route for answers has no model: what is attacked quotes passages only")
    if not paid:
        return
    usage = Usage(input=_PROMPT_TOKENS + settings.answer.context_tokens, output=settings.answer.max_output_tokens)
    most = price_table(system.project, paid[0]).most(settings.provider[paid[0]].model, usage)
    said = "unknown: the model has no price" if most is None else f"{most * trials:.4f} {settings.budget.currency}"
    tell(f"{trials} trials of {paid[0]} may cost, at the most: {said}")
    if max_cost is None:
        raise ConfigError(
            f"{paid[0]} is paid for, and no limit was given", hint="give one: --max-cost 2.50 (a 0 asks nothing)"
        )
