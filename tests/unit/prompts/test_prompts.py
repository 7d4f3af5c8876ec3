"""Prompt files: loading, checking and rendering."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.core.errors import ConfigError
from answerable.core.identity import sha256_hex
from answerable.core.prompt import Piece
from answerable.prompts.collection import Prompts, load_library, shipped
from answerable.prompts.file import load, parse
from answerable.prompts.prompt import Input, Trust
from answerable.prompts.render import render

FILE = """---
id: greet
version: 1.2.3
owner: somebody@example.com
purpose: Greet.
inputs: {name: operator, tone: operator}
---
Be {{ tone }}.

--- user ---
Hello {{ name }}!
"""
ANSWER = {
    "question": "How long?",
    "context": [Piece(name="source", about=(("n", "1"),), text="Thirty days.")],
    "language": "de",
    "today": "2026-11-22",
    "scope": "orders and returns",
    "canary": "CANARY-1",
}


def test_a_file_becomes_a_prompt_with_its_hash(tmp_path):
    path = tmp_path / "greet.md"
    path.write_text(FILE, encoding="utf-8")
    prompt = load(path)
    assert (prompt.ref, prompt.owner) == ("greet@1.2.3", "somebody@example.com")
    assert prompt.inputs == (Input(name="name", trust=Trust.OPERATOR), Input(name="tone", trust=Trust.OPERATOR))
    assert (prompt.system, prompt.user) == ("Be {{ tone }}.", "Hello {{ name }}!")
    assert prompt.sha256 == sha256_hex(path.read_bytes())


def test_the_hash_does_not_depend_on_line_ends_but_on_every_letter():
    assert parse(FILE.replace("\n", "\r\n"), where="x").sha256 == parse(FILE, where="x").sha256
    assert parse(FILE.replace("Hello", "hello"), where="x").sha256 != parse(FILE, where="x").sha256


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("---\nid: greet", "id: greet", "no front matter"),
        ("version: 1.2.3", "version: 1.2", "version"),
        ("owner: somebody@example.com\n", "", "owner"),
        ("purpose: Greet.", "purpose: ''", "purpose"),
        ("id: greet", "id: greet\nmodel: big", "model"),
        ("id: greet", "id: [", "front matter"),
        ("--- user ---", "", "two parts"),
        ("Hello", "{{ whom }}", "uses whom"),
        ("tone: operator}", "tone: operator, mood: system}", "mood"),
        ("tone: operator}", "tone: everybody}", "whose words tone is"),
        ("{name: operator, tone: operator}", "[name, tone]", "whose words name, tone is"),
        ("{{ name }}", "{{ name ", "no valid template"),
    ],
)
def test_a_wrong_file_is_refused_with_its_cause(old, new, cause):
    assert old in FILE
    with pytest.raises(ConfigError, match=cause):
        parse(FILE.replace(old, new, 1), where="greet.md")


def test_a_missing_file_is_an_error_that_names_it(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere\.md"):
        load(tmp_path / "nowhere.md")


def test_an_unknown_library_prompt_names_the_known_ones():
    with pytest.raises(ConfigError, match="answer"):
        load_library("nonsense")
    with pytest.raises(ConfigError, match="no prompt"):
        load_library("../file")


def test_rendering_fills_both_parts():
    assert render(parse(FILE, where="x"), {"name": "Ada", "tone": "kind"}) == ("Be kind.", "Hello Ada!")


@pytest.mark.parametrize(
    ("values", "cause"),
    [({"name": "Ada"}, "got no value for tone"), ({"name": "Ada", "tone": "kind", "mood": "x"}, "takes no mood")],
)
def test_a_missing_and_an_extra_value_stop_you(values, cause):
    with pytest.raises(ConfigError, match=cause):
        render(parse(FILE, where="x"), values)


@given(st.text(max_size=60))
def test_a_value_comes_out_as_it_went_in(value):
    _, user = render(parse(FILE, where="x"), {"name": value, "tone": "kind"})
    assert user == f"Hello {value}!"


def test_a_template_in_a_value_stays_text():
    _, user = render(parse(FILE, where="x"), {"name": "{{ tone }}{% raw %}", "tone": "kind"})
    assert user == "Hello {{ tone }}{% raw %}!"


@pytest.mark.parametrize(
    "attack",
    [
        "{{ name.__class__.__mro__ }}",
        "{{ name.__class__.__base__.__subclasses__() }}",
        "{{ ''.join.__globals__ }}",
    ],
)
def test_a_template_reaches_nothing_but_its_values(attack):
    with pytest.raises(ConfigError, match="no prompt needs that"):
        parse(FILE.replace("{{ name }}", attack + "{{ name }}" * ("name" not in attack)), where="x")


def test_the_globals_of_the_template_language_are_gone():
    with pytest.raises(ConfigError, match="uses range"):
        parse(FILE.replace("Hello", "{{ range }}"), where="x")


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param("{% if name %}" * 2000 + "{% endif %}" * 2000, id="deep"),
        pytest.param("{% for a in name %}" * 9 + "x" + "{% endfor %}" * 9, id="loops"),
        pytest.param("{% set a = name %}{% set a = a ~ a %}", id="doubling"),
        pytest.param("{{ 'a' * 900000000 }}", id="room"),
        pytest.param("{{ 10 ** 10000000 }}", id="time"),
        pytest.param("{{ name|center(900000000) }}", id="filter"),
        pytest.param("{% macro f() %}{{ f() }}{% endmacro %}", id="itself"),
        pytest.param("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", id="brackets"),
        pytest.param("{{ name" + ".a" * 5000 + " }}", id="dots"),
        pytest.param("{{ " + "9" * 6000 + " }}", id="digits"),
        pytest.param("{{ name }}" * 4000, id="again and again"),
        pytest.param("{{ name|replace('<name', '') }}", id="its own fence"),
        pytest.param("\ud800", id="half a character"),
    ],
)
def test_a_stranger_s_text_is_no_more_than_a_fault_in_it(attack):
    with pytest.raises(ConfigError) as caught:
        parse(FILE.replace("Hello", "Hello " + attack), where="x")
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("owner: 2020-13-45", "month must be"),
        ("owner: " + "9" * 6000, "digits"),
        ("owner: " + "[" * 9000, "deep"),
        ("owner: !!bool x", "have no place here"),
        ("a: &a [x, x]\nb: &b [*a, *a]", "have no place here"),
        ("owner: " + "x" * 30_000, "more than 20,000 characters"),
        ("\n".join(f"k{n}: 1" for n in range(900)), "k0"),
    ],
)
def test_front_matter_is_read_in_bounded_time_and_its_fault_is_said_briefly(line, cause):
    with pytest.raises(ConfigError, match=cause) as caught:
        parse(FILE.replace("purpose:", line + "\npurpose:"), where="x")
    assert len(str(caught.value)) < 3_000


def test_conditions_and_what_stands_for_nothing_stay():
    text = FILE.replace(
        "{{ name }}", "{% if name and tone != 'x' %}{{ name | default('', true) }}{% else %}-{% endif %}"
    )
    _, user = render(parse(text, where="x"), {"name": "Ada", "tone": "kind"})
    assert user == "Hello Ada!"


def test_the_answer_prompt_has_what_its_contract_says():
    system, user = render(load_library("answer"), ANSWER, draw=lambda _: "k3f9")
    assert user.startswith(
        '<source n="1" boundary="k3f9">\nThirty days.\n</source k3f9>\n\n<question k3f9>\nHow long?'
    )
    assert "Boundary: k3f9\n" in system
    assert "CANARY-1" in system
    assert "CANARY-1" not in user


def test_the_answer_prompt_begins_the_same_for_every_request():
    prompt = load_library("answer")
    one, _ = render(prompt, ANSWER)
    other, _ = render(prompt, {name: f"other {name}" for name in ANSWER})
    fixed = prompt.system.index("{{")
    assert one[:fixed] == other[:fixed]
    assert fixed > 0.8 * len(prompt.system)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("version: 1.2.3", "version: 2", "version is 2, not three numbers such as 1.0.0"),
        ("owner: somebody@example.com\n", "", "owner is missing"),
        ("purpose: Greet.", "purpose: Greet.\nrole: answer", "there is no key role; known are id, version, owner"),
        ("inputs: {name: operator, tone: operator}", "inputs: [name", "line 6: "),
    ],
)
def test_a_wrong_front_matter_is_told_by_its_key_or_its_line_in_few_words(old, new, message):
    with pytest.raises(ConfigError) as caught:
        parse(FILE.replace(old, new), where="prompts/greet.md")
    assert message in str(caught.value)
    assert str(caught.value).count("\n") == 0
    assert "pydantic" not in str(caught.value)


def test_a_folder_with_the_name_of_a_prompt_is_no_prompt(tmp_path):
    (tmp_path / "greet.md").mkdir()
    assert Prompts(folder=tmp_path).ids() == shipped()


def test_a_name_that_nobody_knows_is_answered_with_what_can_be_done(tmp_path):
    with pytest.raises(ConfigError, match="no prompt is called 'nope'") as caught:
        Prompts(folder=tmp_path).get("nope")
    assert "prompt list" in caught.value.hint
