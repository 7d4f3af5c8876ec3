"""Metrics of production by prompt and version, out of a journal, a book of calls and reviews in Postgres."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from answerable.adapters.entry import Keeping
from answerable.adapters.postgres.calls import PostgresCalls
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.happenings import PostgresHappenings
from answerable.adapters.postgres.journal import PostgresJournal
from answerable.adapters.postgres.measures import Span
from answerable.adapters.postgres.reviews import PostgresReviews
from answerable.answer.record import answer_record
from answerable.app.metrics.measuring import measured, sources_of
from answerable.app.metrics.version_board import board_of, metric_page
from answerable.app.project import Project
from answerable.cli.metrics import as_csv, print_table
from answerable.config import Settings
from answerable.core.answer import Answer, Claim, Withheld
from answerable.core.arm import Arm
from answerable.core.call import Call
from answerable.core.completion import Usage
from answerable.core.errors import ConfigError
from answerable.core.evaluation import Answered
from answerable.core.outcome import Outcome
from answerable.core.ports import Feedback, Happening
from answerable.core.query import EVALUATION, Principal, Query
from answerable.core.review import Batch, Draw, Item, Reading
from answerable.core.trace import Trace
from answerable.monitor.definitions import VERSIONED
from answerable.monitor.measured import Measured
from answerable.monitor.records import table_record
from answerable.testing.journal import NOON
from answerable.testing.postgres import Clone, administer

OLD, NEW = ("1.0.0", "a" * 64), ("1.1.0", "b" * 64)
PROMPT = """---
id: answer
version: 1.0.0
owner: us
purpose: Answer.
route: answer
inputs:
  today: system
  question: user
handles:
  empty_context: a
  language: b
  adversarial: c
  contradiction: d
  multi_step: e
change: First.
---
Always the same words.
Today: {{ today }}

