"""Batches hold like lengths, every text once, and never more than their budget."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from answerable.adapters.embedders.batches import batches

LENGTHS = st.lists(st.integers(min_value=0, max_value=600), max_size=80)


@given(LENGTHS, st.integers(1, 20), st.integers(1, 2000))
def test_every_position_is_in_exactly_one_batch(lengths: list[int], max_rows: int, max_tokens: int) -> None:
    found = batches(lengths, max_rows=max_rows, max_tokens=max_tokens)
    assert sorted(position for batch in found for position in batch) == list(range(len(lengths)))
    assert all(found)


@given(LENGTHS, st.integers(1, 20), st.integers(1, 2000))
def test_a_batch_keeps_to_both_budgets_unless_it_is_one_row(
    lengths: list[int], max_rows: int, max_tokens: int
) -> None:
    for batch in batches(lengths, max_rows=max_rows, max_tokens=max_tokens):
        widest = max(lengths[position] for position in batch)
        assert len(batch) <= max_rows
        assert len(batch) == 1 or len(batch) * widest <= max_tokens


@given(LENGTHS)
def test_lengths_fall_from_batch_to_batch(lengths: list[int]) -> None:
    flat = [lengths[position] for batch in batches(lengths) for position in batch]
    assert flat == sorted(flat, reverse=True)


def test_batches_are_as_full_as_the_budget_allows() -> None:
    assert batches([5, 5, 5, 5, 5], max_rows=2, max_tokens=100) == [[0, 1], [2, 3], [4]]
    assert batches([10, 1, 10, 1], max_rows=16, max_tokens=20) == [[0, 2], [1, 3]]
    assert batches([300, 2], max_rows=16, max_tokens=100) == [[0], [1]]
