"""Certified abstention on the command line: a promise, what it costs, and how loudly it is withdrawn."""

from __future__ import annotations

import json
import random


def labels(count: int) -> str:
    """Questions whose answers are the surer the higher they score."""
    rng = random.Random(3)
    lines = []
    for n in range(count):
        score = round(rng.random(), 4)
        row = {"score": score, "wrong": rng.random() > score + 0.4, "topic": "ab"[n % 2]}
        lines.append(f"{json.dumps(row)}\n")
    return "".join(lines)


def test_a_promise_is_made_used_and_withdrawn(asked_project):
    project = asked_project
    project.write("few.jsonl", labels(40))
    few = project.run("abstain", "calibrate", "--labels", "few.jsonl")
    assert few.code == 11, few.err
    assert "not certifiable yet" in few.out
    assert "more labels of the same kind; there are 40" in few.out
    assert not (project.folder / "abstain.lock").exists()

    project.write("many.jsonl", labels(1200))
    made = project.run("abstain", "calibrate", "--labels", "many.jsonl", "--svg", "curve.svg")
    assert made.code == 0, made.err
    assert "certified: at most 5 % wrong at 95 % confidence" in made.out
    assert "it costs: answers to" in made.out
    assert "topic a:" in made.out
    assert (project.folder / "curve.svg").read_text().startswith("<svg")
    lock = json.loads((project.folder / "abstain.lock").read_text())
    assert lock["promises"][0]["bound"] <= 0.05

    question = "Within how many days can most items be returned?"
    answer = project.run("ask", question, "--format", "json")
    assert answer.json["confidence"]["risk_certificate"] == lock["id"], answer.err
    assert "void" not in answer.err

    config = project.config.read_text()
    project.write("answerable.toml", config + "\n[retrieval]\ndense_weight = 0.4\n")
    void = project.run("abstain", "status", "--format", "json")
    assert void.code == 11
    assert void.json["why"] == ["retrieval was hybrid 0.5 10/5, is hybrid 0.4 10/5"]
    loud = project.run("ask", question, "--format", "json")
    assert "warning: abstain.lock is void: retrieval was hybrid 0.5" in loud.err
    assert "risk_certificate" not in loud.json["confidence"]
    doctor = project.run("doctor")
    project.write("answerable.toml", config)
    (project.folder / "abstain.lock").unlink()
    assert "abstain.lock is void" in doctor.out
