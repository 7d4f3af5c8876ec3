"""The contract of the Journal port: subclass it, give a `journal` fixture, and every test here must pass."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from answerable.core.answer import Answer, Withheld
from answerable.core.completion import Usage
from answerable.core.document import Chunk
from answerable.core.errors import NotFound
from answerable.core.outcome import Outcome
from answerable.core.passage import Passage
from answerable.core.ports import Feedback, Journal
from answerable.core.prompt import Rendered
from answerable.core.query import Principal, Query
from answerable.core.trace import Step, Trace
from answerable.core.verdict import Verdict

ANN = Principal(id="ann")
BOB = Principal(id="bob")
ENGINEER = Principal(id="eve", roles=("engineer",))
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def make_trace(number: int = 1, *, tenant: str = "acme", id: str = "") -> Trace:  # noqa: A002
    """The trace of the question asked `number` minutes after noon."""
    return Trace(tenant=tenant, id=id or f"tr_{number:04d}", started_at=NOON + timedelta(minutes=number))


def make_query(*, tenant: str = "acme", principal: Principal = ANN, **changes: Any) -> Query:
    """Ann's question."""
    return replace(Query(text="How long is the warranty?", tenant=tenant, principal=principal), **changes)


def make_answer(trace: Trace, **changes: Any) -> Answer:
    """The answer of a trace; its id follows from the trace's."""
    bare = Answer(
        id=trace.id.replace("tr_", "an_"), trace_id=trace.id, text="Two years [1].", outcome=Outcome.ANSWERED
    )
    return replace(bare, **changes)


def measure(query: Query, answer: Answer) -> list[dict[str, Any]]:
    """A score that tells which question and answer it was made of; not a number where there is none."""
    return [{"name": "asked", "value": float("nan"), "reason": f"{query.text} {answer.text}"}]


