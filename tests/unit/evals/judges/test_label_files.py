"""Labels and labeled items: read back as written, and every complaint names its line and its key."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.core.errors import ConfigError
from answerable.core.evaluation import Answered, Label
from answerable.core.outcome import Outcome
from answerable.evals.items import LabeledItem, ShownPassage, read_items, write_items
from answerable.evals.labels import read_labels, write_labels

NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=20)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=80)


@settings(max_examples=25)
@given(
    st.lists(
        st.builds(
            Label,
            item=NAMES,
            criterion=NAMES,
            rater=NAMES,
            verdict=st.sampled_from(Answered),
            reason=TEXTS,
            at=st.none() | st.just(datetime(2026, 11, 1, 12, tzinfo=UTC)),
            probability=st.none() | st.floats(min_value=1e-6, max_value=1.0),
            stratum=TEXTS,
        ),
        unique_by=lambda one: (one.item, one.criterion, one.rater),
        max_size=5,
    )
)
def test_labels_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, labels: list[Label]
) -> None:
    path = tmp_path_factory.mktemp("labels") / "labels.jsonl"
    write_labels(labels, path)
    assert read_labels(path) == labels


def test_items_come_back_as_they_were_written(tmp_path: Path) -> None:
    items = [
        LabeledItem(item="a", question="Where?", answer="There [1].\u2028Or not."),
        LabeledItem(
            item="b",
            question="¿Cuándo?",
            answer="Mañana [2].",
            context=(ShownPassage(n=2, title="Plazos", text="Mañana."),),
            language="es",
            outcome=Outcome.PARTIAL,
            reference="Mañana.",
        ),
    ]
    write_items(items, tmp_path / "evals" / "items.jsonl")
    assert read_items(tmp_path / "evals" / "items.jsonl") == items


def test_a_later_word_of_the_same_person_counts(tmp_path: Path) -> None:
    first = Label(item="a", criterion="safe", rater="ana", verdict=Answered.NO)
    other = Label(item="a", criterion="safe", rater="ben", verdict=Answered.NO)
    second = Label(item="a", criterion="safe", rater="ana", verdict=Answered.YES, reason="read it again")
    path = tmp_path / "labels.jsonl"
    write_labels([first, other, second], path)
    assert read_labels(path) == [second, other]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"item": "a"', "line 2: no JSON"),
        ('{"item": "a", "criterion": "safe", "rater": "ana", "verdict": "MAYBE"}', "line 2: verdict"),
        ('{"item": "a", "criterion": "safe", "rater": "ana", "verdict": "YES", "score": 3}', "line 2: score"),
        ('{"criterion": "safe", "rater": "ana", "verdict": "YES"}', "line 2: item"),
        (
            '{"item": "a", "criterion": "s", "rater": "r", "verdict": "NO", "probability": 0}',
            "line 2: probability",
        ),
        ("[" * 5000, "line 2: no JSON"),
        ("7", "line 2: the line"),
    ],
)
def test_a_wrong_line_is_named_with_its_key(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(f'{{"item": "a", "criterion": "safe", "rater": "ana", "verdict": "YES"}}\n{line}\n')
    with pytest.raises(ConfigError, match=said):
        read_labels(path)


def test_a_file_that_is_not_there_and_a_repeated_item_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.jsonl cannot be read"):
        read_labels(tmp_path / "none.jsonl")
    twice = tmp_path / "items.jsonl"
    twice.write_text('{"item": "a", "question": "q", "answer": "r"}\n' * 2)
    with pytest.raises(ConfigError, match="two items are called 'a'"):
        read_items(twice)


def test_a_label_that_could_not_be_read_back_is_not_written(tmp_path: Path) -> None:
    kept = Label(item="a", criterion="safe", rater="ana", verdict=Answered.NO)
    path = tmp_path / "labels.jsonl"
    write_labels([kept], path)
    with pytest.raises(ConfigError, match="cannot be written"):
        write_labels([Label(item="", criterion="safe", rater="ana", verdict=Answered.NO)], path)
    assert read_labels(path) == [kept]
