"""The catalogs agree with each other, and texts are filled and chosen as the scripts do it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.core import degraded
from answerable.core.outcome import Outcome
from answerable.web.messages import CATALOGS, choose, fill, load, placeholders
from answerable.web.pages import NAMES, OUTCOME_ICONS, coded, create_pages
from answerable.web.settings import WebSettings

LANGUAGES = ("en", "de", "es")
WEB = Path(CATALOGS).parent


def texts(language: str) -> dict[str, str]:
    return json.loads((CATALOGS / f"{language}.json").read_text("utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_catalog_has_the_same_keys_and_placeholders(language: str) -> None:
    english, other = texts("en"), texts(language)
    assert other.keys() == english.keys()
    assert {key: placeholders(text) for key, text in other.items()} == {
        key: placeholders(text) for key, text in english.items()
    }
    assert all(text.strip() for text in other.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cheaper_form_that_a_reader_should_know_of_is_a_sentence(language: str) -> None:
    told = {key.removeprefix("degraded.") for key in texts(language) if key.startswith("degraded.")}
    assert told == degraded.MEANINGS.keys() - {degraded.NO_CACHE}  # which changes nothing that is read
    assert all(texts(language)[f"degraded.{word}"].endswith(".") for word in told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_has_a_text_and_an_icon(language: str) -> None:
    assert {f"outcome.{one}" for one in Outcome} <= texts(language).keys()
    assert {one.value for one in Outcome} == OUTCOME_ICONS.keys()


def test_every_icon_that_is_named_is_drawn() -> None:
    sprite = (WEB / "static/icons.svg").read_text("utf-8")
    drawn = set(re.findall(r'<symbol id="(\w+)"', sprite))
    pages = "".join(path.read_text("utf-8") for path in (WEB / "templates").iterdir())
    scripts = "".join(path.read_text("utf-8") for path in (WEB / "static").glob("*.js"))
    named = set(re.findall(r"icon\('(\w+)'\)", pages)) | set(re.findall(r'icon\("(\w+)"\)', scripts))
    assert named
    assert named | set(OUTCOME_ICONS.values()) <= drawn


def test_every_text_is_used_and_every_used_text_is_there() -> None:
    known = texts("en").keys()
    modules = [WEB / "pages.py", WEB / "figures.py"]
    sources = [*(WEB / "templates").iterdir(), *(WEB / "static").glob("*.js"), *modules]
    code = "".join(path.read_text("utf-8") for path in sources)
    literal = set(re.findall(r"""say\(\s*['"]([\w.]+)['"]\s*[,)]""", code))
    assert literal <= known
    families = (
        "outcome.",
        "degraded.",
        "confidence.",
        "support.",
        "stage.",
        "theme.",
        "error.",
        "feedback.",
        "made.",
        "source.",
        "ops.",
        "jobs.state.",
        "jobs.what.",
        "alerts.",
        "prompts.state.",
        "prompts.failure.",
        "prompts.trust.",
        "prompts.verdict.",
        "prompts.category.",
        "prompts.rollout.",
        "sandbox.state.",
    )
    unused = [key for key in known if f'"{key}"' not in code and f"'{key}'" not in code]
    assert [key for key in unused if not key.startswith(families)] == []


def test_a_language_without_a_catalog_is_left_out() -> None:
    assert load(("en", "xx")).keys() == {"en"}
    assert create_pages(WebSettings(languages=("xx",))).catalogs.keys() == {"en"}
    assert NAMES.keys() == set(LANGUAGES)


@pytest.mark.parametrize(("count", "said"), [(0, "0 pages of 9"), (1, "1 page of 9"), (2, "2 pages of 9")])
def test_plurals_and_names_are_filled(count: int, said: str) -> None:
    text = "{n, plural, one {# page} other {# pages}} of {all}"
    assert fill(text, {"n": count, "all": 9}) == said
    assert placeholders(text) == {"n", "all"}


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        fill("{n} of {total}", {"n": 1})


@given(st.text(), st.text())
def test_what_is_filled_in_is_never_read_as_a_pattern(name: str, other: str) -> None:
    assert fill("{a}|{b}", {"a": name, "b": other}) == f"{name}|{other}"


@pytest.mark.parametrize(
    ("wanted", "accepted", "chosen"),
    [
        (("de", None), "es", "de"),
        ((None, "es"), "de", "es"),
        (("xx", None), "de-AT;q=0.9, es;q=0.8", "de"),
        ((None, None), "es;q=0.5, de-DE;q=0.9, en;q=0.1", "de"),
        ((None, None), "fr, *;q=0.5", "en"),
        ((None, None), "de;q=0, es", "es"),
        ((None, None), "de;q=9.9.9, es", "es"),
        ((None, None), "", "en"),
    ],
)
def test_the_language_is_the_first_one_offered(wanted, accepted: str, chosen: str) -> None:
    assert choose(wanted, accepted, offered=LANGUAGES, default="en") == chosen


@given(st.text(max_size=300))
def test_no_header_breaks_the_choice(accepted: str) -> None:
    assert choose((None, None), accepted, offered=LANGUAGES, default="en") in LANGUAGES


def test_what_stands_between_backticks_is_code_and_nothing_is_markup() -> None:
    assert coded("run `a <b>` & wait") == "run <code>a &lt;b&gt;</code> &amp; wait"
