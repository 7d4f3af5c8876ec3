"""The answers of a rollout as the database has them: only its own, with what people said of them and when."""

from dataclasses import replace
from datetime import timedelta

from answerable.adapters.postgres.guarded import guarded_answers
from answerable.adapters.postgres.journal import PostgresJournal
from answerable.adapters.postgres.reviews import PostgresReviews
from answerable.answer.record import answer_record
from answerable.app.rollouts.guard_metrics import watched
from answerable.core.answer import Withheld
from answerable.core.arm import CANDIDATE, STABLE
from answerable.core.ports import Feedback
from answerable.prompts.rollout import Pin, Rollout
from answerable.testing.journal import ANN, NOON, make_answer, make_query, make_trace
from answerable.testing.reviews import make_reading, planned

FIRST, SECOND = (Pin(version=version, sha256=version[0] * 64) for version in ("1.0.0", "2.0.0"))
ROLLOUT = Rollout(prompt="answer", stable=FIRST, candidate=SECOND, share=0.5, salt="a", started=NOON)
LATER = NOON + timedelta(days=3650)  # feedback and readings are dated by the database


async def test_a_row_has_the_arm_the_word_of_the_asker_and_when_somebody_called_it_harmful(database, tmp_path):
    persons = {
        name: next(f"p{n}" for n in range(99) if ROLLOUT.arm(f"p{n}").name == name) for name in (STABLE, CANDIDATE)
    }
    arms = [ROLLOUT.arm(persons[name]) for name in (STABLE, CANDIDATE, CANDIDATE)]
    async with PostgresJournal(database, record=answer_record, spool=tmp_path) as journal:
        for number, arm in enumerate([*arms, None]):
            trace = make_trace(number)
            if arm:
                trace.enter(arm)
            withheld = (Withheld(text="No.", reason="uncited"),) if number == 1 else ()
            journal.write(trace, make_query(), make_answer(trace, withheld=withheld), None)
        await journal.flush()
        for value, reasons in (("up", ()), ("down", ("harmful",))):
            said = Feedback(answer_id="an_0001", value=value, reasons=reasons, solved="no")
            await journal.feedback(tenant="acme", principal=ANN, feedback=said)
    reviews = PostgresReviews(database)
    await planned(reviews)  # of an_0000 to an_0002
    await reviews.record(make_reading("ri_47_02", severity="S1"))
    await reviews.record(make_reading("ri_47_00", severity="S1"))
    await reviews.record(make_reading("ri_47_00", severity="S3"))  # the last word is that it is no severe one

    async def rows(heard_s, tenant="acme"):
        return await guarded_answers(
            database, tenant=tenant, rollout=ROLLOUT.id, since=ROLLOUT.started, until=LATER, heard_s=heard_s
        )

    found = await rows(1e10)
    assert [one["id"] for one in found] == ["tr_0000", "tr_0001", "tr_0002"]
    assert [one["candidate"] for one in found] == [False, True, True]
    assert [one["person"] for one in found] == [arm.unit for arm in arms]
    assert {one["share"] for one in found} == {0.5}
    assert [(one["value"], one["solved"]) for one in found] == [(None, None), ("down", "no"), (None, None)]
    assert [one["withheld"] for one in found] == [0, 1, 0]
    assert [one["harmful_at"] is not None for one in found] == [False, True, True]
    assert [one["value"] for one in await rows(-1e10)] == [None, None, None]  # it was said too late to count
    assert await rows(1e10, tenant="other") == []
    report = await watched(database, ROLLOUT, ["harmful", "task_completion"], now=LATER, tenants=["acme", "other"])
    assert (report.persons, report.answers) == ((1, 1), (1, 2))
    assert [one.candidate.rate for one in report.guards] == [1.0, 0.5]  # asked again a minute later
    ahead = replace(ROLLOUT, started=LATER)  # a clock, or a year, that was wrong
    soon = NOON + timedelta(hours=1)
    assert (await watched(database, ahead, ["harmful"], now=soon, tenants=["acme"])).persons == (1, 1)
