"""A question is read by the index's own words: slips settled, codes as they are written there."""

import pytest

from answerable.adapters.fakes.store import MemoryStore
from answerable.answer.reading import Reading, discounted, read
from answerable.answer.shortening import LONG, focus, shorten
from answerable.core.query import Scope
from answerable.testing.speller import fill

PAGES = {
    "en": (
        "Returns",
        "Refurbished headphones can be returned. The Aurora One shows E-217. Devolved rules. Mercy. Return.",
    ),
    "de": ("Rückgabe", "Kopfhörer kann man zurückgeben."),
}


async def as_read(text, language="en"):
    store = MemoryStore()
    await fill(store, tenant="t", pages=PAGES)
    async with store.snapshot(Scope(tenant="t")) as view:
        return await read(view, text, language=language)


@pytest.mark.parametrize(
    ("question", "language", "text"),
    [
        ("How long to retrun refubished headfones?", "en", "How long to return refurbished headphones?"),
        ("Kann ich Kopfhörrer zurückgeben?", "de", "Kann ich kopfhorer zurückgeben?"),
        ("what is e217", "en", "what is e-217"),
        ("what is E 217", "en", "what is e-217"),
        ("what is E_217", "en", "what is e-217"),
    ],
)
async def test_slips_and_other_writings_are_read_as_the_index_has_them(question, language, text):
    assert (await as_read(question, language)).text == text


@pytest.mark.parametrize(
    "question",
    [
        "Can refurbished headphones be returned?",
        "What does E-217 mean?",
        "What does E-218 mean, or E318?",  # near a code is not the code
        "Is Brcqzt covered?",  # nothing is near
        "¿Puedo devolver los auriculares?",  # another language: nearly all is unknown, only one slip would do
    ],
)
async def test_what_is_right_or_not_near_anything_stays(question):
    assert await as_read(question) == Reading(text=question)


async def test_a_name_is_read_as_another_word_only_for_a_single_slip():
    assert (await as_read("headphones of Mercery returned")).text == "headphones of Mercery returned"
    assert (await as_read("headphones of the Arora returned")).corrections == (("Arora", "aurora"),)


async def test_a_corrected_word_tells_a_little_less():
    reading = await as_read("refubished headphones")
    told = discounted({"refurbish": 2.0, "headphon": 1.0}, reading, "en")
    assert told == {"refurbish": pytest.approx(1.6), "headphon": 1.0}


async def test_a_view_that_knows_no_words_reads_a_question_as_it_is():
    assert await read(object(), "retrun", language="en") == Reading(text="retrun")


# --- long questions ----------------------------------------------------------------------------------------


async def test_of_a_long_question_the_rarest_known_words_are_looked_up():
    store = MemoryStore()
    await fill(store, tenant="t", pages=PAGES)
    async with store.snapshot(Scope(tenant="t")) as view:
        assert await shorten(view, "headphones of the aurora", language="en", most=2) == "headphones of the aurora"
        letter = " ".join(f"strange{n}" for n in range(LONG)) + " headphones Aurora E-217"
        assert (await shorten(view, letter, language="en", most=5)).split() == ["headphones", "Aurora", "E-217"]


def test_of_a_letter_what_it_asks_is_embedded():
    letter = "We wrote a letter. " * LONG + "Can I return headphones? Thank you."
    assert focus(letter) == "Can I return headphones?"
    assert focus(letter + " My code is E-217.") == "Can I return headphones? (E-217)"
    assert focus("Can I return headphones?") == "Can I return headphones?"
    assert focus("No question at all. " * LONG).startswith("No question")