class JournalContract:
    """What every Journal keeps. `journal` must be open, score with `measure`, and record `id` and `text`."""

    async def test_every_answer_is_scored_once_it_is_written(self, journal: Journal) -> None:
        for number, text in enumerate(("One year.", "Two years."), start=1):
            self.write(journal, number, text=text)
        await journal.flush()
        for number, text in enumerate(("One year.", "Two years."), start=1):
            (score,) = (await journal.trace(tenant="acme", reference=f"tr_{number:04d}"))["scores"]
            assert score == {"name": "asked", "value": None, "reason": f"How long is the warranty? {text}"}

    @pytest.fixture
    def journal(self) -> Journal:
        """The journal under test."""
        raise NotImplementedError("the subclass gives the journal")

    def write(self, journal: Journal, number: int = 1, **changes: Any) -> Answer:
        """Write question `number` of a tenant and a principal; further changes are the answer's."""
        tenant, principal = changes.pop("tenant", "acme"), changes.pop("principal", ANN)
        trace = make_trace(number, tenant=tenant)
        answer = make_answer(trace, **changes)
        journal.write(trace, make_query(tenant=tenant, principal=principal), answer, None)
        return answer

    # --- traces ----------------------------------------------------------------------------------------------

    async def test_a_trace_tells_the_whole_story(self, journal: Journal) -> None:
        trace = make_trace()
        attempt = {"provider": "main", "outcome": "ok"}
        trace.steps = [
            Step(name="retrieve", started_ms=1.5, duration_ms=38.25, detail={"candidates": [{"rank": 1}]}),
            Step(
                name="generate", started_ms=40.0, duration_ms=900.0, status="error", detail={"attempts": [attempt]}
            ),
        ]
        trace.degraded = ["no_rerank"]
        chunk = Chunk(document_id="doc_1", start=3, end=7, text="text")
        answer = make_answer(
            trace,
            outcome=Outcome.PARTIAL,
            language="de",
            model="main/m-1",
            usage=Usage(input=10, cached=4, output=5, cost=Decimal("0.00210")),
            verdicts=(Verdict(name="injection", score=0.9, action="flag", reason="rule 3"),),
            withheld=(Withheld(text="Ten years.", reason="number", citations=(1,)),),
            passages=(Passage(chunk=chunk, score=0.5, found_by=("dense",), scores={"dense": 0.7}, uri="a.md"),),
        )
        rendered = Rendered(prompt_id="answer", version="1.0.0", sha256="ab", system="Rules", user="Question")
        query = make_query(conversation="cv_1")
        journal.write(trace, query, answer, rendered)
        await journal.flush()

        found = await journal.trace(tenant="acme", reference=trace.id)
        assert json.loads(json.dumps(found)) == found
        assert datetime.fromisoformat(found.pop("started_at")) == trace.started_at
        assert found.pop("total_ms") >= 0
        expected = {
            "id": trace.id,
            "tenant": "acme",
            "question": query.text,
            "principal": "ann",
            "conversation": "cv_1",
            "outcome": "partial",
            "language": "de",
            "model": "main/m-1",
            "degraded": ["no_rerank"],
            "answer_id": answer.id,
            "attempts": [attempt],
            "feedback": [],
        }
        assert {key: found[key] for key in expected} == expected
        assert found["steps"] == [
            {
                "name": "retrieve", "started_ms": 1.5, "duration_ms": 38.25, "status": "ok",
                "detail": {"candidates": [{"rank": 1}]},
            },
            {
                "name": "generate", "started_ms": 40.0, "duration_ms": 900.0, "status": "error",
                "detail": {"attempts": [attempt]},
            },
        ]  # fmt: skip
        prompt = {"id": "answer", "version": "1.0.0", "sha256": "ab", "system": "Rules", "user": "Question"}
        assert {key: found["prompt"][key] for key in prompt} == prompt
        usage = {"input": 10, "cached": 4, "output": 5, "cost": "0.00210", "currency": "USD"}
        assert {key: found["usage"][key] for key in usage} == usage
        assert (found["verdicts"][0]["name"], found["verdicts"][0]["passed"]) == ("injection", None)
        assert found["withheld"] == [{"text": "Ten years.", "reason": "number", "citations": [1]}]
        assert found["passages"][0]["chunk"] == chunk.id
        assert found["passages"][0]["scores"] == {"dense": 0.7}
        assert found["answer"]["id"] == answer.id

    async def test_what_is_unmeasured_stays_unmeasured(self, journal: Journal) -> None:
        self.write(journal)
        await journal.flush()
        found = await journal.trace(tenant="acme", reference="tr_0001")
        assert (found["prompt"], found["usage"]["cost"], found["conversation"]) == (None, None, None)

    async def test_what_happens_to_a_trace_after_it_was_written_changes_nothing(self, journal: Journal) -> None:
        trace = make_trace()
        trace.steps = [Step(name="one", started_ms=0.0, detail={"n": 1})]
        journal.write(trace, make_query(), make_answer(trace), None)
        trace.steps[0].detail["n"] = 2
        trace.steps.append(Step(name="two", started_ms=0.0))
        await journal.flush()
        found = await journal.trace(tenant="acme", reference=trace.id)
        assert [(one["name"], one["detail"]) for one in found["steps"]] == [("one", {"n": 1})]

    async def test_a_trace_is_found_by_a_beginning_that_no_other_has(self, journal: Journal) -> None:
        for number in (11, 12, 21):
            self.write(journal, number)
        await journal.flush()
        assert (await journal.trace(tenant="acme", reference="tr_002"))["id"] == "tr_0021"
        with pytest.raises(NotFound):
            await journal.trace(tenant="acme", reference="tr_001")

    async def test_a_whole_id_is_found_even_if_another_goes_on_from_it(self, journal: Journal) -> None:
        for id_ in ("tr_7QK2", "tr_7QK", "tr_7QK2X"):
            trace = make_trace(id=id_)
            journal.write(trace, make_query(), make_answer(trace), None)
        await journal.flush()
        assert (await journal.trace(tenant="acme", reference="tr_7QK2"))["id"] == "tr_7QK2"

    async def test_latest_is_the_newest_question_not_the_last_written(self, journal: Journal) -> None:
        for number in (1, 3, 2):
            self.write(journal, number)
        await journal.flush()
        assert (await journal.trace(tenant="acme", reference="latest"))["id"] == "tr_0003"

    @pytest.mark.parametrize("reference", ["latest", "tr_0001", "tr_", "%", "", "tr_0001' OR '1'='1"])
    async def test_another_tenants_trace_is_not_there(self, journal: Journal, reference: str) -> None:
        self.write(journal, tenant="other")
        await journal.flush()
        with pytest.raises(NotFound):
            await journal.trace(tenant="acme", reference=reference)

    async def test_the_list_has_the_newest_first_up_to_its_limit(self, journal: Journal) -> None:
        for number in (2, 1, 4, 3):
            self.write(journal, number)
        self.write(journal, 9, tenant="other")
        await journal.flush()
        rows = await journal.traces(tenant="acme", limit=3)
        assert [row["id"] for row in rows] == ["tr_0004", "tr_0003", "tr_0002"]
        assert json.loads(json.dumps(rows)) == rows
        shown = {
            "question": "How long is the warranty?",
            "outcome": "answered",
            "principal": "ann",
            "degraded": [],
        }
        assert {key: rows[0][key] for key in shown} == shown
        assert datetime.fromisoformat(rows[0]["started_at"]) == NOON + timedelta(minutes=4)

    async def test_the_list_can_be_of_one_outcome(self, journal: Journal) -> None:
        self.write(journal, 1)
        self.write(journal, 2, outcome=Outcome.ABSTAINED)
        await journal.flush()
        assert [row["id"] for row in await journal.traces(tenant="acme", outcome="abstained")] == ["tr_0002"]

    async def test_any_text_can_be_kept(self, journal: Journal) -> None:
        trace = make_trace()
        trace.steps = [
            Step(name="odd", started_ms=0.0, detail={"nan": float("nan"), "nul\x00": "\ud83d", "day": NOON})
        ]
        journal.write(trace, make_query(text="a\x00b \ud800 🙂 '\";"), make_answer(trace, text="\x00"), None)
        await journal.flush()
        found = await journal.trace(tenant="acme", reference=trace.id)
        assert found["question"] == "a\ufffdb \ufffd 🙂 '\";"
        assert found["steps"][0]["detail"] == {
            "nan": None,
            "nul\ufffd": "\ufffd",
            "day": "2026-11-22T12:00:00+00:00",
        }

    # --- answers ---------------------------------------------------------------------------------------------

    async def test_the_asker_gets_the_answer_object_back(self, journal: Journal) -> None:
        answer = self.write(journal)
        await journal.flush()
        found = await journal.answer(tenant="acme", answer_id=answer.id, principal=ANN)
        assert (found["id"], found["text"]) == (answer.id, answer.text)

    async def test_somebody_elses_answer_is_not_there_except_for_engineers(self, journal: Journal) -> None:
        answer = self.write(journal)
        await journal.flush()
        with pytest.raises(NotFound) as not_yours:
            await journal.answer(tenant="acme", answer_id=answer.id, principal=BOB)
        with pytest.raises(NotFound) as not_there:
            await journal.answer(tenant="acme", answer_id="an_none", principal=BOB)
        assert str(not_yours.value).replace(answer.id, "") == str(not_there.value).replace("an_none", "")
        assert (await journal.answer(tenant="acme", answer_id=answer.id, principal=ENGINEER))["id"] == answer.id

    async def test_another_tenants_answer_is_not_there_for_anybody(self, journal: Journal) -> None:
        answer = self.write(journal, tenant="other")
        await journal.flush()
        for principal in (ANN, ENGINEER):
            with pytest.raises(NotFound):
                await journal.answer(tenant="acme", answer_id=answer.id, principal=principal)

    # --- feedback --------------------------------------------------------------------------------------------

    async def test_the_last_word_is_last_and_the_ones_before_are_kept(self, journal: Journal) -> None:
        answer = self.write(journal)
        await journal.flush()
        first = Feedback(answer_id=answer.id, value="down", reasons=("wrong",), comment="no\x00", solved="partly")
        for said in (first, Feedback(answer_id=answer.id, value="up")):
            await journal.feedback(tenant="acme", principal=ANN, feedback=said)
        history = (await journal.trace(tenant="acme", reference="latest"))["feedback"]
        assert [one["value"] for one in history] == ["down", "up"]
        assert (history[0]["reasons"], history[0]["comment"], history[0]["solved"]) == (
            ["wrong"],
            "no\ufffd",
            "partly",
        )
        assert history[0]["principal"] == "ann"

    @pytest.mark.parametrize("principal", [BOB, ENGINEER])
    async def test_only_the_asker_can_say_something_of_an_answer(
        self, journal: Journal, principal: Principal
    ) -> None:
        answer = self.write(journal)
        await journal.flush()
        with pytest.raises(NotFound):
            await journal.feedback(
                tenant="acme", principal=principal, feedback=Feedback(answer_id=answer.id, value="up")
            )
        assert (await journal.trace(tenant="acme", reference="latest"))["feedback"] == []

    async def test_feedback_does_not_reach_another_tenant(self, journal: Journal) -> None:
        answer = self.write(journal, tenant="other")
        await journal.flush()
        with pytest.raises(NotFound):
            await journal.feedback(
                tenant="acme", principal=ANN, feedback=Feedback(answer_id=answer.id, value="up")
            )
