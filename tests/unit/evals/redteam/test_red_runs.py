"""Runs as they are kept, what they come to, their page, and the cases made of what got through."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from answerable.app.redteam.standing import Standing
from answerable.core.errors import ConfigError, NotFound
from answerable.core.ports import Happening
from answerable.evals.cases.files import load_cases
from answerable.evals.redteam.pack import shipped_packs
from answerable.evals.redteam.page import to_html
from answerable.evals.redteam.record import PackRef, RunFolder, RunHead, TrialRow, new_id
from answerable.evals.redteam.regression import write_cases
from answerable.evals.redteam.summary import summarize, summary_record

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def head(days: int = 0, **more: object) -> RunHead:
    at = AT + timedelta(days=days)
    refs = tuple(PackRef.of(one) for one in shipped_packs())
    return RunHead(
        **{"id": new_id(at), "at": at.isoformat(), "target": "t", "detectors": True, "packs": refs} | more
    )


def row(name: str, *breaches: str, measured: bool = True, surface: str = "question") -> TrialRow:
    return TrialRow(
        id=name,
        pack="core",
        family="direct",
        surface=surface,
        language="en",
        form="plain",
        position="",
        outcome="answered",
        breaches=breaches if measured else None,
        question=f"Please {name} <script>?" if breaches else "",
        shown=f"Done: {name} <b>.\nReally." if breaches else "",
        trace_id="tr_1",
    )


@pytest.fixture
def runs(tmp_path) -> RunFolder:
    return RunFolder(folder=tmp_path / "redteam")


def keep(runs: RunFolder, one: RunHead, *rows: TrialRow, finish: bool = True) -> None:
    runs.begin(one)
    for each in rows:
        runs.add(one.id, each)
    if finish:
        runs.finish(one.id)


def test_a_run_comes_back_as_it_was_kept_and_is_private(runs):
    keep(runs, head(), row("a"), row("b", "goal"), row("c", measured=False))
    run = runs.read()
    assert (run.head, len(run.rows), bool(run.finished)) == (head(), 3, True)
    assert [one.id for one in run.through] == ["b"]
    assert (runs.folder / f"{run.head.id}.jsonl").stat().st_mode & 0o077 == 0
    assert runs.read(head().id[:9]).head.id == head().id


def test_a_line_that_a_kill_cut_off_costs_only_that_trial(runs):
    keep(runs, head(), row("a"), row("b"), finish=False)
    path = runs.folder / f"{head().id}.jsonl"
    path.write_text(path.read_text(encoding="utf-8")[:-30], encoding="utf-8")
    assert [one.id for one in runs.read().rows] == ["a"]
    runs.add(head().id, row("b"))
    runs.add(head().id, row("c"))
    assert [one.id for one in runs.read().rows] == ["a", "b", "c"]


def test_runs_that_are_not_there_or_not_one_are_told(runs):
    with pytest.raises(NotFound):
        runs.read()
    keep(runs, head(0))
    keep(runs, head(1))
    with pytest.raises(ConfigError, match="2 runs"):
        runs.read("rt_")


def test_a_summary_counts_bounds_and_leaves_out_what_was_not_measured(runs):
    rows = [row(f"r{n}") for n in range(58)]
    keep(runs, head(), *rows, row("x", "goal", "address"), row("y", measured=False))
    line = summarize(runs.read()).line("all")
    assert line is not None
    assert (line.through, line.n, line.unmeasured) == (1, 59, 1)
    assert line.upper == pytest.approx(0.0780, abs=1e-3)  # Clopper-Pearson, one-sided, 1 of 59
    assert summarize(runs.read()).breaches == {"address": 1, "goal": 1}


def test_nothing_of_n_has_a_bound_and_nothing_measured_has_none(runs):
    keep(runs, head(), *[row(f"r{n}") for n in range(300)])
    line = summarize(runs.read()).line("direct")
    assert line is not None
    assert line.upper == pytest.approx(1 - 0.05 ** (1 / 300), abs=1e-6)
    keep(runs, head(1), row("y", measured=False))
    assert summary_record(summarize(runs.read()))["lines"][0]["upper95"] is None


def test_a_run_is_compared_with_the_one_before_of_the_same_target(runs):
    keep(runs, head(0), row("a", "goal"), row("b"), row("only-then", "goal"))
    keep(runs, head(1, target="other"), row("a"), row("b"))
    keep(runs, head(2), row("a"), row("b", "goal"), row("only-now", "goal"))
    run = runs.read()
    summary = summarize(run, runs.before(run.head))
    assert (summary.before, summary.new, summary.gone) == (head(0).id, ("b",), ("a",))


def test_the_page_stands_alone_escapes_what_attackers_wrote_and_says_what_is_scripted(runs):
    keep(runs, head(target="scripted:captured"), row("a", "goal"))
    page = to_html(summarize(runs.read()), project="<shop>", today=date(2026, 11, 30)).replace("&#39;", "'")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "&lt;shop&gt;" in page
    assert "default-src 'none'" in page
    assert "http" not in page.replace("http-equiv", "").replace("https://attacker.example", "")
    assert "scripted one" in page
    assert "tr_1" in page
    assert "7 days" in page


def test_what_was_asked_and_got_through_becomes_a_case_that_can_be_read(runs, tmp_path):
    keep(runs, head(), row("a.base64", "goal"), row("b"), row("c", "goal", surface="document"))
    assert write_cases(runs.read(), tmp_path / "cases") == 1
    (case,) = load_cases([tmp_path / "cases"])
    assert case.question == "Please a.base64 <script>?"
    assert case.expect.must_not == ("Done: a.base64 <b>.", "Really.")
    assert case.tags == ("redteam", "direct")


def happened(days: int, **props: object) -> Happening:
    told = {"trials": 317, "through": 0, "upper95": 0.0094, "target": "scripted:captured", "detectors": True}
    return Happening(name="redteam.finished", tenant="t", props=told | props, at=AT - timedelta(days=days))


@pytest.mark.parametrize(
    ("last", "state", "words"),
    [
        (None, "warn", "never run"),
        (happened(3), "ok", "0 of 317"),
        (happened(3, through=2), "warn", "2 of 317"),
        (happened(120), "warn", "120 days ago"),
    ],
)
def test_the_standing_is_good_where_a_recent_run_let_nothing_through(last, state, words):
    standing = Standing(packs=shipped_packs(), last=last)
    said = standing.said(AT.date())
    assert said[0] == state
    assert words in said[1]


def test_age_of_packs_and_of_the_last_run_are_figures():
    standing = Standing(packs=shipped_packs(), last=happened(2))
    later = datetime(2026, 12, 3, tzinfo=UTC)
    values = {(one.name, *one.labels): one.value for one in standing.samples(later)}
    assert values["answerable_redteam_pack_age_days", "core"] == 10.0
    assert values["answerable_redteam_run_age_seconds",] == (later - AT).total_seconds() + 2 * 86400
    assert values["answerable_redteam_through",] == 0.0
    assert len(replace(standing, last=None).samples(later)) == len(shipped_packs())
