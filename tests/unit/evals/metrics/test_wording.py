"""A phrase is found however its numbers, dates and blanks are written, and only as whole words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.evals.metrics.wording import holds


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("You have 30 days.", "30 days"),
        ("You have thirty days.", "30 days"),
        ("YOU HAVE\n30   DAYS", "30 days"),
        ("The fee is 1,000 euros.", "1000 EUR"),
        ("The fee is 1 000 €.", "1,000 euros"),
        ("The fee is 1 000 €.", "€1,000"),
        ("It costs €49.90 a month.", "49.9 EUR"),
        ("The limit is 80 percent.", "80 %"),
        ("It ends on 2 May 2026.", "2026-05-02"),
        ("It ends on May 2, 2026.", "2 May 2026"),
        ("It ends on 02.05.2026.", "May 2026"),
        ("Founded 2 May 2026.", "2026"),
        ("La café résumé.", "cafe resume"),
        ("E-501 means no connection.", "e 501"),
        ("可以在三十天内退货。", "退货"),
        ("anything", ""),
    ],
)
def test_the_same_said_otherwise_is_found(text, phrase):
    assert holds(text, phrase)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("SKU-1234 is here.", "SKU-123"),
        ("You have 300 days.", "30 days"),
        ("You have 30.5 days.", "30 days"),
        ("Use SUMMER20.", "20"),
        ("The concatenation", "cat"),
        ("It ends in May 2026.", "2 May 2026"),
        ("It ends on 2 May.", "2 May 2026"),
        ("It ends on 2 May 2025.", "2 May 2026"),
        ("It costs 5 dollars.", "5 EUR"),
        ("It was -5 degrees.", "5 degrees"),
        ("days 30", "30 days"),
    ],
)
def test_something_else_is_not(text, phrase):
    assert not holds(text, phrase)


def test_a_groups_mark_is_read_in_the_texts_language():
    assert holds("Die Gebühr ist 1.000 Euro.", "1000 Euro", language="de")
    assert not holds("The weight is 1.000 kg.", "1000 kg", language="en")
    assert holds("The weight is 1.000 kg.", "1 kg", language="en")
    assert holds("Das wiegt 2,500 kg.", "2,5 kg", language="de")


@given(st.text(max_size=60), st.sampled_from(["en", "de", "es", "zh", "xx"]))
def test_every_text_holds_itself(text, language):
    assert holds(text, text, language=language)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_more_text_around_takes_no_plain_word_away(before, phrase, after):
    words = "return window"
    assert holds(f"{before} . {words} . {after}", words)
    holds(f"{before} {after}", phrase)  # whatever is asked, nothing breaks
