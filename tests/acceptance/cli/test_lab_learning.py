"""`lab rerank --train` and `lab embedding --adapt` as processes: refused, learned, put in place, and used."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from answerable.testing.projects import CONFIG, ProjectFolder, make_project, open_folder

NAMES = (
    "amber basil cedar delta ember fjord grove haven ivory jetty karst lumen maple nylon ochre pearl quartz "
    "river slate tulip umber vivid wheat xenon yucca zinnia acorn birch coral dune elm fern"
).split()


def page(name: str, number: int, *, old: bool) -> str:
    day = date(2024 if old else 2026, 1, 1) + timedelta(days=number)
    title = f"What is the monthly fee of the {name} plan?" if old else "Prices"
    text = f"The monthly fee of the {name} plan is {number + 3} euros." if old else fee(name, number)
    return f"---\ntitle: {title}\nupdated: {day}\n---\n# {title}\n\n{text}\n"


def fee(name: str, number: int) -> str:
    return f"Customers of {name} pay {number + 50} euros each time."


@pytest.fixture(scope="module")
def plans() -> Iterator[ProjectFolder]:
    """Of every plan an old page that repeats the question, and a newer one that holds today's fee."""
    pages = {
        f"{name}-{'old' if old else 'new'}.md": page(name, number, old=old)
        for number, name in enumerate(NAMES)
        for old in (True, False)
    }
    with make_project(open_folder(), pages=pages, config=CONFIG).kept() as project:
        assert project.run("source", "sync").code == 0
        yield project


def write_pairs(project: ProjectFolder, count: int) -> None:
    lines = [
        json.dumps(
            {
                "id": name,
                "question": f"What is the monthly fee of the {name} plan?",
                "spans": [{"document": f"{name}-new.md", "quote": fee(name, number)}],
            }
        )
        for number, name in list(enumerate(NAMES))[:count]
    ]
    project.write("evals/pairs.jsonl", "\n".join(lines) + "\n")


def test_too_few_pairs_are_told_and_enough_are_learned_from_and_used(plans: ProjectFolder) -> None:
    write_pairs(plans, 12)
    refused = plans.run("lab", "rerank", "--train")
    assert refused.code == 11, refused.err
    assert "about 18 more are needed" in refused.out

    write_pairs(plans, len(NAMES))
    learned = plans.run("lab", "rerank", "--train", "--apply", "--format", "json")
    assert learned.code == 0, learned.err
    held = learned.json["held_out"]
    assert held["low"] > 0
    assert held["n"] == len(NAMES)
    assert any(one for name, one in learned.json["weights"].items() if name != "base")
    assert 'reranker = "learned"' in plans.config.read_text()

    found = plans.run("search", "What is the monthly fee of the ochre plan?", "--format", "json")
    assert found.code == 0, found.err
    assert "ochre-new.md" in json.dumps(found.json[0] if isinstance(found.json, list) else found.json)

    file = plans.folder / "lab" / "reranker.json"
    file.write_text(file.read_text().replace('"fresh": ', '"fresh": 1'))
    tampered = plans.run("search", "What is the monthly fee of the ochre plan?")
    assert (tampered.code, "was changed after it was written" in tampered.err) == (1, True)
