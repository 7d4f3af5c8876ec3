"""Pairs come back as they were written, and their quotes are found where they stand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.core.errors import ConfigError
from answerable.core.evaluation import GoldSpan
from answerable.core.pairs import Pair
from answerable.evals.pairs import faults, locate, look_up, read_pairs, read_pairs_sheet, write_pairs

WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=20)


def pair(*spans: tuple[str, str], name: str = "one") -> Pair:
    return Pair(id=name, question="How long?", spans=tuple(GoldSpan(document=d, quote=q) for d, q in spans))


@settings(max_examples=25)
@given(
    st.lists(
        st.builds(
            Pair,
            id=WORDS,
            question=WORDS,
            spans=st.lists(st.builds(GoldSpan, document=WORDS, quote=WORDS), min_size=1, max_size=3).map(tuple),
            language=st.sampled_from(["en", "de"]),
            confirmed=st.none() | st.just(date(2026, 11, 1)),
            cluster=st.just("") | WORDS,
        ),
        unique_by=lambda one: one.id,
        max_size=5,
    )
)
def test_pairs_come_back_as_they_were_written(tmp_path_factory: pytest.TempPathFactory, pairs: list[Pair]) -> None:
    path = tmp_path_factory.mktemp("pairs") / "pairs.jsonl"
    write_pairs(pairs, path)
    assert read_pairs(path) == pairs


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "a", "question": "q"}', "line 2: spans"),
        ('{"id": "a", "question": "q", "spans": []}', "line 2: spans"),
        ('{"id": "a", "question": "q", "spans": [{"document": "d"}]}', "line 2: spans.0.quote"),
        ('{"id": "a", "question": "q", "spans": [{"document": "d", "quote": "w"}], "x": 1}', "line 2: x"),
        ("no json", "line 2: no JSON"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n" + line + "\n")
    with pytest.raises(ConfigError, match=said):
        read_pairs(path)


def test_two_pairs_of_one_id_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    line = '{"id": "a", "question": "q", "spans": [{"document": "d", "quote": "w"}]}\n'
    path.write_text(line * 2)
    with pytest.raises(ConfigError, match="two pairs are called 'a'"):
        read_pairs(path)


def test_a_quote_is_found_whatever_its_blanks_marks_and_case() -> None:
    text = "# Title\n\nMost items can be\nreturned within **30 days** of delivery."
    (found,) = locate(pair(("a.md", "most items  can be returned within 30 days")), {"a.md": text})
    assert found[0] == "a.md"
    assert text[found[1] : found[2]] == "Most items can be\nreturned within **30 days"


def test_what_is_missing_or_ambiguous_is_said() -> None:
    texts = {"a.md": "Wait 30 days. Or wait 30 days."}
    one = pair(("a.md", "30 days"), ("a.md", "40 days"), ("b.md", "30 days"))
    assert [len(found.places) for found in look_up(one, texts)] == [2, 0, 0]
    assert locate(one, texts) == [("a.md", 5, 12)]
    assert faults([one], texts) == [
        "one: a.md says “30 days” 2 times",
        "one: a.md does not say “40 days”",
        "one: b.md is no document",
    ]


def test_a_word_is_not_found_inside_another() -> None:
    assert not locate(pair(("a.md", "age 30")), {"a.md": "age 300, page 30"})


def test_rows_of_one_question_are_one_pair(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(
        "question;document;quote\nHow long?;a.md;30 days\nHow long?;b.md;14 days\nWho?;a.md;everyone\n"
    )
    first, second = read_pairs_sheet(path)
    assert [span.document for span in first.spans] == ["a.md", "b.md"]
    assert second.question == "Who?"


@pytest.mark.parametrize("row", [";a.md;w", "q;;w", "q;a.md;"])
def test_a_bad_row_is_named(tmp_path: Path, row: str) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(f"question;document;quote\n{row}\n")
    with pytest.raises(ConfigError, match="line 2: "):
        read_pairs_sheet(path)
