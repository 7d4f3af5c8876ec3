"""What an experiment found, as values, as rows and as a page."""

from __future__ import annotations

import json
import re

import pytest

from answerable.lab.cuts import look_at
from answerable.lab.page import to_html
from answerable.lab.question import Questions
from answerable.lab.race import Ran
from answerable.lab.result import Experiment, Measured, result_of
from answerable.lab.text import COLUMNS, rows
from answerable.lab.verdicts import conclude
from tests.unit.lab.making import a_document, asking, cut_at, reading

DOC = a_document("One two three. Four five six.")


@pytest.fixture
def result():
    questions = tuple(asking((0, 5), name=f"q{n}", cluster=f"c{n}") for n in range(40))
    ran = {
        "base": Ran(readings={one.id: reading(0.5) for one in questions}),
        "<b>new</b>": Ran(readings={one.id: reading(0.7 + n / 1000) for n, one in enumerate(questions)}),
    }
    cuts = look_at([(DOC, cut_at(DOC, 5))], questions[:1])
    measured = {
        "base": Measured(name="base", cuts=cuts, query_ms=(1.0, 2.0)),
        "<b>new</b>": Measured(name="<b>new</b>", cuts=cuts, toml=("[retrieval]", "keep = 8"), cost_per_1000=0.2),
    }
    return result_of(
        Experiment(
            kind="retrieval",
            source="docs",
            documents=1,
            budget=100,
            questions=Questions(usable=questions),
            outcome=conclude(ran, questions, base="base"),
            measured=measured,
            made_at="2026-11-22T10:00:00",
        )
    )


def test_the_advice_comes_with_its_interval_and_its_lines(result):
    assert re.search(
        r"recommend <b>new</b> for source 'docs': \+21\.9 points \(\+\d.* \.\. \+\d", result["verdict"]
    )
    assert result["config_diff"] == ["[retrieval]", "keep = 8"]
    assert json.loads(json.dumps(result)) == result, "it can be kept as JSON and read again"


def test_a_row_has_a_cell_for_each_column(result):
    table = rows(result)
    assert {len(row) for row in table} == {len(COLUMNS)}
    best = dict(zip(COLUMNS, table[0], strict=True))
    assert (best["verdict"], best["cut spans"]) == ("better", "0 of 1")


def test_the_page_stands_alone_escapes_names_and_draws_every_plot(result):
    page = to_html(result)
    assert "<b>new" not in page
    assert "&lt;b&gt;new" in page
    assert not re.search(r"""(src|href)=|url\(|<script""", page)
    assert "default-src &#39;none&#39;" in page
    assert page.count("<svg") == 7
    assert "prefers-color-scheme: dark" in page
    assert "not measured" in page, "what has no price is not free"
