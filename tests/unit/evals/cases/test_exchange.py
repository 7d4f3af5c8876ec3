"""Cases to and from other tools: what comes back is what went out, and what cannot go is said."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from answerable.core.errors import ConfigError
from answerable.core.evaluation import EvalCase, Expectation, GoldSpan
from answerable.core.outcome import Outcome
from answerable.core.query import Turn
from answerable.evals.cases.exchange.brought import Bringing
from answerable.evals.cases.exchange.formats import Kind, beside, bring, write
from answerable.evals.cases.files import load_cases
from answerable.evals.cases.writing import json_line

DATA = Path(__file__).parent / "data"
SAMPLE = Path(__file__).parents[4] / "examples" / "techcorp" / "evals" / "cases"
HARD = EvalCase(
    id="hard-one",
    question="=1+1; is it\n'so', \"yes\"?",
    tags=("obvious", "must-pass"),
    language="es",
    filters={"status": ("published", "draft")},
    groups=("staff",),
    history=(Turn(role="user", text="Hi"), Turn(role="assistant", text="Hello")),
    expect=Expectation(
        outcome=Outcome.PARTIAL,
        must=("-5", "a; b", "[x]"),
        must_not=("two\nlines",),
        accept_also=("@five",),
        cites=("a.md#b",),
        spans=(GoldSpan(document="a.md", quote="It is so."),),
        criteria=("grounded",),
        reference="'=so",
    ),
    why="Everything at once.",
    origin={"author": "ann", "date": date(2026, 1, 2), "chunks": ["ch_1"]},
    confirmed=date(2026, 11, 20),
    gold_version={"a.md": "sha256:" + "a" * 64},
    cluster="topic",
)
SUFFIX = {Kind.PROMPTFOO: ".yaml", Kind.RAGAS: ".jsonl", Kind.CSV: ".csv", Kind.JSONL: ".jsonl"}


def there_and_back(
    folder: Path, cases: list[EvalCase], kind: Kind, criteria: dict[str, str] | None = None
) -> Bringing:
    path = folder / f"file{SUFFIX[kind]}"
    written = write(cases, kind, criteria=criteria or {})
    path.write_text(written.text, newline="")
    if written.beside:
        beside(path).write_text(written.beside)
    return bring(path, kind=None, languages=("en", "de", "es"), taken={})


def read(name: str, languages: tuple[str, ...] = ("en", "de")) -> Bringing:
    return bring(DATA / name, kind=None, languages=languages, taken={})


@pytest.mark.parametrize("kind", list(Kind))
def test_the_sample_and_a_hard_case_come_back_whole(tmp_path: Path, kind: Kind) -> None:
    cases = [*load_cases([SAMPLE]), HARD]
    back = there_and_back(tmp_path, cases, kind)
    assert back.problems == []
    assert [json_line(one) for one in back.cases] == [json_line(one) for one in cases]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Kind.PROMPTFOO, "outcome: kept in metadata, promptfoo does not check it"),
        (Kind.RAGAS, "must: Ragas cannot carry it; it is in the second file"),
    ],
)
def test_what_the_other_tool_cannot_carry_is_said(kind: Kind, said: str) -> None:
    notes = write([HARD], kind, criteria={}).notes
    assert said in {one.what for one in notes}
    assert {one.where for one in notes} == {"hard-one"}


def test_promptfoo_gets_assertions_that_mean_the_same(tmp_path: Path) -> None:
    written = write([HARD], Kind.PROMPTFOO, criteria={"grounded": "Is it grounded?"})
    (test,) = yaml.safe_load(written.text)["tests"]
    assert {"type": "icontains-any", "value": ["-5", "@five"]} in test["assert"]
    assert {"type": "not-icontains", "value": "two\nlines"} in test["assert"]
    assert {"type": "llm-rubric", "metric": "grounded", "value": "Is it grounded?"} in test["assert"]
    back = there_and_back(tmp_path, [HARD], Kind.PROMPTFOO, {"grounded": "Is it grounded?"})
    assert json_line(back.cases[0]) == json_line(HARD)


def test_an_assertion_changed_over_there_is_changed_here(tmp_path: Path) -> None:
    text = write([HARD], Kind.PROMPTFOO, criteria={}).text.replace("a; b", "a; c")
    (tmp_path / "file.yaml").write_text(text)
    back = bring(tmp_path / "file.yaml", kind=None, languages=("en",), taken={})
    assert back.cases[0].expect.must == ("-5", "a; c", "[x]")


def test_results_that_promptfoo_wrote_are_read(tmp_path: Path) -> None:
    brought = read("promptfoo-results.json")
    assert brought.problems == []
    gift, sky = brought.cases
    assert gift.question == "How long is a gift card valid?"
    assert gift.why == "gift card"
    assert gift.expect.must == ("gift card", "three years")
    assert gift.expect.must_not == ("30 days",)
    assert gift.expect.accept_also == ("valid",)
    assert sky.expect.reference == "Answer: Is the sky blue?"
    assert sky.confirmed is None
    whats = {one.what for one in brought.notes}
    assert "assertion javascript: not checked here, kept in origin.promptfoo" in whats
    assert "assertion latency: not checked here, kept in origin.promptfoo" in whats
    assert "variable topic: kept in origin.promptfoo" in whats
    again = there_and_back(tmp_path, brought.cases, Kind.PROMPTFOO)
    assert [json_line(one) for one in again.cases] == [json_line(one) for one in brought.cases]
    written = yaml.safe_load(write(brought.cases, Kind.PROMPTFOO, criteria={}).text)
    assert {"type": "javascript", "value": "output.length < 100"} in written["tests"][1]["assert"]
    assert written["tests"][1]["vars"]["topic"] == "sky"
    assert written["tests"][1]["metadata"]["owner"] == "ann"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tests: file://more.csv\n", "tests: has its tests elsewhere"),
        ("tests: [{vars: {a: x, b: y}}]\n", "tests.0.vars: has no variable with the question"),
        ("tests: [{vars: {question: [a, b]}}]\n", "tests.0.vars.question: is no single text"),
        ("tests: ['file://x.yaml']\n", "tests.0: is no test but 'file://x.yaml'"),
    ],
)
def test_what_cannot_be_imported_from_promptfoo_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    brought = bring(path, kind=None, languages=("en",), taken={})
    assert brought.cases == []
    assert str(brought.problems[0]).removeprefix(f"{path}: ").startswith(said)


def test_default_assertions_reach_every_test_as_they_do_there(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "defaultTest: {assert: [{type: icontains, value: all}], vars: {shop: x}}\n"
        "tests:\n  - {vars: {query: One?}}\n  - {vars: {query: Two?}, assert: [{type: is-refusal}]}\n"
    )
    one, two = bring(path, kind=None, languages=("en",), taken={}).cases
    assert one.expect.must == two.expect.must == ("all",)
    assert one.origin["promptfoo"]["vars"] == {"shop": "x"}
    assert (one.expect.outcome, two.expect.outcome) == (None, Outcome.ABSTAINED)


def test_datasets_that_ragas_wrote_are_read_and_written_back_the_same() -> None:
    brought = read("ragas-single.jsonl")
    assert brought.problems == []
    first, second, third = brought.cases
    assert first.expect.reference == "A gift card is valid for 3 years."
    assert first.expect.spans[0].document == "faq/gift-cards.md"
    assert (first.language, second.language) == ("en", "de")
    assert third.origin["ragas"] == {"query_style": "MISSPELLED", "query_length": "short"}
    assert "response: kept in origin.ragas, not checked here" in {one.what for one in brought.notes}
    rows = [json.loads(line) for line in write(brought.cases, Kind.RAGAS, criteria={}).text.splitlines()]
    assert rows == [json.loads(line) for line in (DATA / "ragas-single.jsonl").read_text().splitlines()]


def test_a_conversation_of_ragas_becomes_history_and_back() -> None:
    brought = read("ragas-multi.jsonl")
    (case,) = brought.cases
    assert case.question == "How long is it valid?"
    assert [(one.role, one.text) for one in case.history][1] == ("assistant", "Hello! How can I help?")
    (row,) = [json.loads(line) for line in write([case], Kind.RAGAS, criteria={}).text.splitlines()]
    assert row == json.loads((DATA / "ragas-multi.jsonl").read_text())


def test_ragas_csv_with_python_lists_is_read_and_passages_without_documents_are_kept_aside() -> None:
    brought = read("ragas-single.csv")
    assert [one.question for one in brought.cases] == ["Q, 0?", "Q, 1?"]
    assert brought.cases[0].origin["ragas"]["reference_contexts"] == ["a 'quoted' 0", 'b "x"']
    assert brought.cases[0].expect.spans == ()
    assert any("without document ids" in one.what for one in brought.notes)


def test_a_spreadsheet_with_semicolons_other_names_and_unknown_columns_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes("\ufeffquery;expected;category;owner\nWie lange?;30 Tage;obvious;ann\n".encode())
    brought = bring(path, kind=None, languages=("de", "en"), taken={"obvious-wie-lange": "Other?"})
    (case,) = brought.cases
    assert (case.id, case.expect.reference, case.language) == ("obvious-wie-lange-2", "30 Tage", "de")
    assert case.origin["csv"] == {"owner": "ann"}
    assert brought.notes[0].what == "column owner: kept in origin.csv"


def test_what_is_imported_again_keeps_the_id_it_was_given(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("question\nHow long?\n")
    (first,) = bring(tmp_path / "a.csv", kind=None, languages=("en",), taken={}).cases
    again = bring(tmp_path / "a.csv", kind=None, languages=("en",), taken={first.id: first.question})
    assert again.cases == [first]


def test_a_formula_is_guarded_in_a_spreadsheet() -> None:
    text = write([replace(HARD, question="=HYPERLINK(1)")], Kind.CSV, criteria={}).text
    assert "'=HYPERLINK(1)" in text


def test_a_bad_row_is_named_with_its_line_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text('question,outcome,spans\nOne?,answered,\nTwo?,maybe,\nThree?,,no json\n"Four?",answered,\n')
    brought = bring(path, kind=None, languages=("en",), taken={})
    assert [one.question for one in brought.cases] == ["One?", "Four?"]
    assert [(one.line, one.key) for one in brought.problems] == [(3, "expect.outcome"), (4, "")]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.txt", "x", "cannot be read"),
        ("a.json", "{", "Expecting"),
        ("a.yaml", "a: 1", "is no promptfoo file"),
        ("a.csv", "question\nOne?,two\n", "line 2 has more cells than the header"),
        ("a.jsonl", "\xff", "is not UTF-8"),
    ],
)
def test_a_file_that_is_none_of_them_is_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match=said):
        bring(tmp_path / name, kind=None, languages=("en",), taken={})


def _test(**test: object) -> dict[str, object]:
    return {"tests": [{"vars": {"question": "x"}, **test}]}


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (_test(metadata="file://a.json"), "tests.0.metadata"),
        (_test(**{"assert": "file://checks.js"}), "tests.0.assert"),
        (_test(options="file://o.js"), "tests.0.options"),
        (_test(metadata={"answerable": {"expect": "no"}}), "tests.0.metadata.answerable"),
        (_test(metadata={"answerable": {"expect": {"criteria": [{}]}}}), "tests.0.metadata.answerable"),
        (_test(metadata={"answerable": {"origin": "x"}}), "tests.0.metadata.answerable"),
        ({**_test(), "defaultTest": {"vars": "file://v.js"}}, "defaultTest.vars"),
    ],
)
def test_what_is_in_another_file_or_form_is_refused_by_its_key(tmp_path: Path, given: object, key: str) -> None:
    path = tmp_path / "promptfoo.json"
    path.write_text(json.dumps(given))
    found = bring(path, kind=None, languages=("en",), taken={})
    assert (found.cases, [one.key for one in found.problems]) == ([], [key])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "user_input,reference_contexts\nq,5\n"),
        ("a.jsonl", '{"user_input": "q", "reference_contexts": 5}\n'),
        ("a.jsonl", '{"user_input": 5}\n'),
        ("a.csv", "question,origin,more\nq,[1],z\n"),
    ],
)
def test_a_row_of_another_form_is_refused_by_its_line(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    found = bring(tmp_path / name, kind=None, languages=("en",), taken={})
    assert found.cases == []
    assert found.problems


def test_a_cell_that_is_no_python_and_a_device_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("user_input\n\"[{'a':\"\n")
    with pytest.raises(ConfigError, match="user_input is no list"):
        bring(tmp_path / "a.csv", kind=None, languages=("en",), taken={})
    (tmp_path / "endless.csv").symlink_to("/dev/zero")
    with pytest.raises(ConfigError, match="is no file"):
        bring(tmp_path / "endless.csv", kind=None, languages=("en",), taken={})


def test_a_second_file_of_another_form_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"user_input": "q"}\n')
    beside(tmp_path / "a.jsonl").write_text('{"question": "q", "expect": "x"}\n')
    found = bring(tmp_path / "a.jsonl", kind=Kind.RAGAS, languages=("en",), taken={})
    assert (found.cases, [one.key for one in found.problems]) == ([], ["expect"])
