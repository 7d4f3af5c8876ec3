"""Reports: causes first, nothing blended, nothing of a stranger's text that is more than text."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from answerable.cli.run_summary import print_summary
from answerable.core.evaluation import Score, Status
from answerable.core.identity import sha256_hex
from answerable.core.outcome import Outcome
from answerable.core.rows import row_of
from answerable.evals.runs.bundle import MANIFEST, bundle_files
from answerable.evals.runs.html import to_html
from answerable.evals.runs.junit import to_junit
from answerable.evals.runs.report import report_of
from answerable.testing.runs import make_run
from tests.unit.evals.runs.making import bad, case, good, row, unmeasured

HOSTILE = (
    "</p><script>alert(1)</script><img src=x onerror=alert(2)> & \u202egnp.exe\u202c {{ 7*7 }} \x00\x1b[31m ]]>"
)


def a_report(*rows, **changes):
    cases = tuple(dict.fromkeys(one.case for one in rows))
    return report_of(make_run(**{"cases": cases, "repeats": 1, **changes}), rows)


def with_text(text: str, **changes):
    """A failed row in which a stranger's text stands wherever it can."""
    asked = replace(case("a"), question=text, why=text)
    made = row(asked, (bad(reason=text), Score(name="judge:safe", value=0.0, reason=text)))
    answer = {
        **made.answer,
        "text": text,
        "sources": [{"n": 1, "uri": text, "section": text, "quote": text, "stale": True}],
        "passages": [{"uri": text, "section": text, "text": text, "score": 0.5}],
        "withheld": [{"text": text, "reason": text}],
    }
    return replace(made, answer=answer, **changes)