--- user ---
{{ question }}
"""
SINCE, UNTIL = NOON - timedelta(days=6), NOON + timedelta(days=1)


def question(n: int, version: tuple[str, str], **changes: Any) -> tuple[Trace, Query, Answer]:
    """The n-th question of a version: six persons in turn, twelve a day, two in each conversation."""
    at = NOON - timedelta(days=n // 12, minutes=n)
    trace = Trace(tenant="default", id=f"tr_{version[0]}_{n}", started_at=at)
    query = Query(
        text="?", tenant="default", principal=Principal(id=f"p{n // 2 % 6}"), conversation=f"c{n // 2}{version}"
    )
    answer = Answer(
        id=f"an_{version[0]}_{n}",
        trace_id=trace.id,
        text="Years.",
        outcome=Outcome.ANSWERED,
        claims=(Claim(start=0, end=5, citations=(1,)),),
        model="main/m-1",
        prompt=("answer", *version),
        timing_ms={"total": 100.0 + n, "first_text": 50.0},
    )
    return trace, query, replace(answer, **changes)


async def seed(database: Database, spool: Path) -> None:
    """1.0.0: 60 answers. 1.1.0: 40, of which 4 had a sentence withheld and 10 ended before a model was asked."""
    withheld = (Withheld(text="x", reason="overlap"),)
    rows = [question(n, OLD) for n in range(60)]
    rows += [question(n, NEW, withheld=withheld if n < 4 else ()) for n in range(30)]
    candidate = Arm(
        rollout="r", prompt="answer", version=NEW[0], sha256=NEW[1], name="candidate", share=0.5, unit="u"
    )
    for n in range(30, 40):
        rows.append(question(n, NEW, outcome=Outcome.ABSTAINED, prompt=None, claims=(), model="", timing_ms={}))
        rows[-1][0].enter(candidate)
    trace, query, answer = question(99, OLD)
    rows.append((trace, replace(query, principal=Principal(id=EVALUATION), conversation=None), answer))
    keeping = Keeping(setup={"prompt": f"answer@1.0.0 {'a' * 12}"})
    async with PostgresJournal(database, record=answer_record, spool=spool, keeping=keeping) as journal:
        for trace, query, answer in rows:
            journal.write(trace, query, answer, None)
        await journal.flush()
        for n in range(9):
            said = Feedback(
                answer_id=f"an_1.0.0_{n}", value="up" if n < 8 else "down", solved="yes" if n < 3 else None
            )
            person = Principal(id=f"p{n // 2 % 6}")
            await journal.feedback(tenant="default", principal=person, feedback=replace(said, value="down"))
            await journal.feedback(tenant="default", principal=person, feedback=said)  # the last word counts


async def book(database: Database, spool: Path) -> None:
    """A rewrite and an answer for each question of 1.0.0, and a call of an unpriced model for one of 1.1.0."""
    async with PostgresCalls(database, spool=spool, tenant="default") as calls:
        for n in range(60):
            trace, query, _ = question(n, OLD)
            common = {
                "provider": "main",
                "model": "m-1",
                "outcome": "ok",
                "tenant": "default",
                "at": trace.started_at,
            }
            common |= {"trace_id": trace.id, "principal": query.principal.id}
            usage = Usage(input=1000, cached=600, output=100, cost=Decimal("0.01"))
            calls.write(Call(use="answer", usage=usage, prompt_id="answer", prompt_version="1.0.0", **common))
            small = Usage(input=100, output=10, cost=Decimal("0.001"))
            calls.write(Call(use="rewrite", usage=small, prompt_id="rewrite", prompt_version="1.0.0", **common))
        trace, _, _ = question(1, NEW)
        unpriced = Usage(input=1000, output=100)
        calls.write(
            Call(use="answer", provider="main", model="odd", outcome="ok", tenant="default", at=trace.started_at,
                 trace_id=trace.id, usage=unpriced, prompt_id="answer", prompt_version="1.1.0")
        )  # fmt: skip
        await calls.flush()


async def review(database: Database) -> None:
    """People read 40 of 1.0.0 (2 not grounded) and 5 refusals of 1.1.0 (3 of them wrong)."""
    reviews = PostgresReviews(database)
    draws = (Draw(stratum="random", size=100, drawn=45),)
    batch = Batch(tenant="default", id="2026-W47", starts=SINCE, ends=UNTIL, due=UNTIL, seed=1, population=100,
                  draws=draws, criteria=("grounded", "rightly-declined"))  # fmt: skip
    read = [("grounded", f"1.0.0_{n}", "answered", n >= 2) for n in range(40)]
    read += [("rightly-declined", f"1.1.0_{n}", "abstained", n >= 33) for n in range(30, 35)]
    items = [
        Item(id=f"it_{name}", batch=batch.id, answer_id=f"an_{name}", trace_id=f"tr_{name}", drawn_by=("random",),
             strata=("random",), probability=0.45, seats=("",), place=place, outcome=outcome)
        for place, (_, name, outcome, _) in enumerate(read)
    ]  # fmt: skip
    await reviews.plan(batch, items)
    for criterion, name, _, yes in read:
        said = Answered.YES if yes else Answered.NO
        reading = Reading(tenant="default", item=f"it_{name}", reader="rita", verdicts={criterion: said})
        await reviews.record(reading)


async def test_every_metric_is_parted_by_version_and_its_numbers_carry_their_n(
    database: Database, clone: Clone, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await seed(database, tmp_path / "journal")
    await book(database, tmp_path / "calls")
    await review(database)
    async with PostgresHappenings(database, spool=tmp_path / "h", home="default") as happenings:
        props = {"prompts": "answer@1.1.0", "what": "prompt answer@1.0.0 → answer@1.1.0", "commit": "abc"}
        happenings.write(Happening(name="deploy.marked", at=NOON - timedelta(days=2), props=props))
        await happenings.flush()
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "answer.md").write_text(PROMPT)
    project = Project(settings=Settings(), base=tmp_path)
    sources = sources_of(project, database)
    span = sources.span(SINCE, UNTIL)

    async def rows(name: str, *by: str) -> dict[str, dict[str, Measured]]:
        found = await measured(sources, name, span, by)
        return {",".join(row.key.values()): {one.name: one for one in row.numbers} for row in found.rows}

    quality = await rows("quality", "prompt.version")
    assert list(quality) == ["answer@1.0.0", "answer@1.1.0"]
    old, new = quality.values()
    assert (old["supported"].k, old["supported"].n, old["grounded"].k, old["grounded"].n) == (60, 60, 38, 40)
    assert old["grounded"].low is not None and old["grounded"].low < 0.95 < (old["grounded"].high or 0)
    assert (old["agreement"].k, old["agreement"].n, old["relevant"].n) == (38, 40, 0)
    assert (new["nothing_withheld"].k, new["nothing_withheld"].n, new["grounded"].value) == (26, 30, None)

    refusals = await rows("refusals", "prompt.version")
    assert (refusals["answer@1.1.0"]["abstained"].k, refusals["answer@1.1.0"]["abstained"].n) == (10, 40)
    assert (refusals["answer@1.1.0"]["over_refusal"].k, refusals["answer@1.1.0"]["over_refusal"].n) == (3, 3)
    assert (refusals["answer@1.0.0"]["under_refusal"].k, refusals["answer@1.0.0"]["under_refusal"].n) == (2, 2)
    arms = await rows("refusals", "rollout", "prompt.sha256")
    assert {name: one["abstained"].k for name, one in arms.items()} == {f",{'a' * 12}": 0, f",{'b' * 12}": 0,
                                                                       f"candidate,{'b' * 12}": 10}  # fmt: skip

    latency = (await rows("latency", "prompt.version", "model"))["answer@1.0.0,main/m-1"]
    assert (latency["p50"].value, latency["p95"].value, latency["p95"].high) == (129.0, 156.0, None)
    assert latency["first_text_p50"].n == 60

    tokens = await rows("tokens", "prompt.version")
    assert list(tokens) == ["answer@1.0.0", "answer@1.1.0", "rewrite@1.0.0"]
    used = tokens["answer@1.0.0"]
    assert (used["input"].value, used["cached_share"].value, used["input_p50"].value) == (60_000, 0.6, 1000)
    assert used["fixed"].value == 7  # `Always the same words.` of the file below
    assert tokens["answer@1.1.0"]["fixed"].value is None  # there is no file of it

    cost = await rows("cost", "prompt.version")
    assert round(cost["answer@1.0.0"]["mean"].value or 0, 6) == 0.011
    assert round(cost["answer@1.0.0"]["total"].value or 0, 6) == 0.66
    assert (cost["answer@1.1.0"]["unpriced"].value, cost["answer@1.1.0"]["mean"].n) == (1, 39)
    assert cost["answer@1.1.0"]["per_kept"].value is None

    feedback = (await rows("feedback", "prompt.version"))["answer@1.0.0"]
    assert (feedback["up"].k, feedback["up"].n, feedback["rated"].n, feedback["solved"].k) == (8, 9, 60, 3)
    assert feedback["followed"].k == 30

    daily = await measured(sources, "feedback", span, ("prompt.version", "day"))
    lonely = [row for row in daily.rows if row.withheld]
    assert lonely and not any(row.numbers for row in lonely)
    assert daily.total is None

    with pytest.raises(ConfigError, match="not parted by 'weather'"):
        await measured(sources, "quality", span, ("weather",))
    with pytest.raises(ConfigError, match="no metric 'joy'"):
        await measured(sources, "joy", span)

    table = await measured(sources, "quality", span, ("prompt.version",))
    print_table(table)
    shown = capsys.readouterr().out
    assert "answer@1.1.0" in shown
    assert "38 of 40" not in shown
    assert "3 of 3" not in shown
    assert "prompt answer@1.0.0 → answer@1.1.0" in shown
    assert table_record(table)["rows"][0]["numbers"]["grounded"]["n"] == 40
    lines = list(csv.DictReader(io.StringIO(as_csv([table]))))
    assert [one["k"] for one in lines if one["number"] == "grounded"] == ["38", "0"]

    board = await board_of(sources, sources.span(SINCE, UNTIL, prompt="answer"))
    assert [one.label for one in board.marks] == ["prompt answer@1.0.0 → answer@1.1.0"]
    assert [len(one) for one in board.charts.values()] == [2, 1, 1, 1, 1, 1]
    assert all(svg.count('"3 3"') == 1 for drawn in board.charts.values() for svg in drawn)
    page = await metric_page(sources, "refusals", span, ("prompt.version",))
    assert "<svg" in page and "10 of 40" not in page and "25.0 %" in page

    # Facts that are there are those that are made again: nothing is lost where an older process wrote the answer.
    before = await sources.measures.answers(span, ("prompt.version", "day"))
    administer(clone.owner_url, "DELETE FROM answerable.answer_fact")
    assert await sources.measures.answers(span, ()) == []
    administer(clone.owner_url, "SELECT answerable.keep_fact(a) FROM answerable.answer AS a")
    assert await sources.measures.answers(span, ("prompt.version", "day")) == before
    other = await measured(sources, "quality", Span(tenant="acme", since=SINCE, until=UNTIL))
    assert other.total is None

    # A text that was changed under its number: the sums of both are of none, and the table says so.
    assert not any("more than one text" in note for note in board.tables["latency"].notes)
    async with PostgresJournal(database, record=answer_record, spool=tmp_path / "again") as journal:
        journal.write(*question(61, (OLD[0], "c" * 64)), None)
        await journal.flush()
    for name in VERSIONED:
        mixed = (await measured(sources, name, span, ("prompt.version",))).notes
        told = [note for note in mixed if "more than one text" in note]
        assert told == (
            [] if name == "tokens" else ["answer@1.0.0 was more than one text: `--by prompt.sha256` parts them"]
        )
        parted = (await measured(sources, name, span, ("prompt.version", "prompt.sha256"))).notes
        assert not any("more than one text" in note for note in parted)
