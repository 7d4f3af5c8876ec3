"""The gate on a git repository with three branches: better, worse, no change; and what people may excuse."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from answerable.evals.gate.baseline import write_baseline
from answerable.testing.projects import CONFIG, ProjectFolder, Result, make_project, open_folder
from tests.unit.evals.gate.scripted import row, side

CASES = 60
TARGET = "--target=assistant:answer"
ASSISTANT = '''"""A scripted assistant: no model, so that each branch is exactly as good as it says."""

WRONG = {wrong}
SILENT = {silent}


def answer(question):
    number = int(question.split()[3].rstrip("?"))
    if number in SILENT:
        raise RuntimeError("the assistant broke")
    days = 30 if number in WRONG else 10 + number
    return {{"text": f"Parcel {{number}} takes {{days}} days.{extra}", "cost": 0.002}}
'''
MAIN = tuple(range(0, 60, 4))  # the questions that main answers wrongly


@dataclass(frozen=True)
class Branches:
    """The repository, with the baseline of main in it."""

    project: ProjectFolder

    def switch(self, name: str, *, wrong=MAIN, silent=(), extra: str = "") -> None:
        """A branch off main with its assistant."""
        self.clean(name)
        text = ASSISTANT.format(wrong=tuple(wrong), silent=tuple(silent), extra=extra)
        self.project.write("assistant.py", text)
        git(self.project, "commit", "-qam", f"the assistant of {name}", "--allow-empty")

    def clean(self, name: str) -> None:
        """A branch off main, without what another test left."""
        git(self.project, "checkout", "-q", "-f", "-B", name, "main")
        git(self.project, "clean", "-q", "-f", "-d")

    def gate(self, *arguments: str) -> Result:
        """`eval gate` with the target of this repository."""
        return self.project.run("eval", "gate", TARGET, *arguments)


def git(project: ProjectFolder, *arguments: str) -> None:
    person = ("-c", "user.name=A Person", "-c", "user.email=someone@example.com")
    subprocess.run(["git", *person, *arguments], cwd=project.folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def branches() -> Iterator[Branches]:
    with make_project(open_folder(), pages={}, config=CONFIG).kept() as project:
        project.write(".gitignore", ".answerable/\n__pycache__/\n")
        project.write("evals/cases/parcels.jsonl", "".join(case(n) for n in range(CASES)))
        project.write("assistant.py", ASSISTANT.format(wrong=MAIN, silent=(), extra=""))
        git(project, "init", "-q", "-b", "main")
        git(project, "add", ".")
        git(project, "commit", "-qm", "a project and its assistant")
        ran = project.run("eval", "run", TARGET)
        assert ran.code == 0, ran.err
        kept = project.run("eval", "baseline", "set", "main")
        assert "not in it" not in kept.err  # every case of the suite is
        assert '"metrics": "' in (project.folder / "evals/baseline.json").read_text(
            encoding="utf-8"
        )  # or none is noticed
        assert kept.code == 0, kept.err
        git(project, "add", "evals/baseline.json")
        git(project, "commit", "-qm", "the baseline")
        yield Branches(project)


def case(n: int) -> str:
    tags = ["parcels" if n % 2 else "letters"] + (["must-pass"] if n in (5, 9, 13) else [])
    expect = {"outcome": "answered", "must": [f"{10 + n} days"]}
    whole = {"id": f"parcel-{n:02d}", "tags": tags, "question": f"How long takes {n}?", "expect": expect}
    return json.dumps({**whole, "language": "en", "why": "scripted"}) + "\n"


def test_three_branches_leave_with_0_10_and_0(branches):
    branches.switch("better", wrong=MAIN[:3])
    better = branches.gate()
    assert better.code == 0, better.out + better.err
    print(better.out)
    assert "11 fixed, 0 broken" in better.out

    branches.switch("no-change", extra=" ")  # another file, no other word
    same = branches.gate()
    assert same.code == 0, same.out + same.err
    print(same.out)
    assert "no answer changed" in same.out

    branches.switch("worse", wrong=(*MAIN, *range(1, 60, 3)))
    worse = branches.gate()
    assert worse.code == 10, worse.out + worse.err
    print(worse.out)
    assert "failed: must-pass:parcel-13: fails" in worse.out
    assert "failed: overall: " in worse.out
    assert "exit 10 (failed)" in worse.out


def test_what_cannot_be_told_leaves_with_11_until_a_person_accepts_it(branches):
    branches.switch("unclear", wrong=(*MAIN[3:], 2, 6, 7), silent=(11, 15, 18, 19))
    asked = branches.gate("--format", "json")
    assert asked.code == 11, asked.out + asked.err
    found = asked.json
    assert found["cases"]["unmeasured"] == ["parcel-11", "parcel-15", "parcel-18", "parcel-19"]
    assert {one["name"] for one in found["checks"] if one["ruling"] == "inconclusive"} == {"overall", "unmeasured"}

    person = ("--accept-inconclusive", "--name", "A. Person", "--reason", "the target is mended tomorrow")
    accepted = branches.project.run("eval", "gate", found["head"]["run"], *person)
    assert accepted.code == 0, accepted.out
    assert "waived: overall: inconclusive" in accepted.out
    assert "A. Person" in (branches.project.folder / "evals/waivers.yaml").read_text(encoding="utf-8")


def test_quarantine_and_waivers_end_on_their_day_and_are_never_silent(branches):
    branches.clean("excused")
    project = branches.project
    project.write("head.json", head_of((project.folder / "evals/baseline.json").read_text(encoding="utf-8")))
    compare = ("eval", "compare", "baseline..head.json")  # two files: no database, no run

    entry = "- case: parcel-05\n  owner: someone@example.com\n  reason: flaky\n  expires: {}\n"
    project.write("evals/quarantine.yaml", entry.format("2999-01-01"))
    silent = project.run(*compare)
    assert (silent.code, "must-pass" in silent.err) == (2, True), silent.err

    project.write("evals/quarantine.yaml", "")
    waive = ("--name", "A. Person", "--reason", "page is being mended", "--until", "2999-01-01")
    assert project.run("eval", "waive", "must-pass:parcel-05", *waive).code == 0
    waived = project.run(*compare, "--format", "html", "-o", "compare.html")
    assert "waived: must-pass:parcel-05: failed, fails [A. Person until 2999-01-01" in waived.out
    assert "page is being mended" in (project.folder / "compare.html").read_text(encoding="utf-8")

    waivers = project.folder / "evals/waivers.yaml"
    project.write("evals/waivers.yaml", waivers.read_text(encoding="utf-8").replace("2999", "2020"))
    project.write("evals/quarantine.yaml", entry.format("2020-01-01"))
    over = project.run(*compare)
    assert (over.code, "expired waiver of must-pass:parcel-05" in over.out) == (10, True), over.out
    assert "failed: quarantine:parcel-05: expired on 2020-01-01" in over.out

    (project.folder / "evals/baseline.json").unlink()
    missing = project.run(*compare)
    assert (missing.code, "eval baseline set" in missing.err) == (2, True), missing.err


def test_retrieval_that_dropped_ends_it_before_anything_is_generated(ingested_project, tmp_path):
    quote = "Most items can be returned within 30 days of delivery."
    whole = {"question": "Within how many days can items be returned?", "tags": ["obvious"], "language": "en"}
    expect = {"outcome": "answered", "spans": [{"document": "policies/returns.md", "quote": quote}]}
    ids = [f"returns-{n:02d}" for n in range(12)]
    cases = [{"id": one, **whole, "cluster": one, "why": "scripted", "expect": expect} for one in ids]
    (tmp_path / "cases.jsonl").write_text("".join(json.dumps(one) + "\n" for one in cases), encoding="utf-8")
    found = side([row(one, scores={"span_recall@1000": 1.0}) for one in ids])
    write_baseline(found, tmp_path / "baseline.json")
    settings = {
        "ANSWERABLE_EVAL__SUITES": json.dumps([str(tmp_path / "cases.jsonl")]),
        "ANSWERABLE_EVAL__BASELINE": str(tmp_path / "baseline.json"),
        "ANSWERABLE_RETRIEVAL__FILTER": json.dumps({"status": "archived"}),
    }
    stopped = replace(ingested_project, environment=settings).run("eval", "gate")
    assert stopped.code == 10, stopped.err
    assert "span_recall@1000 (12)  1.000 -> 0.000" in stopped.out
    assert "Retrieval is worse. Nothing was generated.\nTo measure the answers all the same: " in stopped.out
    assert stopped.out.endswith("\nexit 10 (failed)\n")
    assert "asked of" not in stopped.err  # no run was begun


def head_of(baseline: str) -> str:
    """The baseline's file with one must-pass case failing."""
    lines = baseline.splitlines()
    at = next(n for n, line in enumerate(lines) if line.strip().startswith('"parcel-05"'))
    lines[at] = lines[at].replace('"passed":true', '"passed":false')
    return "\n".join(lines)
