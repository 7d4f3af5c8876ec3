"""The reports: their words are golden, and other people's words in them are only words."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from answerable.evals.gate.decide import Rules
from answerable.evals.gate.markdown import write_markdown
from answerable.evals.gate.page import write_page
from answerable.evals.gate.quarantine import Quarantined
from answerable.evals.gate.record import report_record
from answerable.evals.gate.report import Report
from answerable.evals.gate.text import write_text
from answerable.evals.gate.waivers import Waiver
from answerable.evals.gate.worddiff import Kept, word_diff
from answerable.evals.stats.verdict import Change
from tests.unit.evals.gate.scripted import TODAY, report, row, side

CHANGED = {"prompts": "p2", "models": "m1", "index": "i1", "parameters": "a1", "code": "c1"}
GOLDEN = Path(__file__).parent / "golden"
HOSTILE = (
    "<script>alert(1)</script> | @someone https://evil.example #12 **bold** </pre><img src=x onerror=alert(1)>"
)


def answered(n: int, *, broken: tuple[int, ...] = (), fixed: tuple[int, ...] = (), base: bool = True):
    found = []
    for k in range(n):
        passed = k not in fixed if base else k not in broken
        found.append(
            row(
                f"case-{k:03d}",
                passed,
                category="conflict" if k % 3 else "typo",
                tags=("must-pass",) if k % 20 == 7 else (),
                text=f"It takes {17 if passed else 30} days [1].",
                scores={"span_recall@1000": 1.0, "ndcg@10": 0.8},
                ms=900 + 10 * k,
                cost="0.0021",
            )
        )
    return found


def made(*, broken: tuple[int, ...] = (), fixed: tuple[int, ...] = (), **given: object) -> Report:
    base = side(answered(60, fixed=fixed), commit="6f2c1e0aaaa", branch="main")
    head = side(answered(60, broken=broken, base=False), fingerprint=CHANGED)
    return report(base, head, rules=Rules(floors={"typo": 0.7}, latency_p95_ms=4000, cost_rise=0.15), **given)


CASES = {
    "better": lambda: made(fixed=tuple(range(0, 60, 5))),
    "worse": lambda: made(broken=tuple(range(2, 60, 5))),
    "cannot-tell": lambda: made(broken=(4, 11, 12), fixed=(8, 20)),
    "waived": lambda: made(
        broken=(7,),
        waivers=[
            Waiver(gate="must-pass:case-007", name="A. Person", reason="page is being mended", expires=TODAY),
            Waiver(gate="overall", name="B. Person", reason="too late", expires=TODAY - timedelta(days=1)),
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_terminal_report_is_as_it_was_agreed(name):
    golden = GOLDEN / f"{name}.txt"
    assert write_text(CASES[name]()) + "\n" == golden.read_text(encoding="utf-8")


def test_the_pull_request_comment_is_as_it_was_agreed():
    assert write_markdown(CASES["worse"]()) == (GOLDEN / "worse.md").read_text(encoding="utf-8")


def test_one_must_pass_case_that_breaks_is_a_failure_in_the_first_word():
    found = made(broken=(7,))
    assert found.comparison.overall.change is Change.CANT_TELL
    assert "## ❌ Failed. Overall can't tell." in write_markdown(found)


def hostile() -> Report:
    base, head = side([row("a", text="Seventeen days.")]), side([row("a", False, text=HOSTILE)])
    broken = replace(head.rows[0], scores=(replace(head.rows[0].scores[0], reason=HOSTILE),))
    return report(base, replace(head, rows=(broken,), run=replace(head.run, label=HOSTILE, fingerprint={})))


def test_hostile_answers_stay_text_in_markdown():
    text = write_markdown(hostile())
    outside = re.sub(r"<(/?(details|summary|code|pre|del|ins))>|<!-- answerable eval -->", "", text)
    assert "<" not in outside
    assert "https://" not in outside.replace("<pre>", "").split("### Broken")[0]
    assert "**bold**" not in outside.split("### Broken")[0]
    assert "@someone" not in re.sub(r"(?s)<pre>.*?</pre>", "", text)


def test_hostile_answers_stay_text_in_html():
    page = write_page(hostile())
    assert "<script>alert" not in page
    assert "<img" not in page
    assert page.count("<script>") == 1
    assert "http" not in re.sub(r"(?s)(<textarea.*?</textarea>|<body>.*</main>)", "", page).replace(
        "http-equiv", ""
    )


def test_the_page_puts_what_blocks_first():
    page = write_page(made(broken=(7, 8, 9, 10, 11, 12)))
    assert page.index('id="case-case-007"') < page.index('id="case-case-008"') < page.index('id="case-case-000"')
    assert "This case blocks the merge" in page


def test_the_json_is_plain_and_counts_what_it_stands_on():
    found = json.loads(json.dumps(report_record(CASES["worse"]())))
    assert (found["exit"], found["verdict"]) == (10, "worse")
    overall = next(line for line in found["lines"] if line["kind"] == "overall")
    assert (overall["n"], overall["unmeasured"], overall["broken"]) == (60, 0, 12)
    assert found["regressions"][0]["head_answer"] == "It takes 30 days [1]."


def test_a_quarantined_case_is_named_with_owner_and_last_day():
    base = side([row("a"), row("b")])
    aside = Quarantined(case="b", owner="someone@example.com", reason="flaky", expires=TODAY)
    found = report(base, base, quarantine=[aside])
    found = replace(found, quarantine=(aside,), comparison=replace(found.comparison, set_aside=frozenset({"b"})))
    assert "quarantined: b until 2026-11-22 (someone@example.com: flaky)" in write_text(found)


def test_a_word_diff_gives_both_texts_back():
    pieces = word_diff("It takes 30 days.", "It takes at most 17 days.")
    assert "".join(one.text for one in pieces if one.kept is not Kept.HEAD) == "It takes 30 days."
    assert "".join(one.text for one in pieces if one.kept is not Kept.BASE) == "It takes at most 17 days."
