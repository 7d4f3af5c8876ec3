"""Words, sentences, stems and languages."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.text.language import detect_language
from answerable.text.sentence_stems import sentence_stems
from answerable.text.sentences import sentences
from answerable.text.stems import stem, stems, term_frequencies
from answerable.text.words import fold, terms, words


def cut(text, language="en"):
    return [text[start:end] for start, end in sentences(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("Dr. Smith paid $3.50, e.g. for tea. Good!", "en", ["Dr. Smith paid $3.50, e.g. for tea.", "Good!"]),
        ("See no. 5. Then go.", "en", ["See no. 5.", "Then go."]),
        ("Am 3. Mai ist zu. Danach offen.", "de", ["Am 3. Mai ist zu.", "Danach offen."]),
        ("Intro\n\n- one\n- two", "en", ["Intro", "- one", "- two"]),
        ("A | B\n1 | 2", "en", ["A | B", "1 | 2"]),
        ("¿Qué? Sí.", "es", ["¿Qué?", "Sí."]),
        ("v2.5 is out", "en", ["v2.5 is out"]),
        ("", "en", []),
    ],
)
def test_sentences_end_where_people_end_them(text, language, found):
    assert cut(text, language) == found


@given(st.text(alphabet="ab .!?\n-|1", max_size=200))
def test_sentences_are_in_order_and_lose_only_blanks(text):
    spans = sentences(text)
    assert all(start < end for start, end in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert "".join("".join(cut(text)).split()) == "".join(text.split())


def test_one_very_long_word_is_no_trouble():
    assert len(sentences("x" * 200_000 + ". End.")) == 2


def test_compounds_are_words_and_parts():
    assert terms("SKU-1234's e-mail") == ["sku-1234's", "sku", "1234", "s", "e-mail", "e", "mail"]
    assert [word for word, _, _ in words("user_id, 2.5 and Müller-Lüdenscheidt")] == [
        "user_id",
        "2.5",
        "and",
        "Müller-Lüdenscheidt",
    ]


def test_folding_makes_spellings_one():
    assert fold("ÉCOLE") == "ecole"
    assert fold("Straße") == "strasse"


def test_stems_follow_the_language_and_leave_codes_alone():
    assert stems("returned returns returning") == ["return"] * 3
    assert stem("e-217") == "e-217"
    assert stems("Rückgaben", "de") == stems("Rückgabe", "de")
    assert stems("the of and") == []
    assert stems("words", "xx") == ["words"]


def test_terms_are_counted_and_cut():
    assert term_frequencies("cat cats dog") == {"cat": 2, "dog": 1}
    assert max(map(len, term_frequencies("y" * 500))) == 64


def test_a_passage_is_cut_once():
    assert sentence_stems("Cats run. Dogs ran.", "en") is sentence_stems("Cats run. Dogs ran.", "en")
    assert [set(found) for _, _, found in sentence_stems("Cats run. Dogs.", "en")] == [{"cat", "run"}, {"dog"}]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Can I return it?", "en"),
        ("Wie lange habe ich Zeit?", "de"),
        ("¿Cuánto tarda el envío?", "es"),
        ("SKU-1234", "en"),
        ("größer", "de"),
    ],
)
def test_a_question_tells_its_language(text, language):
    assert detect_language(text, ("en", "de", "es"), default="en") == language


def test_one_language_is_no_question_and_others_ask_a_model():
    assert detect_language("Wie lange?", ("en",), default="en") == "en"
    assert detect_language("quel est le prix de la livraison", ("en", "fr"), default="en") == "fr"
