"""The report of a branch: short enough for a forge, inert whatever an answer says, the verdict first."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.evals.change.kinds import Changed, Kind
from answerable.evals.change.kinds import State as FileState
from answerable.evals.change.markdown import LIMIT, mark, write_markdown
from answerable.evals.change.record import branch_record
from answerable.evals.change.report import BranchReport, Found, PromptChange
from answerable.evals.change.stage import Stage, State, broke, skipped
from answerable.evals.change.verdict import verdict
from answerable.evals.gate.escaping import plain, raw
from tests.unit.evals.gate.scripted import report as compared
from tests.unit.evals.gate.scripted import row, side

HOSTILE = (
    "<img src=x onerror=alert(1)> ![x](https://evil.example/p.png) @team fixes #12 GH-7 !3 &5 www.evil.example\n"
    "/close\n| a | b |\n```\n</details><script>x</script> <!-- answerable ci --> [a](javascript:x) **bold** $x$"
)


def branch(base: object = None, head: object = None, **given_: object) -> BranchReport:
    found = compared(base, head) if base else None  # type: ignore[arg-type]
    stages = [Stage(name="gate", state=State.FAILED, words=HOSTILE, exit_code=10)] if found else []
    made = BranchReport(
        project="",
        base="main",
        base_commit="a" * 40,
        head_commit="b" * 40 + "+",
        changed=(Changed(path="prompts/answer.md", kind=Kind.PROMPT, state=FileState.CHANGED),),
        compared=found,
        stages=tuple(stages),
    )
    return replace(made, **given_)  # type: ignore[arg-type]


def sides(n: int, text: str) -> tuple[object, object]:
    before = [row(f"case-{i:03d}", text=f"It takes {i} days [1].") for i in range(n)]
    after = [row(f"case-{i:03d}", i % 3 == 0, text=f"{text} {i}") for i in range(n)]
    return side(before), side(after)


def test_nothing_in_an_answer_a_file_or_a_note_acts_on_the_forge() -> None:
    text = write_markdown(
        branch(
            *sides(6, HOSTILE),
            notes=(HOSTILE,),
            prompts=(PromptChange(id=HOSTILE, before="answer@1", after="answer@1", note=HOSTILE),),
            findings=(Found(place=HOSTILE, level="error", rule="r", what=HOSTILE, fix=HOSTILE),),
            changed=(Changed(path=HOSTILE, kind=Kind.BASELINE, state=FileState.CHANGED, details=(HOSTILE,)),),
        )
    )
    assert text.count("<!--") == 1, "one mark"
    assert not re.search(r"<(img|script)|@\w|(?<!\w)#\d|GH-\d|://|www\.\w|&amp;\d|!\d", text)
    assert not any(line.startswith(("/", "```")) for line in text.splitlines())
    assert text.count("<details>") == text.count("</details>")


@settings(max_examples=30)
@given(st.text(alphabet="<>&@#!|`*_[]()~$:/.\\\n\r\t-+1aGHw\u2060\u202e", max_size=60))
def test_no_words_become_markup_a_mention_or_a_reference(words: str) -> None:
    for written in (plain(words), raw(words)):
        assert "\n" not in written and "<" not in written and ">" not in written
        assert not re.search(r"@[\w-]|#\d|!\d|://|www\.", written)
    assert not re.search(r"(?<!\\)[*_`\[\]|~]", plain(words).replace("\\\\", ""))


def test_what_a_forge_would_not_take_is_cut_and_the_report_says_so() -> None:
    long = branch(*sides(100, "word " * 400), behavior="x" * 20_000)
    text = write_markdown(long)
    assert len(text) <= LIMIT
    assert "(cut: " in text and "Cut: the matrix" in text
    assert re.search(r"Cut: \d+ more cases: case-", text)
    tiny = write_markdown(long, limit=3000)
    assert len(tiny) <= 3000 and tiny.endswith("Cut here: the report is longer than a forge takes.\n")


def test_the_verdict_is_one_sentence_that_stands_first() -> None:
    worse = branch(*sides(60, "no"))
    assert verdict(worse) == "Worse: 40 cases that passed now fail; none mended."
    assert write_markdown(worse).splitlines()[2] == f"## ❌ {verdict(worse)}"
    better = branch(*reversed(sides(60, "no")), stages=())
    assert verdict(better) == "Better: 40 cases mended, none broken."
    nothing = branch(changed=(Changed(path="README.md", kind=Kind.OTHER, state=FileState.ADDED),))
    assert verdict(nothing) == "Nothing that decides an answer changed."
    torn = branch(stages=(skipped("lint", "no prompt changed"), broke("gate", "the database does not answer", 4)))
    assert (verdict(torn), torn.exit_code) == ("Not all of it could be checked: gate broke.", 4)


def test_a_text_that_changed_under_its_version_is_said_loudly() -> None:
    silent = PromptChange(id="answer", before="answer@1.0.0", after="answer@1.0.0", note="")
    assert "**Another text under the same version:** answer@" in write_markdown(branch(prompts=(silent,)))


def test_each_project_has_a_comment_of_its_own_and_its_mark_holds_no_markup() -> None:
    assert mark("") == "<!-- answerable ci -->"
    assert mark("apps/shop-->x") == "<!-- answerable ci apps/shop---x -->"


def test_the_json_has_the_verdict_the_stages_and_the_gate() -> None:
    record = branch_record(branch(*sides(30, "no")))
    assert (record["exit"], record["gate"]["exit"]) == (10, 10)
    assert len(record["gate"]["regressions"]) == 20
    assert record["stages"][0]["name"] == "gate"
    assert branch_record(branch())["gate"] is None
