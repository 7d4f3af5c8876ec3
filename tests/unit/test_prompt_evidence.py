"""What is known of a prompt's versions: of these very texts alone, and a section that fails breaks no other."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from answerable.adapters.fakes.runs import MemoryRuns
from answerable.app.behavior.results import keep
from answerable.app.project import Project
from answerable.app.prompts.evidence import evidence, shares, without_charts
from answerable.app.prompts.matrix import last_matrix
from answerable.app.system import System
from answerable.config import Settings
from answerable.core.errors import DatabaseUnreachable
from answerable.evals.behavior.results import Asked, CaseResult, Results, Try
from answerable.prompts.file import parse
from answerable.prompts.prompt import Prompt
from answerable.prompts.rollout import Pin, Rollout
from answerable.prompts.standing import Back, Served, Standing
from answerable.testing.repositories import FIRST, SECOND, THIRD, Scripted, prompt_text, scripted_repository
from answerable.testing.runs import FINGERPRINT, make_row, make_run

CASES = tuple(f"c{number:02d}" for number in range(40))


class Away:
    """A database that does not answer."""

    def tenant(self, tenant: str, *, readonly: bool = False) -> AbstractAsyncContextManager[object]:
        raise DatabaseUnreachable("the database is away")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Scripted:
    return scripted_repository(tmp_path_factory.mktemp("evidence") / "shop")


@pytest.fixture
def scripted(repository: Scripted) -> Iterator[Scripted]:
    """The repository, in which the test before kept nothing."""
    yield repository
    shutil.rmtree(repository.repository.folder / ".answerable", ignore_errors=True)


def system(scripted: Scripted, *, standing: Standing | None = None) -> System:
    project = Project(settings=Settings(), base=scripted.repository.folder)
    rollouts = SimpleNamespace(project=project, standing=standing or Standing())
    parts = SimpleNamespace(project=project, runs=MemoryRuns(), rollouts=rollouts, database=Away())
    return cast(System, parts)


def prompt_of(text: str) -> Prompt:
    return parse(text, where="prompts/answer.md")


async def measured(runs: Any, number: int, prompt: Prompt, failing: int) -> None:
    kept = {"prompts": {"answer": {"version": prompt.version, "sha256": prompt.sha256}}, "metrics": "m"}
    fingerprint = {**FINGERPRINT, "prompts": prompt.sha256[:16]}
    run = await runs.start(
        make_run(number, tenant="default", repeats=1, cases=CASES, fingerprint=fingerprint, detail=kept)
    )
    for place, case in enumerate(CASES):
        text = {"text": f"{case} {place >= failing}", "passages": []}
        row = make_row(case, passed=place >= failing, answer=text, cluster=case, key=f"{case}-{number}")
        await runs.add(tenant="default", run=run.id, row=row)
    await runs.finish(tenant="default", run=run.id)


async def test_an_effect_is_of_a_versions_own_text_and_the_rest_of_the_page_outlives_the_database(
    scripted: Scripted,
) -> None:
    here = system(scripted)
    for number, (version, failing) in enumerate(((FIRST, 2), (SECOND, 20)), start=1):
        await measured(here.runs, number, prompt_of(scripted.texts[version]), failing)
    draft = prompt_of(prompt_text(THIRD, change="Another text of that number."))
    await measured(here.runs, 3, draft, 0)
    found = await evidence(here, "answer")
    effects = found["effects"]["value"]
    assert (effects[SECOND]["verdict"], effects[SECOND]["before"], effects[SECOND]["n"]) == ("worse", FIRST, 40)
    assert effects[SECOND]["difference"] == pytest.approx(-0.45)
    assert effects[SECOND]["interval"][0] < -0.45 < effects[SECOND]["interval"][1] < 0
    assert (effects[THIRD]["difference"], effects[THIRD]["why"]) == (
        None,
        f"no finished run of {THIRD}: answerable eval run",
    )
    assert (found["production"]["value"], found["production"]["fault"]) == (None, "the database is away")
    assert found["rollout"] == found["behavior"] == {"value": None, "fault": ""}
    assert without_charts(found) == found


def kept_results(prompt: Prompt, passed: bool) -> Results:
    asked = Asked(question="?", tries=(Try(raw="x", misses=() if passed else (("must", "it is missing"),)),))
    case = CaseResult(id="one", category="empty", language="en", sha256="c" * 64, asked=asked)
    return Results(prompt=prompt.ref, sha256=prompt.sha256, model="small-1", at="2026-11-20T09:00:00+00:00",
                   repeats=1, cases=(case,), scripted="careful")  # fmt: skip


async def test_a_matrix_is_of_the_very_text_and_names_a_script(scripted: Scripted, tmp_path: Path) -> None:
    here = system(scripted)
    now = here.project.prompts.get("answer")
    keep(here.project, kept_results(prompt_of(prompt_text(THIRD, change="Another text.")), False))
    assert last_matrix(here.project, now.ref, now.sha256) is None
    keep(here.project, kept_results(now, True))
    matrix = (await evidence(here, "answer"))["behavior"]["value"]
    assert matrix["categories"] == ["empty"]
    (run,) = matrix["runs"]
    assert (run["version"], run["scripted"], run["cells"]["empty"]["passed"]) == (THIRD, "careful", 1)
    assert last_matrix(here.project, now.ref, now.sha256) == {"passed": 1, "n": 1, "ok": True}


async def test_a_rollout_shows_its_share_and_after_a_rollback_the_version_that_serves(scripted: Scripted) -> None:
    stable, candidate = (prompt_of(scripted.texts[one]) for one in (SECOND, THIRD))
    started = datetime(2026, 11, 22, tzinfo=UTC)
    rollout = Rollout(
        prompt="answer", stable=Pin(version=SECOND, sha256=stable.sha256),
        candidate=Pin(version=THIRD, sha256=candidate.sha256), share=0.1, salt="s", guards=("harmful",),
        started=started,
    )  # fmt: skip
    served = {"answer": Served(rollout=rollout, stable=stable, candidate=candidate)}
    here = system(scripted, standing=Standing(served=served))
    assert shares(here) == {"answer": f"{THIRD}: 10%"}
    shown = (await evidence(here, "answer"))["rollout"]["value"]
    assert (shown["state"], shown["share"], shown["guards"], shown["metrics"]) == (
        "under way", 0.1, ["harmful"], [],
    )  # fmt: skip
    back = system(scripted, standing=Standing(served=served, back={rollout.id: Back(at=started, reason="worse")}))
    assert shares(back) == {"answer": SECOND}
    assert (await evidence(back, "answer"))["rollout"]["value"]["state"] == "rolled back"
