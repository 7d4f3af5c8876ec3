"""What prompt lint finds: the naive prompt's gaps, seeded faults, nothing in prompts that are well made."""

from __future__ import annotations

import json

import pytest
from benchmarks.prompt_lint import RULE_OF, SETS, faults, measured
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.docs.figures import RESULTS

from answerable.core.errors import ConfigError
from answerable.prompts.collection import load_library, shipped
from answerable.prompts.file import parse
from answerable.prompts.include import MOST_CHARS
from answerable.prompts.lint.draft import Draft
from answerable.prompts.lint.known import Known
from answerable.prompts.lint.linter import lint_text
from answerable.prompts.lint.rule import rules
from answerable.prompts.lint.sarif import sarif
from answerable.prompts.lint.scale import scale
from answerable.prompts.prompt import FAILURES

NAIVE = """You are a helpful customer support agent for TechCorp.
Answer the customer's question based on the following context.
Context: {context}
Question: {question}
"""
MISSED = {  # what rules over words cannot tell; docs/prompts/lint.md names them
    "hard-quoted-example",
    "hard-other-task",
    "hard-irony",
    "hard-only-german-questions",
    "hard-other-failure",
}
ANSWER = load_library("answer").source
FAULTS = faults()


def said(text: str, **known) -> dict[str, str]:
    """Rule → what is said, of the last finding of each."""
    return {one.rule: one.what for one in lint_text(text, where="p.md", known=Known(**known)).findings}


def test_the_naive_prompt_has_all_five_gaps_and_what_else_is_wrong_with_it():
    linted = lint_text(NAIVE, where="naive.txt")
    found = {one.rule for one in linted.findings}
    assert set(RULE_OF.values()) <= found
    assert {"no-front-matter", "no-owner", "no-purpose", "no-change-note", "unfenced-input"} <= found
    assert [(one.line, one.column) for one in linted.findings if one.rule == "unfenced-input"] == [
        (3, 10),
        (4, 11),
    ]


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_prompt_has_no_findings(name):
    prompt = load_library(name)
    linted = lint_text(prompt.source, where=prompt.where)
    assert linted.findings == ()
    assert linted.suppressed == ()


def test_there_are_many_seeded_faults_of_every_kind_and_hard_ones():
    assert len(FAULTS) >= 30
    assert len({one["id"] for one in FAULTS}) == len(FAULTS)
    assert sum(bool(one.get("hard")) for one in FAULTS) >= 8
    assert {one["rule"] for one in FAULTS} | {"implicit-language", "allow-without-finding"} == set(rules())


def test_seeded_faults_are_found_but_those_that_are_known_to_be_missed_and_the_figures_are_those_that_are_kept():
    """Of the half that was held out, too: a change of a rule shows in the table."""
    made = measured()
    assert {one["id"] for one in made["faults"] if not one["found"]} == MISSED
    assert made["halves"]["tuning"]["alarms"] == made["halves"]["tuning"]["missed"] == []
    assert made == json.loads((RESULTS / "prompt_lint.json").read_text("utf-8"))


def test_a_finding_points_at_its_place_also_behind_an_included_part():
    text = load_library("judge").source.replace("# How to judge\n", "# How to judge\nRate it from 1 to 5.\n")
    (one,) = lint_text(text, where="j").findings
    assert (one.rule, one.text, one.column) == ("scale-judge", "Rate it from 1 to 5.", 1)
    assert text.split("\n")[one.line - 1] == one.text


def test_what_is_wrong_in_an_included_part_points_at_the_line_that_includes_it():
    text = ANSWER.replace("# This request\n", '# This request\n{% include "parts/extra.md" %}\n')
    linted = lint_text(text, where="p.md", known=Known(read={"parts/extra.md": "One.\nScore it out of 10."}.get))
    (one,) = linted.findings
    assert one.rule == "scale-judge"
    assert text.split("\n")[one.line - 1] == '{% include "parts/extra.md" %}'


