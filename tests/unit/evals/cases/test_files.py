"""Case files: what is read, what is refused and with which words, and that saving touches only what changed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from answerable.core.errors import ConfigError
from answerable.core.evaluation import EvalCase, Expectation, GoldSpan
from answerable.core.outcome import Outcome
from answerable.core.query import Turn
from answerable.evals.cases.files import drop_case, load_cases, read_suite, save_case
from answerable.evals.cases.identity import case_hash, make_id
from answerable.evals.cases.writing import json_line

SAMPLE = Path(__file__).parents[4] / "examples" / "techcorp" / "evals" / "cases"
SIMPLE = 'id: a-case\ntags: [obvious]\nquestion: "How long?"\n'
FULL = EvalCase(
    id="full-case",
    question='Is "no" a word: yes?',
    tags=("obvious", "must-pass"),
    language="de",
    filters={"status": ("published", "draft"), "product": ("x y",)},
    groups=("staff",),
    history=(Turn(role="user", text="Hi # there"), Turn(role="assistant", text="- hello\u2028")),
    expect=Expectation(
        outcome=Outcome.CONFLICT,
        must=("no", "1e3", "2026-11-20"),
        must_not=("null",),
        accept_also=("ünlike\tthis",),
        cites=("a/b.md#c",),
        spans=(GoldSpan(document="a/ö b.md", quote="It's: “so”."),),
        criteria=("grounded",),
        reference="Because.\nSo.",
    ),
    why="For the test.",
    origin={"author": "ann@example.com", "date": date(2026, 1, 2), "chunks": ["ch_1", "ch_2"], "n": 3},
    confirmed=date(2026, 11, 20),
    gold_version={"a/ö b.md": "sha256:" + "0" * 64},
    cluster="topic",
)


def write(folder: Path, text: str, name: str = "a-case.yaml") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def problems(folder: Path, text: str, name: str = "a-case.yaml") -> list[str]:
    return [str(one).removeprefix(f"{folder}/") for one in read_suite([write(folder, text, name)])[1]]


def test_the_sample_has_its_hundred_and_ten_cases_sorted_by_id() -> None:
    cases = load_cases([SAMPLE])
    assert len(cases) == 154
    assert [one.id for one in cases] == sorted(one.id for one in cases)
    one = next(case for case in cases if case.id == "typo-lost-bud")
    assert one.expect.must == ("49",)
    assert one.expect.spans[0].document == "troubleshooting/aurora-buds-2.md"
    assert one.confirmed is not None


def test_saving_a_sample_case_unchanged_changes_no_byte(tmp_path: Path) -> None:
    for filed in read_suite([SAMPLE])[0]:
        path = tmp_path / filed.path.name
        path.write_bytes(filed.path.read_bytes())
        save_case(filed.case, path)
        assert path.read_bytes() == filed.path.read_bytes()


@pytest.mark.parametrize("name", ["full.yaml", "full.jsonl"])
def test_what_is_saved_is_read_again(tmp_path: Path, name: str) -> None:
    save_case(FULL, tmp_path / name)
    (read,) = load_cases([tmp_path])
    assert read == replace(FULL, origin=read.origin)
    assert str(read.origin["date"]) == "2026-01-02"


def test_saving_touches_only_the_lines_that_changed(tmp_path: Path) -> None:
    text = (
        "# kept\nid: a-case\nquestion: 'How long?'   # kept too\n\n# about what is expected\nexpect:\n"
        "  # inside\n  must: ['30 days']\n  outcome: answered\n# before why\nwhy: \"w\"\n"
    )
    path = write(tmp_path, text)
    (case,) = load_cases([path])
    changed = replace(case, confirmed=date(2026, 11, 22), expect=replace(case.expect, must=("60 days",)))
    save_case(changed, path)
    assert path.read_text() == text.replace("['30 days']", '["60 days"]') + "confirmed: 2026-11-22\n"
    save_case(replace(changed, confirmed=None, why=""), path)
    assert "why: " not in path.read_text()
    assert "# before why" in path.read_text()
    assert load_cases([path]) == [replace(changed, confirmed=None, why="")]


def test_a_jsonl_file_keeps_its_other_lines(tmp_path: Path) -> None:
    other = '{"question":"Other?",  "id":"b"}'
    path = write(tmp_path, f'{{"id": "a", "question": "One?"}}\n{other}\n', "many.jsonl")
    save_case(EvalCase(id="a", question="Changed?"), path)
    save_case(EvalCase(id="c", question="New?"), path)
    assert path.read_text().split("\n")[1] == other
    assert [one.question for one in load_cases([path])] == ["Changed?", "Other?", "New?"]
    drop_case(read_suite([path])[0][0])
    assert [one.id for one in load_cases([path])] == ["b", "c"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SIMPLE + "quesion: x\n", "a-case.yaml:4: quesion: there is no such key; did you mean 'question'?"),
        (SIMPLE + "must: [x]\n", "a-case.yaml:4: must: there is no such key here"),
        (SIMPLE + "expect: {why: x}\n", "a-case.yaml:4: expect.why: there is no such key here"),
        (
            SIMPLE + "expect:\n  outcome: anwsered\n",
            "a-case.yaml:5: expect.outcome: there is no outcome 'anwsered'; did you mean 'answered'?",
        ),
        (SIMPLE + "expect:\n  must: [yes]\n", "a-case.yaml:5: expect.must.0: is no text but true/false (True)"),
        (SIMPLE + "expect: {must: [1.50]}\n", "a-case.yaml:4: expect.must.0: is no text but a number (1.5)"),
        (SIMPLE + "language: no\n", "a-case.yaml:4: language: is no text but true/false (False)"),
        (SIMPLE + "language: English\n", "a-case.yaml:4: language: 'English' has a form that is not allowed"),
        ("id: a\nquestion: x\ntags: obvious\n", "a-case.yaml:3: tags: is no list but a text ('obvious')"),
        (SIMPLE + "filters: [a]\n", "a-case.yaml:4: filters: is no mapping but a list (['a'])"),
        (SIMPLE + "expect: answered\n", "a-case.yaml:4: expect: is no mapping but a text ('answered')"),
        (SIMPLE + "why: a\nwhy: b\n", "a-case.yaml:5: why: is there twice: lines 4 and 5"),
        (SIMPLE + "confirmed: 2026-02-30\n", "a-case.yaml:4: confirmed: '2026-02-30' is no date; write it as"),
        (SIMPLE + "gold_version: {a.md: 123}\n", "a-case.yaml:4: gold_version.a.md: is no text but a number"),
        (SIMPLE + "origin: &a {x: *a}\n", "a-case.yaml:4: origin.x: uses a YAML alias"),
        (SIMPLE + "origin: !!python/object:os.system {}\n", "a-case.yaml:4: is not valid YAML"),
        ('id: a\nquestion: "  "\n', "a-case.yaml:2: question: is empty"),
        ("id: a\n", "a-case.yaml: question: is required"),
        ("id: ../../etc\nquestion: x\n", "a-case.yaml:1: id: '../../etc' has a form that is not allowed"),
        ("id: a\nquestion: x: y\n", "a-case.yaml:2: is not valid YAML"),
        ("- id: a\n", "a-case.yaml:1: is no mapping of keys to values"),
        ("", "a-case.yaml:1: is no mapping of keys to values"),
        ("id: a\nquestion: " + "[" * 500, "a-case.yaml"),
        ("id: a\nquestion: " + "[" * 50 + "]" * 50, "a-case.yaml:2: question.0.0: is nested too deeply"),
        ("id: a\nquestion: " + "[" * 200_000, "a-case.yaml:2: is nested too deeply"),
        ("- " * 200_000, "a-case.yaml:1: is nested too deeply"),
        ("id: a\nquestion: " + "59:" * 20_000 + "1.5", "a-case.yaml:2: has a number with too many digits"),
        ("id: a\nquestion: " + "59:" * 20_000 + "1", "a-case.yaml:2: has a number with too many digits"),
        ("id: a\nquestion: " + "x" * 1_000_001, "a-case.yaml: has 1,000,017 characters"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_key(tmp_path: Path, text: str, said: str) -> None:
    assert problems(tmp_path, text)[0].startswith(said)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "a", "question": 1}', "many.jsonl:2: question: is no text but a number (1)"),
        ('{"id": "a", "id": "b"}', "many.jsonl:2: id: is there twice"),
        ('{"id": "a"', "many.jsonl:2: is not valid JSON"),
        ("[1]", "many.jsonl:2: is no JSON object"),
        ('{"id": NaN}', "many.jsonl:2: NaN is no JSON value"),
        ('{"id": "ok", "question": "Again?"}', "many.jsonl:2: id: 'ok' is the id of another case: "),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_read(tmp_path: Path, line: str, said: str) -> None:
    text = f'{{"id": "ok", "question": "Fine?"}}\n{line}\n'
    assert problems(tmp_path, text, "many.jsonl")[0].startswith(said)
    assert [one.case.id for one in read_suite([tmp_path])[0]] == ["ok"]


def test_every_problem_of_a_suite_is_found_at_once_and_the_error_shows_the_first(tmp_path: Path) -> None:
    for number in range(8):
        write(tmp_path, SIMPLE + "x: 1\n", f"{number}.yaml")
    (tmp_path / "bad.yaml").write_bytes(b"\xff\xfe")
    assert len(read_suite([tmp_path])[1]) == 9
    with pytest.raises(ConfigError, match="and 4 more") as caught:
        load_cases([tmp_path])
    assert "case check" in caught.value.hint


def test_a_path_that_is_not_there_or_no_case_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no file or folder"):
        load_cases([tmp_path / "nowhere"])
    with pytest.raises(ConfigError, match="is no case file"):
        load_cases([write(tmp_path, "x", "notes.txt")])


def test_nothing_is_written_that_could_not_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    with pytest.raises(ConfigError, match="not written"):
        save_case(EvalCase(id="Not Safe", question="x"), path)
    assert not path.exists()
    save_case(EvalCase(id="one", question="x"), path)
    with pytest.raises(ConfigError, match="holds another case"):
        save_case(EvalCase(id="two", question="x"), path)
    assert load_cases([path])[0].id == "one"


def test_windows_line_ends_and_a_byte_order_mark_are_read_and_line_ends_kept(tmp_path: Path) -> None:
    path = write(tmp_path, "\ufeff" + SIMPLE.replace("\n", "\r\n"))
    (case,) = load_cases([path])
    save_case(replace(case, why="now"), path)
    assert path.read_bytes().endswith(b'"How long?"\r\nwhy: "now"\r\n')


def test_the_hash_is_of_what_decides_the_answer_and_its_scoring() -> None:
    same = replace(FULL, why="", origin={}, confirmed=None, gold_version={}, cluster="", tags=())
    assert case_hash(same) == case_hash(FULL)
    others = [
        replace(FULL, question="Other?"),
        replace(FULL, language="en"),
        replace(FULL, filters={}),
        replace(FULL, groups=()),
        replace(FULL, history=FULL.history[:1]),
        replace(FULL, expect=replace(FULL.expect, outcome=None)),
        replace(FULL, expect=replace(FULL.expect, accept_also=())),
        replace(FULL, expect=replace(FULL.expect, spans=())),
    ]
    assert len({case_hash(one) for one in (FULL, *others)}) == len(others) + 1


def test_an_id_is_made_of_category_and_question_and_is_never_taken() -> None:
    assert make_id("typo", "Wie groß ist der Rückgabe-Zeitraum?") == "typo-wie-gross-ist-der-ruckgabe-zeitraum"
    assert make_id("a", "?!", taken={"a"}) == "a-2"
    assert len(make_id("obvious", "word " * 100)) <= 60


def test_a_json_line_is_one_line() -> None:
    assert "\n" not in json_line(FULL)
    assert json.loads(json_line(FULL))["expect"]["reference"] == "Because.\nSo."


def test_a_device_is_no_case_file(tmp_path: Path) -> None:
    (tmp_path / "endless.yaml").symlink_to("/dev/zero")
    assert read_suite([tmp_path]) == ([], [])
    with pytest.raises(ConfigError, match="no case file"):
        read_suite([tmp_path / "endless.yaml"])