class Elements(HTMLParser):
    """The tags, the attributes and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.said: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.said.append(data)


def test_causes_come_with_their_cases_the_commonest_first_and_the_unmeasured_last():
    rows = [
        row(case("a"), (bad(),)),
        row(case("b"), (bad("cites"),)),
        row(case("c"), (bad("cites"),)),
        *[row(case(name), (unmeasured(),)) for name in "def"],
        row(case("g"), (good(),)),
    ]
    report = a_report(*rows)
    assert [(one["cause"], one["cases"]) for one in report["causes"]] == [
        ("source", ["b", "c"]),
        ("left-out", ["a"]),
        ("unmeasured", ["d", "e", "f"]),
    ]
    assert (report["overall"]["text"], report["overall"]["unmeasured"]) == ("1 of 4", 3)
    assert [one["state"] for one in report["cases"]] == ["failed"] * 3 + ["unmeasured"] * 3 + ["passed"]


def test_cases_that_were_not_asked_are_named_and_counted():
    report = a_report(row(case("a"), (good(),)), cases=("a", "b", "c"))
    assert report["not_asked"] == ["b", "c"]
    assert report["overall"]["unmeasured"] == 2


def test_expected_phrases_say_whether_the_answer_has_them():
    scores = (
        Score(name="must", value=0.5, passed=False, detail={"missing": ["y"], "accepted": ["z"]}),
        Score(name="must_not", value=0.0, passed=False, detail={"said": ["n"]}),
        unmeasured("cites"),
    )
    asked = case("a", must=("x", "y"), must_not=("n", "m"), cites=("a.md",))
    (one,) = a_report(row(asked, scores))["cases"]
    expected = one["expected"]
    assert expected["must"] == [{"text": "x", "in": True}, {"text": "y", "in": False}]
    assert expected["must_not"] == [{"text": "n", "in": True}, {"text": "m", "in": False}]
    assert expected["cites"] == [{"text": "a.md", "in": None}]
    assert expected["accepted"] == ["z"]


def test_retrieved_passages_say_whether_they_are_of_an_expected_page():
    (right,) = a_report(row(case("a", cites=("returns.md#limits",)), (good(),)))["cases"]
    (wrong,) = a_report(row(case("a", cites=("other.md",)), (good(),)))["cases"]
    assert [one["expected"] for one in right["passages"] + wrong["passages"]] == [True, False]


def test_costs_of_answers_and_judges_are_apart_and_an_unknown_price_is_not_zero():
    priced = row(case("a"), (good(),), cost=Decimal("0.5"), judge_cost=Decimal("0.1"))
    taken = row(case("b"), (good(),), cost=Decimal("0.25"))
    taken = replace(taken, answer={**taken.answer, "cached": True})
    cost = a_report(priced, taken, row(case("c"), (good(),), cost=None))["cost"]
    assert cost == {"answers": "0.75", "priced": 2, "unpriced": 1, "judges": "0.1", "now": "0.6"}
    assert a_report(row(case("a"), (good(),), cost=None))["cost"]["answers"] is None


def test_latency_is_of_what_this_run_asked_itself():
    taken = row(case("b"), (good(),), latency_ms=5.0)
    taken = replace(taken, answer={**taken.answer, "cached": True})
    broken = row(case("c"), (), latency_ms=7.0, error="broke", passed=None)
    latency = a_report(row(case("a"), (good(),), latency_ms=10.0), taken, broken)["latency"]
    assert (latency["n"], latency["p50"]["ms"]) == (1, 10.0)
    assert a_report(taken)["latency"] == {"p50": None, "p95": None, "n": 0}


def test_metrics_stand_each_by_itself_and_judges_raw_rates_nowhere():
    rows = [
        row(case("a"), (good(), Score(name="similarity", value=0.5), Score(name="judge:safe", value=1.0))),
        row(case("b"), (bad(), unmeasured("similarity"))),
    ]
    report = a_report(*rows, row(case("c"), (good(), unmeasured("judge:safe"))))
    assert report["judges"] == [{"name": "judge:safe", "asked": 2, "unmeasured": 1}]
    assert "judge:safe asked 2 times, 1 unmeasured" in to_html(report)
    metrics = {one["name"]: one for one in a_report(*rows)["metrics"]}
    assert set(metrics) == {"must", "similarity"}
    assert (metrics["must"]["passed"], metrics["must"]["barred"]) == (1, 2)
    assert (metrics["similarity"]["n"], metrics["similarity"]["unmeasured"]) == (1, 1)


def test_steps_that_were_left_out_are_counted():
    hurried = row(case("a"), (good(),))
    hurried = replace(hurried, answer={**hurried.answer, "degraded": ["lexical_only", "outcome_guessed"]})
    report = a_report(hurried)
    assert report["degraded"] == {"lexical_only": 1}
    assert report["cases"][0]["guessed"]
    assert "lexical_only" in to_html(report)


def test_a_report_is_json():
    report = a_report(with_text(HOSTILE))
    assert json.loads(json.dumps(report)) == report


def test_a_page_holds_strangers_text_as_text_and_runs_only_its_own_script():
    plain, hostile = (Elements(to_html(a_report(with_text(text)))) for text in ("harmless", HOSTILE))
    assert hostile.tags == plain.tags
    assert [name for name, _ in hostile.attributes] == [name for name, _ in plain.attributes]
    assert not [name for name, _ in hostile.attributes if name.startswith("on") or name == "style"]
    assert "{{ 7*7 }}" in "".join(hostile.said)
    page = to_html(a_report(with_text(HOSTILE)))
    assert page.count("<script>") == 1
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1]
    assert "default-src &#39;none&#39;" in policy
    assert "unsafe" not in policy


def test_a_page_needs_no_other_file():
    found = Elements(to_html(a_report(row(case("a"), (bad(),)))))
    addresses = [value for name, value in found.attributes if name in ("src", "href", "action", "srcset")]
    assert all(one.startswith("#") for one in addresses)
    assert not {"link", "img", "iframe", "object", "form"} & set(found.tags)


def test_a_page_shows_causes_before_categories_before_cases():
    page = to_html(a_report(row(case("a"), (bad(),))))
    places = [page.index(f'id="{name}"') for name in ("causes", "categories", "rows", "again")]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "report",
    [
        a_report(cases=()),
        a_report(cases=("a", "b")),
        a_report(row(case("a"), (), passed=None, error="broke", answer={})),
        a_report(row(case("ä <b>"), (bad(),))),
        a_report(*[row(case(f"c{n}"), (bad(),)) for n in range(40)]),
    ],
    ids=["nothing", "not asked", "broken", "odd id", "all failed"],
)
def test_every_kind_of_run_has_a_page_and_valid_xml(report):
    assert "</html>" in to_html(report)
    root = ET.fromstring(to_junit(report))
    tests = root.findall(".//testcase")
    assert root.get("tests") == str(len(tests))
    assert root.get("errors") == str(len(root.findall(".//error")))
    assert root.get("failures") == str(len(root.findall(".//failure")))


def test_junit_has_a_suite_a_category_a_test_a_row_and_tells_failed_from_unmeasured():
    rows = [
        row(case("a"), (good(),), 0),
        row(case("a"), (bad(reason="missing: 30 days"),), 1),
        row(case("b", tags=("typo",)), (unmeasured(),)),
    ]
    root = ET.fromstring(to_junit(a_report(*rows, cases=("a", "b", "c"), repeats=2)))
    suites = {one.get("name"): one for one in root}
    assert set(suites) == {"obvious", "typo", "not asked"}
    assert [one.get("name") for one in suites["obvious"].iter("testcase")] == ["a", "a #2"]
    failure = suites["obvious"].find(".//failure")
    assert "missing: 30 days" in failure.get("message")
    assert "expected: answered" in failure.text
    assert suites["typo"].find(".//error") is not None
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("4", "1", "2")


def test_junit_holds_what_xml_cannot_without_breaking():
    root = ET.fromstring(to_junit(a_report(with_text(HOSTILE))))
    failure = root.find(".//failure")
    assert "<script>alert(1)</script>" in failure.text
    assert "\x1b" not in failure.text


def test_a_bundle_holds_what_reproduces_the_run_and_its_hashes():
    asked = [case("a"), case("b", outcome=Outcome.ABSTAINED, must=())]
    rows = [row(one, (good(),)) for one in asked]
    run = make_run(cases=("a", "b"), commit="0" * 40, detail={"filter": ["tag:x"], "day": "2026-11-22"}, repeats=3)
    made = bundle_files(run, rows, asked, changed=1, files={"prompts/answer.md": b"# Role"})
    assert set(made) == {
        "README.md", "run.json", "cases.jsonl", "rows.jsonl", "report.json", "prompts/answer.md", MANIFEST,
    }  # fmt: skip
    listed = dict(line.split("  ")[::-1] for line in made[MANIFEST].decode().splitlines())
    assert listed == {name: sha256_hex(data) for name, data in made.items() if name != MANIFEST}
    lines = made["rows.jsonl"].decode().splitlines()
    assert [row_of(json.loads(line)) for line in lines] == rows
    readme = made["README.md"].decode()
    assert "answerable eval run --filter tag:x --repeat 3" in readme
    assert "git checkout 0000000" in readme
    assert "personal data" in readme


def test_the_terminal_says_why_a_judge_has_no_word(capsys):
    down = Score(name="judge:safe", status=Status.ERROR, reason="unmeasured: the judge's provider does not answer")
    print_summary(a_report(row(case("a"), (good(), down))))
    assert "1 unmeasured: 1 × the judge's provider does not answer" in capsys.readouterr().out


def test_the_terminal_says_why_nothing_could_be_measured(capsys):
    down = "the endpoint does not answer\n\x1b[31m(is it up?)"
    broken = [replace(row(case(name), ()), passed=None, error=down) for name in "abc"]
    print_summary(a_report(*broken))
    printed = capsys.readouterr().out
    assert "unmeasured, 3 × the endpoint does not answer [31m(is it up?)" in printed
    assert "\x1b" not in printed