@pytest.mark.parametrize(
    "text", ["Never rate from 1 to 5.", "Use no scale of 1 to 10.", "Section 1 to 5 are rules."]
)
def test_no_scale_is_seen_where_none_is_asked_for(text):
    assert "scale-judge" not in said(ANSWER.replace("# Rules\n", f"# Rules\n\n{text}\n"))


def test_a_change_needs_a_higher_version_and_a_note_of_its_own():
    raised = ANSWER.replace("at most four", "at most five").replace(
        f"version: {load_library('answer').version}", "version: 9.0.0"
    )
    assert "version-not-raised" in said(ANSWER.replace("at most four", "at most five"), base=ANSWER)
    assert said(raised, base=ANSWER).keys() == {"no-change-note"}
    assert not said(raised.replace("change: ", "change: Shorter. "), base=ANSWER)
    assert not said(ANSWER, base=ANSWER)


def test_a_change_of_an_included_part_is_a_change_of_the_prompt():
    part = {"parts/extra.md": "Be kind."}
    text = ANSWER.replace("# This request\n", '# This request\n{% include "parts/extra.md" %}\n')
    assert not said(text, base=text, read=part.get, read_base=part.get)
    changed = {"parts/extra.md": "Be brief."}
    assert said(text, base=text, read=changed.get, read_base=part.get).keys() == {"version-not-raised"}


def test_a_finding_is_put_aside_with_a_reason_and_shown_as_such():
    text = ANSWER.replace(
        "route: answer\n", "route: answer\ntemperature: 0.7\nallow: {hot-temperature: an experiment}\n"
    )
    parse(text, where="p.md")
    linted = lint_text(text, where="p.md")
    assert linted.findings == ()
    assert [(one.finding.rule, one.reason) for one in linted.suppressed] == [("hot-temperature", "an experiment")]


def test_a_reason_is_needed_and_one_for_nothing_is_itself_a_finding():
    without = ANSWER.replace("route: answer\n", "route: answer\ntemperature: 0.7\nallow: {hot-temperature: ''}\n")
    assert "hot-temperature" in said(without)
    with pytest.raises(ConfigError):
        parse(without, where="p.md")
    needless = ANSWER.replace(
        "route: answer\n", "route: answer\nallow: {secret: it is a fake, sclae-judge: none}\n"
    )
    findings = lint_text(needless, where="p.md").findings
    assert [one.what for one in findings] == [
        "`allow` puts secret aside, which finds nothing here",
        "`allow` puts sclae-judge aside, which is the name of no rule",
    ]


def test_a_prompt_that_shows_no_words_of_strangers_needs_no_protections():
    assert not set(RULE_OF.values()) & said("Reply with the word: ready").keys()


@pytest.mark.parametrize("value", ["hot", "[1]", ".inf", ".nan", "true", "-1"])
def test_a_temperature_that_is_none_is_named_and_crashes_nothing(value):
    assert "not-loadable" in said(ANSWER.replace("route: answer\n", f"route: answer\ntemperature: {value}\n"))


PIECES = st.sampled_from(
    [
        *(
            "---\n",
            "id: x\n",
            "inputs: [question]\n",
            "inputs: 3\n",
            "handles: [a]\n",
            "allow: 1\n",
            "--- user ---\n",
        ),
        *(
            "{{ question }}",
            "{% if x %}",
            '{% include "parts/marked.md" %}\n',
            '{% include "../x" %}\n',
            "{{",
            "}}",
            "{#",
        ),
        *("\r\n", "\ufeff", "\x00", "ÄÖ ", "rate 1-5 "),
    ]
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=12).map("".join))
def test_whatever_the_text_lint_ends_and_points_into_it(text):
    lines = text.replace("\r\n", "\n").split("\n")
    for one in lint_text(text, where="x.md").findings:
        assert 1 <= one.line <= len(lines)
        assert 1 <= one.column <= len(one.text) + 1
        assert one.width >= 1


