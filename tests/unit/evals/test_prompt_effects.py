"""What a version of a prompt did: the gate's comparison of the right two runs, and what else differed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from answerable.adapters.fakes.runs import MemoryRuns
from answerable.app.comparing import report
from answerable.app.project import Project
from answerable.app.prompts.effects import Effect, Measurements, effects_of, others, prompts_detail
from answerable.cli.prompt_words import effect_record, effect_words
from answerable.core.commit import Commit
from answerable.evals.gate.sides import Side
from answerable.evals.stats.verdict import Change
from answerable.prompts.collection import load_library
from answerable.prompts.history import Revision, Version
from answerable.prompts.prompt import Prompt
from answerable.testing.runs import FINGERPRINT, make_row, make_run

FIRST, SECOND, THIRD = "a" * 64, "b" * 64, "c" * 64
CASES = tuple(f"c{number:02d}" for number in range(60))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "answerable.toml").write_text('[project]\nname = "x"\ntenant = "acme"\n')
    return Project.open(tmp_path / "answerable.toml")


def version(number: str, sha256: str) -> Version:
    commit = Commit(hash=sha256[:40], author="Ann", email="", at=datetime(2026, 10, 1, tzinfo=UTC), subject="S")
    return Version(
        revisions=(Revision(version=number, sha256=sha256, change="", path="p.md", text="", commit=commit),)
    )


VERSIONS = (version("1.2.0", THIRD), version("1.1.0", SECOND), version("1.0.0", FIRST))


async def kept(
    runs: MemoryRuns,
    number: int,
    sha256: str,
    failing: Sequence[str] = (),
    *,
    prompts: Mapping[str, str] | None = None,
    cases: Sequence[str] = CASES,
    finished: bool = True,
    **fingerprint: str,
) -> str:
    used = {"answer": sha256, **(prompts or {})}
    kept_prompts = {name: {"version": "?", "sha256": one} for name, one in used.items()}
    run = await runs.start(
        make_run(
            number,
            repeats=1,
            cases=tuple(cases),
            fingerprint={**FINGERPRINT, "prompts": sha256[:16], **fingerprint},
            detail={"prompts": kept_prompts, "metrics": "m"},
        )
    )
    for case in cases:
        text = {"text": f"{case} {case in failing}", "passages": []}
        row = make_row(case, passed=case not in failing, answer=text, cluster=case, key=f"{case}-{number}")
        await runs.add(tenant="acme", run=run.id, row=row)
    if finished:
        await runs.finish(tenant="acme", run=run.id)
    return run.id


async def effects(project: Project, runs: MemoryRuns) -> list[Effect]:
    return [one async for one in Measurements(project=project, runs=runs).effects("answer", VERSIONS)]


async def test_the_effect_is_the_gates_own_comparison_of_the_two_versions(project: Project) -> None:
    runs = MemoryRuns()
    base = await kept(runs, 1, FIRST, failing=CASES[:20])
    head = await kept(runs, 2, SECOND, failing=CASES[:2])
    third, second, first = await effects(project, runs)
    sides = [
        Side(run=await runs.run(tenant="acme", reference=one), rows=tuple(await runs.rows(tenant="acme", run=one)))
        for one in (base, head)
    ]
    assert second.line == report(project, *sides, command="").comparison.overall
    assert second.line is not None and second.line.difference is not None
    assert (second.before, second.base, second.head, second.others) == ("1.0.0", base, head, ())
    assert second.line.difference.mean == pytest.approx(18 / 60)
    assert (second.line.change, second.line.n) == (Change.BETTER, 60)
    low, high = second.line.difference.interval.low, second.line.difference.interval.high
    assert effect_words(second) == (
        f"+30.0 points ({100 * low:+.1f} .. {100 * high:+.1f}), better; 60 cases; {base}..{head}"
    )
    assert effect_record(second)["prompt_alone"] is True
    assert effect_words(third) == "not measured: no finished run of 1.2.0: answerable eval run"
    assert effect_words(first) == "the first version that is known"


async def test_a_run_of_the_prompt_alone_goes_before_a_newer_one(project: Project) -> None:
    runs = MemoryRuns()
    base = await kept(runs, 1, FIRST)
    alone = await kept(runs, 2, SECOND)
    await kept(runs, 3, SECOND, models="m2")
    await kept(runs, 4, SECOND, finished=False)
    _, second, _ = await effects(project, runs)
    assert (second.base, second.head, second.others) == (base, alone, ())
    assert effect_words(second) == f"same, no answer changed; 60 cases; {base}..{alone}"


async def test_what_else_differed_is_named(project: Project) -> None:
    runs = MemoryRuns()
    await kept(runs, 1, FIRST, prompts={"rewrite": "1" * 64})
    await kept(runs, 2, SECOND, failing=CASES[:30], prompts={"rewrite": "2" * 64}, models="m2", index="i2")
    _, second, _ = await effects(project, runs)
    assert second.others == ("index", "models", "prompt rewrite")
    assert effect_words(second).endswith("; not the prompt alone: index, models, prompt rewrite")
    assert "worse" in effect_words(second)


async def test_runs_that_cannot_be_compared_are_no_effect_and_say_why(project: Project) -> None:
    runs = MemoryRuns()
    await kept(runs, 1, FIRST, cases=CASES[:30])
    await kept(runs, 2, SECOND, cases=CASES[30:])
    _, second, _ = await effects(project, runs)
    assert second.line is None
    assert effect_words(second) == "not measured: the two sides have no case in common"


async def test_a_run_that_does_not_say_what_it_used_is_of_no_version(project: Project) -> None:
    runs = MemoryRuns()
    for number in (1, 2):
        await runs.finish(tenant="acme", run=(await runs.start(make_run(number))).id)
    assert [one.line for one in await effects(project, runs)] == [None, None, None]


async def test_without_a_database_none_is_made(project: Project) -> None:
    found = await effects_of(project, "answer", VERSIONS)
    assert [effect_words(one) for one in found] == [
        "not measured: there is no database yet: answerable eval run",
        "not measured: there is no database yet: answerable eval run",
        "the first version that is known",
    ]
    assert not (project.base / ".answerable").exists()


def test_a_scope_and_a_target_are_part_of_what_answers() -> None:
    base = make_run(1, detail={"scope": "1"})
    head = make_run(2, detail={"scope": "2"}, target="demo:answer", started_at=base.started_at + timedelta(days=1))
    assert others(base, head, "answer") == ("scope", "target")


def test_a_run_keeps_the_hashes_of_what_it_was_answered_and_judged_with(project: Project) -> None:
    routes = "".join(f'[[route]]\nuse = "{use}"\nchain = ["one"]\n' for use in ("rewrite", "judge"))
    provider = '[provider.one]\nkind = "openai-compatible"\nmodel = "m"\nbase_url = "http://127.0.0.1:9"\n'
    with (project.base / "answerable.toml").open("a") as config:
        config.write(routes + provider)
    routed, answering = Project.open(project.base / "answerable.toml"), load_library("answer")
    bare = prompts_detail(project, answering, "s", judged=True)
    assert bare == {"prompts": {"answer": _kept(answering)}, "scope": "s"}
    asked = prompts_detail(routed, answering, "s", judged=False)["prompts"]
    assert asked == {"answer": _kept(answering), "rewrite": _kept(load_library("rewrite"))}
    assert prompts_detail(routed, answering, "s", judged=True)["prompts"].keys() == {
        "answer",
        "rewrite",
        "judge",
        "judge-pair",
    }


def _kept(prompt: Prompt) -> dict[str, str]:
    return {"version": prompt.version, "sha256": prompt.sha256}
