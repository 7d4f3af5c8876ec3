"""Learned weights: what a candidate's features are, and what file is not loaded."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.adapters.rerankers.features import FEATURES, features
from answerable.adapters.rerankers.learned import Learned
from answerable.adapters.rerankers.proximity import KeepOrder, Proximity
from answerable.adapters.rerankers.weights_file import HeldOut, WeightsFile
from answerable.core.errors import ConfigError, IntegrityError
from answerable.core.passage import Passage
from answerable.testing.reranker import QUERY, candidate, candidates

HELD = HeldOut(n=40, clusters=12, base=0.8, learned=0.85, difference=0.05, low=0.01, high=0.09, p=0.01)
BASE = dict.fromkeys(FEATURES, 0.0) | {"base": 1.0}


def weights_file(**weights: float) -> WeightsFile:
    return WeightsFile(
        base="proximity", weights=BASE | weights, pairs_sha256="0" * 64, held_out=HELD, made=date(2026, 11, 22)
    )


def column(name: str, passages: list[Passage], query: str = QUERY.text) -> list[float]:
    table = features(replace(QUERY, text=query), passages, passages)
    return [round(float(one), 3) for one in table[:, FEATURES.index(name)]]


def test_a_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    made = weights_file(late=0.25)
    made.write(tmp_path / "r.json")
    assert WeightsFile.read(tmp_path / "r.json") == made


def test_a_file_that_was_edited_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    weights_file().write(path)
    path.write_text(path.read_text().replace('"late": 0.0', '"late": 9.0'))
    with pytest.raises(IntegrityError, match="was changed"):
        WeightsFile.read(path)


def test_one_of_other_features_asks_to_be_trained_again(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    replace_version = weights_file().model_copy(update={"features_version": 99})
    replace_version.write(path)
    with pytest.raises(ConfigError) as error:
        WeightsFile.read(path)
    assert "lab rerank --train" in error.value.hint


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"sha256": "x"}', json.dumps({"sha256": "x", "kind": "y"})])
def test_what_is_no_such_file_is_an_integrity_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.json").write_text(text)
    with pytest.raises(IntegrityError):
        WeightsFile.read(tmp_path / "r.json")


async def test_all_weight_on_the_base_changes_no_order() -> None:
    base = await Proximity().rerank(QUERY, candidates(), limit=9)
    found = await Learned(base=Proximity(), weights=BASE).rerank(QUERY, candidates(), limit=9)
    assert [one.chunk.id for one in found] == [one.chunk.id for one in base]


async def test_a_learned_weight_moves_what_it_is_about() -> None:
    given = [candidate("Nothing.", 0.6), candidate("Error E-217 stops the oven.", 0.5)]
    query = replace(QUERY, text="What does E-217 mean?")
    found = await Learned(base=KeepOrder(), weights=BASE | {"codes": 0.5}).rerank(query, given, limit=2)
    assert found[0].chunk.text.startswith("Error E-217")


def test_what_the_features_say() -> None:
    days = [date(2026, 1, 1), None, date(2026, 1, 11), date(2026, 1, 6)]
    given = [
        replace(candidate(f"Text {n} about SKU-1234." if n == 2 else f"Text {n}", 0.5), updated_at=day)
        for n, day in enumerate(days)
    ]
    assert column("fresh", given) == [0.0, 0.0, 1.0, 0.5]
    assert column("codes", given, "Where is SKU-1234?") == [0.0, 0.0, 1.0, 0.0]
    assert column("base_rank", given) == [1.0, 0.5, 0.333, 0.25]
    assert column("title", [candidate("x", 0.5, title="Laptop return")], "return a laptop") == [1.0]
    two = [candidate("a", 0.9), candidate("b", 0.8)]
    same = [two[0], replace(two[1], chunk=replace(two[1].chunk, document_id=two[0].chunk.document_id))]
    assert column("first", same) == [1.0, 0.0]


@settings(max_examples=30)
@given(
    st.lists(st.floats(-1, 1), min_size=1, max_size=8),
    st.text(max_size=60),
    st.dictionaries(st.sampled_from(["dense", "lexical", "late", "coverage"]), st.floats(-50, 50), max_size=4),
)
def test_every_feature_is_a_number_from_zero_to_one(
    scores: list[float], text: str, said: dict[str, float]
) -> None:
    given = [replace(candidate(f"{n} {text}", score), scores=said) for n, score in enumerate(scores)]
    table = features(replace(QUERY, text=text), given, given)
    assert table.shape == (len(scores), len(FEATURES))
    assert ((table >= 0) & (table <= 1)).all()
