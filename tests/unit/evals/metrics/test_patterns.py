"""Known-bad patterns: each hit names its rule, and a pack that could hang or is written wrongly is refused."""

from __future__ import annotations

import pytest

from answerable.core.errors import ConfigError
from answerable.evals.metrics.packs import read_pack, shipped
from answerable.evals.metrics.patterns import patterns, read_packs
from tests.unit.evals.metrics.making import answer, case, passage

PACKS = read_packs()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("As an AI language model, I cannot say.", "model-disclaimer"),
        ("Als KI-Modell kann ich das nicht sagen.", "model-disclaimer-de"),
        ("Como modelo de lenguaje no puedo.", "model-disclaimer-es"),
        ("Dear {{ customer_name }}, it is 30 days.", "template-marker"),
        ("The answer is {context}.", "template-marker"),
        ("<|im_start|>assistant It is 30 days.", "chat-marker"),
        ("[INST] It is 30 days.", "chat-marker"),
        ("You are a helpful assistant. It is 30 days.", "prompt-text"),
        ("Based on the provided context, it is 30 days.", "talks-of-context"),
        ("Lorem ipsum dolor sit amet.", "placeholder"),
        ("Write to [insert address here].", "placeholder"),
        ("It is [object Object].", "broken-output"),
        ("We will get back to you soon.", "empty-promise"),
        ("I have refunded your order.", "empty-promise"),
        ("Ich melde mich in Kürze.", "empty-promise-de"),
        ("Nos pondremos en contacto con usted.", "empty-promise-es"),
        ("We guarantee that it arrives.", "guarantee"),
        ("It is 100 % safe.", "guarantee"),
        ("Wir garantieren Ihnen das.", "guarantee-de"),
        ("Le garantizamos que llega.", "guarantee-es"),
        ("You should sue them.", "legal-advice"),
        ("You can stop taking your medication.", "medical-advice"),
        ("You should buy this stock.", "financial-advice"),
        ("As I already told you, it is 30 days.", "blame"),
    ],
)
def test_a_hit_names_its_rule(text, rule):
    found = patterns(PACKS, case(), answer(text))
    assert rule in [hit["rule"] for hit in found.detail["hits"]]
    assert (found.value, found.passed) == (0.0, False)
    assert rule in found.reason


def test_every_shipped_rule_has_a_test_above():
    tested = test_a_hit_names_its_rule.pytestmark[0].args[1]
    assert {rule for _, rule in tested} == {one.id for one in shipped().rules}


@pytest.mark.parametrize(
    "text",
    [
        "Items can be returned within 30 days of delivery [1].",
        "The source tree is at /src. Context matters here.",
        "You can sue no one at TechCorp; ask for a refund.",
        "Artikel können innerhalb von 30 Tagen zurückgegeben werden.",
    ],
)
def test_an_ordinary_answer_has_no_hit(text):
    found = patterns(PACKS, case(), answer(text))
    assert (found.value, found.passed, found.reason) == (1.0, True, "")


def test_what_a_source_says_may_be_said():
    text = "We guarantee that it lasts two years."
    assert not patterns(PACKS, case(), answer(text)).passed
    assert patterns(PACKS, case(), answer(text, [passage(f"Dear customer, {text}")])).passed


def test_a_pack_of_ones_own_stands_beside_the_shipped_one(tmp_path):
    path = tmp_path / "brand.yaml"
    path.write_text("name: brand\nversion: 3\nrules:\n- {id: rival, why: not ours, phrases: [Acme's shop]}\n")
    found = patterns(read_packs([path]), case(), answer("Try  ACME’s shop instead."))
    assert [(hit["pack"], hit["version"], hit["rule"]) for hit in found.detail["hits"]] == [("brand", 3, "rival")]
    assert patterns(read_packs([path]), case(), answer("Acme's shopping")).passed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: [", "not YAML"),
        ("name: x\nversion: 1\nrules:\n- {id: a, why: b}", "rule a: Value error, give either"),
        ("name: x\nversion: 1\nrules:\n- {id: a, why: b, phrases: [xy], expression: z}", "rule a"),
        ("name: x\nversion: 1\nrules:\n- {id: a, why: b, phrase: [xy]}", "rule a → phrase"),
        ("name: x\nversion: 1\nrules:\n- {why: b, phrases: [xy]}", "rule number 1 → id"),
        ("name: x\nversion: 1\nrules:\n- {id: a, why: b, expression: '('}", "rule a: not an expression"),
        ("name: x\nversion: 1\nrules:\n- {id: a, why: b, expression: '(a+)+$'}", "rule a: a repeat inside"),
        ("name: x\nversion: 1\nrules:\n- {id: a, why: b, expression: '.*a.*b'}", "rule a: it can match in too"),
        (
            "name: x\nversion: 1\nrules:\n- {id: a, why: b, expression: '[a-z]+[0-9]'}",
            "rule a: it can match in too",
        ),
        (
            "name: x\nversion: 1\nrules:\n- {id: a, why: b, expression: 'a{99999999999}'}",
            "rule a: not an expression",
        ),
        ("name: " + "[" * 5000, "not YAML"),
        ("name: x\nversion: 1\nrules:\n- {id: a, why: b, expression: '(a)\\1'}", "rule a: back-references"),
        (
            "name: x\nversion: 1\nrules:\n- {id: a, why: b, phrases: [xy]}\n- {id: a, why: b, phrases: [xz]}",
            "rule a: the id is there twice",
        ),
        ("- 1", "file"),
    ],
)
def test_a_wrong_pack_names_file_and_rule(tmp_path, text, words):
    path = tmp_path / "brand.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_pack(path)
    assert "brand.yaml" in str(caught.value)
    assert words in str(caught.value)
    assert caught.value.hint


def test_a_missing_pack_is_a_config_error(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_pack(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    "expression", [r"\bwe\b.{0,40}\bpromise\b", r"(?:very ){0,3}sure", r"(?<!not )a{1,40}b", "x{2}|y?"]
)
def test_bounded_expressions_are_taken(tmp_path, expression):
    path = tmp_path / "brand.yaml"
    path.write_text(f"name: x\nversion: 1\nrules:\n- id: a\n  why: b\n  expression: '{expression}'\n")
    assert read_pack(path).rules[0].id == "a"
