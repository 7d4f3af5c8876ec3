"""People's review on the command line: one project, from answers to labels."""

from __future__ import annotations

import json

from tests.acceptance.cli.asked import QUESTIONS


def test_from_answers_to_labels(asked_project):
    early = asked_project.run("review", "plan", "--period", "2199-W01")
    assert (early.code, "is not over" in early.err) == (2, True), early.err

    drawn = asked_project.run("review", "plan", "--now", "--format", "json")
    assert drawn.code == 0, drawn.err
    count = drawn.json["items"]
    assert count == drawn.json["population"] >= len(QUESTIONS)  # fewer than [review] items: all of them

    shown = asked_project.run("review", "next", "-r", "ann", "--format", "json")
    assert shown.code == 0, shown.err
    sheet = shown.json
    assert sheet["question"].endswith("?")
    assert not {"model", "prompt", "confidence", "trace"} & set(sheet)  # blind

    said = [f"--verdict={one['id']}=no" for one in sheet["criteria"]]
    refused = asked_project.run("review", "next", "-r", "ann", "--item", sheet["item"], *said)
    assert (refused.code, "a reason" in refused.err) == (2, True), refused.err
    kept = asked_project.run(
        "review", "next", "-r", "ann", "--item", sheet["item"], *said, "--reason", "=no page says so"
    )
    assert kept.code == 0, kept.err

    stats = asked_project.run("review", "stats")
    assert stats.code == 0, stats.err
    assert f"1 of {count + 2}" in stats.out  # a fifth has two readers
    assert "%" not in stats.out.replace("95 % interval", "")  # too few for percentages

    out = asked_project.run("review", "export", "-o", "out")
    assert out.code == 0, out.err
    labels = [json.loads(line) for line in (asked_project.folder / "out/labels.jsonl").read_text().splitlines()]
    assert {(one["rater"], one["verdict"], one["probability"]) for one in labels} == {("ann", "NO", 1.0)}
    assert ",'=no page says so," in (asked_project.folder / "out/reviews.csv").read_text()
    assert sheet["question"] in (asked_project.folder / "out/items.jsonl").read_text()

    again = ("review", "next", "-r", "bob", "--item", sheet["item"], *said, "--reason", "no page says so")
    assert asked_project.run(*again).code == 0  # the first in the order has two readers
    promised = asked_project.run("abstain", "calibrate", "--reviews", "--format", "json", "--save", "read.jsonl")
    assert promised.code == 11, promised.err
    answers = [json.loads(line) for line in (asked_project.folder / "read.jsonl").read_text().splitlines()]
    assert promised.json["questions"] + promised.json["unmeasured"] == count
    answered = any(one["id"] == "grounded" for one in sheet["criteria"])
    assert [one["wrong"] for one in answers if one["wrong"] is not None] == ([True] if answered else [])

    config = asked_project.config.read_text()
    asked_project.write("answerable.toml", config + "\n[retrieval]\nkeep = 4\n")
    other = asked_project.run("abstain", "calibrate", "--reviews", "--format", "json")
    asked_project.write("answerable.toml", config)
    assert (other.json["questions"], other.json["unmeasured"]) == (0, count)  # they are of another system
