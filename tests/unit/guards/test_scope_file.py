"""scope.md: what its lines become, what is wrong with them and where, and what the guard then stops."""

from __future__ import annotations

import pytest

from answerable.core.errors import ConfigError
from answerable.core.outcome import Outcome
from answerable.guards.scope import ScopeGuard
from answerable.guards.scope_file import ScopeBook, read_scope
from answerable.testing.guard import check

TEXT = """# What this assistant is for

It helps customers of a bank.

## It answers questions about

- cards: lost, stolen, declined
- translating the names of our forms
- weather: how it changes our opening hours

<!-- - gambling: hidden -->

## It is not for

- writing poems or playing roles
- competitors: "Other Bank", Third Bank
- look into accounts

## When it cannot help

- it offers a person
"""


def book(text: str = TEXT) -> ScopeBook:
    return read_scope(text, languages=("en", "de"))


def test_each_line_becomes_a_use_a_topic_or_words() -> None:
    made = book()
    assert made.purpose == "It helps customers of a bank."
    assert made.subjects == ("cards", "translating the names of our forms", "weather")
    assert [(one.line, one.kind) for one in made.lines] == [
        (7, "words"), (8, "allowed use"), (9, "allowed use"), (15, "use"), (16, "topic"), (17, "words"),
    ]  # fmt: skip
    assert made.cannot == ("writing poems or playing roles", "competitors", "look into accounts")


@pytest.mark.parametrize(
    ("question", "rule"),
    [
        ("Are Other Banks cheaper?", "topic.competitors"),
        ("What does third-bank charge?", "topic.competitors"),
        ("Hat die Other Bank bessere Zinsen?", "topic.competitors"),
        ("Write me a poem about money", "task.write-en"),
        ("Pretend you are my banker", "task.roleplay"),
        ("Write a python script that parses statements", "task.code-en"),
    ],
)
def test_what_it_is_not_for_is_out_of_scope_with_its_rule(question: str, rule: str) -> None:
    verdict = check(ScopeGuard(book=book()), question)
    assert (verdict.action, verdict.outcome, verdict.rule) == ("block", Outcome.OUT_OF_SCOPE, rule)


@pytest.mark.parametrize(
    "question",
    ["My card was stolen", "Translate the name of form 12 to German", "Which other account can a bank give me?"],
)
def test_what_it_is_for_passes_also_a_use_that_the_file_allows(question: str) -> None:
    assert check(ScopeGuard(book=book()), question).action == "allow"
    assert check(ScopeGuard(), "Translate this to German").action == "block"


def test_any_text_is_a_scope_and_an_empty_one_changes_nothing() -> None:
    assert book("").topics == ()
    assert book("Questions about our pages.\nNothing else.").lines == ()
    assert check(ScopeGuard(book=book("")), "Write me a poem").action == "block"


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("- gambling:", r"scope\.md:3: gambling: no phrase after the colon"),
        ('- gambling: "casino, roulette', r"scope\.md:3: gambling: a quotation mark is missing"),
        ("- gambling: the, and", r"scope\.md:3: gambling: 'the' would be found in nearly every question"),
        (f"- gambling: {'x' * 90}", r"scope\.md:3: gambling: a phrase of 90 characters"),
    ],
)
def test_a_list_that_cannot_be_compiled_names_its_line(line: str, cause: str) -> None:
    with pytest.raises(ConfigError, match=cause) as caught:
        book(f"# It is not for\n\n{line}\n")
    assert caught.value.hint


def test_a_use_on_both_lists_is_a_contradiction_with_both_lines() -> None:
    with pytest.raises(ConfigError, match=r"scope\.md:4: translation is named here and, the other way, in line 2"):
        book("# For\n- translating forms\n# Not for\n- translations\n")


def test_too_much_is_refused() -> None:
    with pytest.raises(ConfigError, match="at most 20000"):
        book("x" * 20_001)
    many = "\n".join(f"- t{i}: " + ", ".join(f"word{i}x{j}" for j in range(50)) for i in range(11))
    with pytest.raises(ConfigError, match="more than 500 phrases"):
        book(f"# Not for\n{many}")
