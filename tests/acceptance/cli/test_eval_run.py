"""Evaluation runs as a person has them: a process that may be killed, and what it leaves behind."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from answerable.testing.projects import ProjectFolder, open_folder

DEMO = """
import time
from pathlib import Path

LOG = Path(__file__).with_name("asked.log")

def answer(question):
    with LOG.open("a") as log:
        log.write(question + "\\n")
    time.sleep(0.15)
    if "KANGAROO" in question:
        raise ValueError("no such animal")
    if "German" in question or "Wie" in question:
        return "Am schnellsten erreichen Sie uns per E-Mail."
    return "I'm sorry, I don't know that."
"""
CASE = """id: {id}
tags: [{tag}]
question: "{question}"
language: en
expect:
  outcome: {outcome}
  {phrases}
why: "A test."
"""


@pytest.fixture
def demo() -> Iterator[ProjectFolder]:
    """A folder with a Python function that somebody had before."""
    folder = open_folder()
    project = ProjectFolder(folder=folder)
    project.write("demo.py", DEMO)
    yield project
    shutil.rmtree(folder, ignore_errors=True)


def asked(project: ProjectFolder) -> list[str]:
    log = project.folder / "asked.log"
    return log.read_text().splitlines() if log.is_file() else []


def test_a_function_is_measured_and_a_killed_run_is_taken_up_without_loss(demo: ProjectFolder) -> None:
    made = demo.run("init", ".", "--from-demo", "demo:answer")
    assert made.code == 0, made.err
    assert len(list((demo.folder / "evals" / "cases").glob("*.yaml"))) == 10

    process = demo.start("eval", "run", "--concurrency", "1")
    with process:
        deadline = time.monotonic() + 120
        while len(asked(demo)) < 5 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        process.kill()
    before = asked(demo)
    assert 5 <= len(before) < 10

    resumed = demo.run("eval", "run", "--resume", "--format", "json", "--bundle", "bundle")
    assert resumed.code == 5, resumed.err  # the function broke for one case
    report = resumed.json
    cases = Counter(one["case"] for one in report["cases"])
    assert (len(cases), set(cases.values())) == (10, {1})
    again = [question for question, times in Counter(asked(demo)).items() if times > 1]
    assert set(again) <= {before[-1], next(q for q in before if "KANGAROO" in q)}, "only what was not kept"
    assert report["overall"]["unmeasured"] == 1
    broken = next(one for one in report["cases"] if one["state"] == "unmeasured")
    assert broken["error"] == "demo:answer raised ValueError: no such animal"
    assert report["causes"][0]["cause"] == "abstained"

    bundle = demo.folder / "bundle"
    for line in (bundle / "manifest.sha256").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((bundle / name).read_bytes()).hexdigest() == digest
    assert len((bundle / "rows.jsonl").read_text().splitlines()) == 10
    assert str(demo.folder / ".answerable") not in (bundle / "run.json").read_text()
    detail = json.loads((bundle / "run.json").read_text())["detail"]
    assert "prompts" not in detail, "what another target is asked with is not known"

    page = demo.run("eval", "report")
    assert page.code == 0, page.err
    assert report["run"]["id"] in Path(page.out.strip()).read_text()


def test_this_system_is_measured_and_the_same_again_comes_from_the_cache(
    ingested_project: ProjectFolder, tmp_path: Path
) -> None:
    cases = {
        "right": ("obvious", "How long can I return most items?", "answered", 'must: ["30 days"]'),
        "wrong": ("obvious", "How long can I return refurbished items?", "answered", 'must_not: ["14 days"]'),
        "unknown": ("unanswerable", "Who designed the moon lander of Apollo 11?", "abstained", "must: []"),
    }
    for name, (tag, question, outcome, phrases) in cases.items():
        text = CASE.format(id=name, tag=tag, question=question, outcome=outcome, phrases=phrases)
        (tmp_path / f"{name}.yaml").write_text(text)

    first = ingested_project.run("eval", "run", str(tmp_path), "--label", "first")
    assert first.code == 0, first.err
    assert re.search(r"obvious +1 of 2", first.out)
    assert "Said what it must not" in first.out
    assert "run er_" in first.err

    again = ingested_project.run(
        "eval", "run", str(tmp_path), "--repeat", "2", "--filter", "tag:obvious", "--format", "json"
    )
    assert again.code == 0, again.err
    assert again.json["rows"] == {"planned": 4, "there": 4, "cached": 2}
    fresh, taken = ([one for one in again.json["cases"] if one["cached"] is cached] for cached in (False, True))
    assert {one["case"]: one["text"] for one in fresh} == {one["case"]: one["text"] for one in taken}
    assert again.json["cost"]["answers"] == "0"

    junit = ingested_project.run("eval", "report", "first", "--format", "junit")
    assert junit.code == 0, junit.err
    root = ET.fromstring(junit.out)
    failed = {one.get("name") for one in root.iter("testcase") if one.find("failure") is not None}
    assert (root.get("tests"), root.get("errors"), "wrong" in failed, "right" in failed) == ("3", "0", True, False)
