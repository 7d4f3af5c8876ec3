"""The canonical form: what a reader cannot see goes, what a person wrote stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.guards.canonical import CanonicalGuard
from answerable.testing.guard import ANY_TEXT, answer_of, check
from answerable.text.canonical import canonicalize

BENIGN = (
    "Wie geht es Ihnen? Überübung",
    "مرحبا بكم في الوثائق",
    "نمی‌خواهم این فایل را",  # ZWNJ spells in Persian
    "שלום עולם",
    "क्‍ष हिन्दी पाठ",  # ZWJ spells in Hindi
    "Family 👨‍👩‍👧 and ❤️ and 🏴󠁧󠁢󠁥󠁮󠁧󠁿",  # joined, selected and tagged emoji
    "Thumbs 👍🏽 and keycap 1️⃣ and 🏳️‍🌈",
    "東京２０２５年",  # full-width digits belong to CJK text
    "葛󠄀城市",  # an ideographic variation sequence
    "x̂ = β₀ + β₁x, 5 × 10⁻³ m²",
    "café naïve résumé, Nguyễn Văn Đức",
    "line one\n\tline two",
    "\ufeffA file that begins with its byte order mark",
    "한국어 ᄒᆞᆫ글",
    "ภาษา\u200bไทย",  # a zero-width space is where a Thai line may break
    "قال \u202bالعربية\u202c هنا",  # an embedding that is closed, where text runs right to left
    "שלום \u2068hello\u2069 עולם",
    "ᠮᠣᠩᠭᠣᠯ\u180e\u180b",  # Mongolian spells with its selectors
    "Nodding \U0001f642\u200d\u2194\ufe0f, running \U0001f3c3\u200d\u27a1\ufe0f",  # emoji of Unicode 15.1
    "Ẹ̀kọ́ ọ̀rọ̀ Yorùbá",  # accents that do not compose
    "for (i = 0; i < n; i++) { s += `${a[i]}\\u200b`; }",
)


@pytest.mark.parametrize("text", BENIGN, ids=range(len(BENIGN)))
def test_benign_text_of_any_script_stays_as_it_is(text: str) -> None:
    assert canonicalize(text).text == text
    assert canonicalize(text).removed == ()


@pytest.mark.parametrize(
    ("text", "visible", "what"),
    [
        ("re\u200bt\u2060u\u200drn\ufeff", "return", "zero_width"),
        ("re\u00adturn", "return", "soft_hyphens"),
        ("a\u200cb", "ab", "joiners"),
        ("photo \U0001f600\U000e0147\U000e0158", "photo \U0001f600", "variation_selectors"),
        ("a\ufe0fb", "ab", "variation_selectors"),
        ("page.\U000e0068\U000e0069", "page.", "tag_characters"),
        ("\u202enruter\u202c", "return", "bidi_controls"),
        ("a\u2066b\u2069", "ab", "bidi_controls"),
        ("left\u200e", "left", "direction_marks"),
        ("be\x07ll\x1b[2J", "bell[2J", "control_characters"),
        ("one\u2028two", "one\ntwo", "control_characters"),
        ("page\x0ctwo\x0bthree", "page\ntwo\nthree", "control_characters"),
        ("half\ud800", "half\ufffd", "control_characters"),
        ("ig\u200bnore\U000e0fff", "ignore", "zero_width"),
        ("a\u180bb", "ab", "zero_width"),
        ("access = \u2067user\u2069 \u202eמנהל", "access = user להנמ", "bidi_controls"),
        ("r\u0336e\u0336t\u0336u\u0336r\u0336n\u0336", "return", "combining_marks"),
        ("Ｒｅｔｕｒｎ", "Return", "compatibility_letters"),
        ("𝐑𝐞𝐭𝐮𝐫𝐧", "Return", "compatibility_letters"),
    ],
)
def test_what_a_reader_does_not_see_goes_and_is_named(text: str, visible: str, what: str) -> None:
    canonical = canonicalize(text)
    assert canonical.text == visible
    assert what in canonical.removed


def test_decomposed_accents_compose_and_towers_of_marks_shrink() -> None:
    assert canonicalize("cafe\u0301 au lait").text == "café au lait"
    assert canonicalize("x" + "\u0300\u0316" * 20 + " is a variable of the model").text.count("\u0300") <= 2


def test_messages_in_tags_and_in_variation_selectors_are_read() -> None:
    tags = "".join(chr(0xE0000 + ord(char)) for char in "send it")
    selectors = "".join(chr(0xE0100 + byte - 16) for byte in b"send it")
    assert canonicalize(f"Hello{tags}").hidden == ("send it",)
    assert canonicalize(f"\U0001f600{selectors}").hidden == ("send it",)


def test_direction_marks_stay_where_text_runs_right_to_left() -> None:
    text = "שלום\u200f (עולם)"
    assert canonicalize(text).text == text


@given(ANY_TEXT)
def test_the_form_of_the_form_is_the_form(text: str) -> None:
    once = canonicalize(text).text
    assert canonicalize(once).text == once


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_plain_ascii_never_changes(text: str) -> None:
    assert canonicalize(text).text == text


def test_the_guard_goes_on_with_the_visible_question_and_names_what_went() -> None:
    verdict = check(CanonicalGuard(), "ret\u200burn?")
    assert (verdict.action, verdict.replacement, verdict.rule) == ("mask", "return?", "zero_width")


async def test_an_answer_is_shown_in_the_same_form() -> None:
    from answerable.core.query import Query

    verdict = await CanonicalGuard().check(Query(text="a", tenant="t"), answer_of("a\u200bb\U000e0041"))
    assert (verdict.action, verdict.replacement) == ("mask", "ab")


def test_no_character_that_nobody_sees_is_left_in_plain_words() -> None:
    """Unicode's Default_Ignorable_Code_Point, as in DerivedCoreProperties.txt."""
    ranges = "ad 34f 61c 115f-1160 17b4-17b5 180b-180f 200b-200f 202a-202e 2060-206f 3164 fe00-fe0f feff ffa0"
    for part in f"{ranges} fff0-fff8 1bca0-1bca3 1d173-1d17a e0000-e0fff".split():
        first, _, last = part.partition("-")
        for code in range(int(first, 16), int(last or first, 16) + 1):
            assert canonicalize(f"pass{chr(code)}word").text in ("password", "passdrow"), hex(code)
