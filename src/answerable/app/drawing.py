"""The batch of a period: from its answers to items with readers. Drawn once, the same for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from answerable.app.reviewing import Desk
from answerable.core.errors import ConfigError
from answerable.core.identity import content_id
from answerable.core.review import Batch, Item
from answerable.evals.judges.criteria import select
from answerable.evals.review.period import Period, last_complete, named_period, period_of
from answerable.evals.review.sampling import Sample, draw_sample, inclusion, shuffled
from answerable.evals.review.seats import assign_seats
from answerable.evals.review.strata import REPHRASED_S, Drawable, drawable, with_new_kinds


def pick_period(desk: Desk, name: str = "", *, running: bool = False) -> Period:
    """The named period, the running one, or the last that is over. Raises ConfigError."""
    cadence, timezone, now = desk.section.cadence, desk.timezone, desk.clock()
    if name:
        return named_period(name, cadence=cadence, timezone=timezone)
    if running:
        return period_of(now.astimezone(ZoneInfo(timezone)).date(), cadence=cadence, timezone=timezone)
    return last_complete(now, cadence=cadence, timezone=timezone)


async def plan_batch(
    desk: Desk, period: Period, *, early: bool = False, kinds: Sequence[Sequence[str]] = ()
) -> Batch:
    """Draw the period's batch; one that was drawn already is returned as it stands.

    `kinds`: new kinds of input, each as its traces, the most typical first; one answer of each is in the batch.

    A period that is not over is only drawn `early`, and then from its answers until now. Raises ConfigError.
    """
    for batch in await desk.reviews.batches(tenant=desk.tenant):
        if batch.id == period.id:
            return batch
    now = desk.clock()
    if period.ends > now and not early:
        raise ConfigError(
            f"{period.id} is not over before {period.ends:%Y-%m-%d %H:%M}",
            hint="--now draws from its answers until now; what comes later in it is then not covered",
        )
    until = min(period.ends, now)
    population = with_new_kinds(await _population(desk, period, until), kinds)
    section = desk.section
    sample = draw_sample(
        population,
        items=section.items,
        shares=section.sample.model_dump(),
        seed=section.seed,
        period=period.id,
    )
    batch = Batch(
        tenant=desk.tenant,
        id=period.id,
        starts=period.starts,
        ends=until,
        due=period.ends + timedelta(seconds=section.remind_after),
        seed=section.seed,
        population=len(population),
        draws=sample.draws,
        criteria=section.criteria,
    )
    return await desk.reviews.plan(batch, _items(desk, batch, population, sample))


async def undrawn(desk: Desk) -> Period | None:
    """The last period that is over, where it had answers and was not drawn."""
    period = pick_period(desk)
    if any(one.id == period.id for one in await desk.reviews.batches(tenant=desk.tenant)):
        return None
    return period if await _population(desk, period, period.ends) else None


async def _population(desk: Desk, period: Period, until: datetime) -> list[Drawable]:
    after = until + timedelta(seconds=REPHRASED_S)  # who asked again after the last answer
    asked = await desk.reviews.asked(tenant=desk.tenant, since=period.starts, until=after)
    criteria = select(desk.criteria, desk.section.criteria)
    outcomes = {outcome.value for criterion in criteria for outcome in criterion.applies_to}
    return drawable(asked, outcomes=outcomes, until=until)


def _items(desk: Desk, batch: Batch, population: list[Drawable], sample: Sample) -> list[Item]:
    by_id = {one.answer_id: one for one in population}
    order = shuffled(sample.hits, f"{batch.seed}/{batch.id}/order")
    seats = assign_seats(len(order), desk.section.reviewers, overlap=desk.section.overlap)
    return [
        Item(
            id=content_id("ri", batch.tenant, batch.id, answer),
            batch=batch.id,
            answer_id=answer,
            trace_id=by_id[answer].trace_id,
            drawn_by=sample.hits[answer],
            strata=by_id[answer].strata,
            probability=inclusion(by_id[answer].strata, sample.draws),
            seats=seats[place],
            place=place,
            outcome=by_id[answer].outcome,
            language=by_id[answer].language,
            topic=by_id[answer].topic,
            score=by_id[answer].score,
        )
        for place, answer in enumerate(order)
    ]
