"""`answerable judge` as a process, before a scripted judge whose verdicts are known beforehand."""

from __future__ import annotations

import pytest

from answerable.core.evaluation import Answered, Label
from answerable.evals.items import LabeledItem, ShownPassage, write_items
from answerable.evals.judges.fitness import fitness, read_records
from answerable.evals.labels import write_labels
from answerable.testing.model_server.behaviors import HonestJudge
from answerable.testing.model_server.server import ModelServer
from answerable.testing.projects import CONFIG, ProjectFolder

JUDGE = """
[[route]]
use = "judge"
chain = ["judge"]

[provider.judge]
kind = "openai-compatible"
base_url = "{url}"
model = "scripted-judge-latest"
timeout = "10s"

[price."scripted-judge-latest"]
input = 1.0
output = 2.0
"""
PASSAGE = ShownPassage(n=1, title="Returns", text="Refurbished items can be returned within 14 days of delivery.")
SCALE = (
    "---\nid: nice\nversion: 1.0.0\nquestion: How nice is it from 1 to 5?\nunsure_when: x\n---\n# Definitions\n"
)


def _labeled(project: ProjectFolder, n: int) -> None:
    """Of every ten answers the judge, which looks at the number, and people disagree on one; half are right."""
    items, labels = [], []
    for i in range(n):
        right = i % 2 == 0
        language = "de" if i % 10 == 1 else "en"
        answer = f"Within {14 if right else 90} days, said in way {chr(97 + i % 26)}{chr(97 + i // 26)} [1]."
        items.append(
            LabeledItem(item=f"i{i}", question="When?", answer=answer, context=(PASSAGE,), language=language)
        )
        agreed = i % 20 not in (0, 1)
        verdict = Answered.YES if right == agreed else Answered.NO
        labels += [
            Label(item=f"i{i}", criterion="grounded", rater=rater, verdict=verdict) for rater in ("ana", "ben")
        ]
    write_items(items, project.folder / "evals" / "items.jsonl")
    write_labels(labels, project.folder / "evals" / "labels.jsonl")


def test_a_judge_is_checked_against_people_and_what_was_found_is_kept(
    empty_project: ProjectFolder, model_server: ModelServer
) -> None:
    model_server.script(HonestJudge())
    empty_project.write("answerable.toml", CONFIG + JUDGE.format(url=model_server.openai_url))
    _labeled(empty_project, 100)
    done = empty_project.run("judge", "check", "--format", "json")
    assert done.code == 0, done.err
    assert "scripted-judge-latest may change under its name" in done.json["concerns"][0]
    (judge,) = done.json["judges"]
    overall = next(one for one in judge["accords"] if one["language"] == "all")
    assert (overall["n"], overall["unsure"], overall["failed"]) == (100, 0, 0)
    assert overall["kappa"]["value"] == pytest.approx(0.8)  # (0.9 - 0.5) / (1 - 0.5)
    assert overall["people_kappa"]["value"] == pytest.approx(1.0)
    assert overall["people_alpha"]["value"] == pytest.approx(1.0)
    assert overall["sensitivity"]["value"] == overall["specificity"]["value"] == 0.9
    assert {one["language"] for one in judge["accords"]} == {"all", "de", "en"}
    assert float(judge["cost"]) > 0
    (record,) = read_records(empty_project.folder / "evals" / "judge-fitness.json")
    assert fitness([record], criterion="grounded", judge=judge["identity"]).can_gate

    asked = len(model_server.requests)
    assert asked == 100
    _labeled(empty_project, 60)
    again = empty_project.run("judge", "check", "grounded", "--no-save")
    assert again.code == 11, again.err
    assert len(model_server.requests) == asked  # remembered
    assert "cannot gate: 60 labeled answers, at least 100 are needed: 40 more" in again.out
    assert "90 % (80–95)" in again.out
    assert read_records(empty_project.folder / "evals" / "judge-fitness.json") == [record]


def test_criteria_are_listed_shown_and_their_faults_named(empty_project: ProjectFolder) -> None:
    listed = empty_project.run("judge", "criteria", "--format", "json")
    assert {"complete", "grounded", "relevant", "safe"} <= {one["id"] for one in listed.json}
    shown = empty_project.run("judge", "show", "grounded")
    assert "Question: Is every statement in the answer supported by the passages?" in shown.out
    empty_project.write("criteria/nice.md", SCALE)
    found = empty_project.run("judge", "criteria", "--format", "json")
    assert found.code == 12
    assert {"no-scale", "closed-question", "sections"} <= {one["rule"] for one in found.json}
    unchecked = empty_project.run("judge", "check")
    assert unchecked.code == 2
    assert "there is no file of labels" in unchecked.err
