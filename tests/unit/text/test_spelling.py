"""Keys under which misspelled words meet the right ones, and how far apart the two are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.text.spelling import asked_keys, distance, edits, is_plain, keys, nearest_word, skeleton
from answerable.text.vocabulary import plain_words

LETTERS = st.text("abcdefgh", min_size=4, max_size=10)


@given(LETTERS, st.data())
def test_one_slip_always_meets_the_right_word(word, data):
    at = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("abcdefgh"))
    slips = [word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :]]
    if at + 1 < len(word):
        slips.append(word[:at] + word[at + 1] + word[at] + word[at + 2 :])
    for slip in slips:
        assert set(asked_keys(slip)) & set(keys(word))
        assert edits(slip, word, most=2) <= 1


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("headfones", "headphones"),
        ("acomodation", "accommodation"),
        ("recieve", "receive"),
        ("lenght", "length"),
        ("kopfhorrer", "kopfhorer"),
        ("garantia", "garantias"),
    ],
)
def test_common_slips_meet_the_right_word(wrong, right):
    assert set(asked_keys(wrong)) & set(keys(right))
    assert nearest_word(wrong, [(right, 1), ("something", 9)], most=2.0) == right


def test_nearer_comes_before_more_frequent_and_more_frequent_before_the_rest():
    assert nearest_word("retrun", [("retry", 100), ("return", 1)], most=1.0) == "return"
    assert nearest_word("returm", [("return", 3), ("returt", 9)], most=1.0) == "returt"
    assert nearest_word("zebra", [("return", 3)], most=1.0) is None


def test_another_first_letter_is_no_slip_of_a_short_word():
    assert nearest_word("rome", [("home", 5)], most=1.0) is None
    assert distance("xeturn", "return", most=2) > distance("retunr", "return", most=2)


@pytest.mark.parametrize("word", ["e217", "sku-1234", "123", "the", "a" * 25, "don't"])
def test_codes_numbers_and_short_words_are_never_read_as_others(word):
    assert not is_plain(word)


def test_a_vocabulary_has_words_without_codes_and_stop_words():
    assert plain_words(["The thermostat, E-217 and Äpfel for 30 days"], "en") == {"thermostat", "apfel", "days"}


def test_a_skeleton_is_how_a_word_sounds():
    assert skeleton("headphones") == skeleton("headfones")
    assert skeleton("length") != skeleton("return")