def test_sarif_has_what_the_schema_and_code_scanning_ask_for():
    text = ANSWER.replace(
        "route: answer\n", "route: answer\ntemperature: 0.7\nallow: {hot-temperature: an experiment}\n"
    )
    for linted in (lint_text(NAIVE, where="prompts/na ive.md"), lint_text(text, where="p.md")):
        made = json.loads(json.dumps(sarif(linted, version="1.2.3")))
        assert made["version"] == "2.1.0"
        assert made["$schema"].endswith("sarif-schema-2.1.0.json")
        (run,) = made["runs"]
        driver = run["tool"]["driver"]
        assert (driver["name"], driver["semanticVersion"]) == ("answerable prompt lint", "1.2.3")
        assert [one["id"] for one in driver["rules"]] == list(rules())
        assert all(
            one["help"]["text"] and one["help"]["markdown"] and one["shortDescription"]["text"]
            for one in driver["rules"]
        )
        assert {one["defaultConfiguration"]["level"] for one in driver["rules"]} == {"error", "warning"}
        assert len(run["results"]) == len(linted.findings) + len(linted.suppressed) > 0
        for result in run["results"]:
            assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
            assert result["level"] in ("error", "warning")
            assert result["message"]["text"]
            assert len(result["partialFingerprints"]["answerablePrompt/v1"]) == 16
            (place,) = (one["physicalLocation"] for one in result["locations"])
            assert " " not in place["artifactLocation"]["uri"]
            assert 1 <= place["region"]["startLine"] <= place["region"]["endLine"]
            assert 1 <= place["region"]["startColumn"] < place["region"]["endColumn"]
    assert [one["suppressions"] for one in run["results"]] == [
        [{"kind": "inSource", "justification": "an experiment"}]
    ]


def test_a_fingerprint_outlives_lines_above_and_differs_between_findings():
    first = {one.rule: one.fingerprint for one in lint_text(NAIVE, where="x").findings if one.line > 2}
    later = {
        one.rule: one.fingerprint for one in lint_text("Hello.\n" + NAIVE, where="x").findings if one.line > 2
    }
    assert first == later
    assert len(fingerprints := [one.fingerprint for one in lint_text(NAIVE, where="x").findings]) == len(
        set(fingerprints)
    )


def test_the_hard_faults_that_were_held_out_are_other_ones():
    held = faults("faults-held-out")
    assert len(held) >= 8
    assert not {one["base"] for one in held} & {one["base"] for one in FAULTS}
    assert (SETS / "held-out.yaml").is_file()
    assert set(RULE_OF) == set(FAILURES)


def test_a_text_with_many_uses_is_asked_once_whose_words_they_are(monkeypatch):
    """Asked at every use, 2,000 conditions took half a minute."""
    asked = []
    untrusted = Draft.untrusted.fget
    monkeypatch.setattr(Draft, "untrusted", property(lambda draft: asked.append(draft) or untrusted(draft)))
    found = lint_text(
        load_library("answer").source + "{% if question %}" * 300, where="prompts/answer.md"
    ).findings
    assert len(asked) < 10
    assert len([one for one in found if one.rule == "unfenced-input"]) == 300


@pytest.mark.parametrize("piece", ["\n", "never rate it from 1 to 5 "])
def test_a_scale_is_looked_for_in_a_long_text_too(piece):
    """Sixty thousand line ends took seven seconds."""
    assert scale(piece * (60_000 // len(piece))) is None
    assert scale(piece * 2_000 + "\n\nRate it from 1 to 5.") is not None


def test_parts_that_are_included_too_often_are_no_text_to_lint():
    source = load_library("rewrite").source
    line = '{% include "parts/marked.md" %}\n'
    draft = Draft.read(source + line * 1_500, where="prompts/rewrite.md")
    assert len(draft.text) < 2 * MOST_CHARS
    assert "too-long" in {one.rule for one in lint_text(draft.source, where="prompts/rewrite.md").findings}
