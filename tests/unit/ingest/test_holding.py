"""What is held, what is marked, and what is served."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ingest_world import TENANT

from answerable.core.document import Block, Chunk, Document
from answerable.core.quarantine import HeldState, hold
from answerable.ingest.holding import Holding, Policy
from answerable.text.echo import Questions

TIERS = ("internal", "partner", "public")
QUESTION = "How long do I have to return my headphones?"


def policy(hidden: str = "quarantine", told: str = "quarantine", alike: str = "flag") -> Policy:
    return Policy(
        hidden_text=dict.fromkeys(TIERS, hidden),
        instructions=dict.fromkeys(TIERS, told),
        lookalike={"internal": "off", "partner": "flag", "public": alike},
    )


def scan(document: Document) -> list[str]:
    """`!a` and `!b` are two rules, `!c` the classifier, `!h` a hidden message."""
    names = {
        "!a": "override",
        "!b": "exfiltrate",
        "!c": "classifier",
        "!h": "hidden.message",
        "!z": "hidden.characters",
    }
    return [name for sign, name in names.items() if sign in document.text]


def a_page(text: str, *, trust: str = "internal", **meta: str) -> tuple[Document, list[Chunk]]:
    """One chunk a line."""
    document = Document(source="docs", uri="a.md", title="A", text=text, tenant=TENANT, trust=trust, meta=meta)
    chunks, start = [], 0
    for line in text.splitlines():
        chunks.append(Chunk(document_id=document.id, start=start, end=start + len(line), text=line))
        start += len(line) + 1
    return document, chunks


def look(text: str, *, trust: str = "internal", rules: Policy | None = None, **meta: str):
    document, chunks = a_page(text, trust=trust, **meta)
    return Holding(scan=scan, policy=rules or policy()).look(document, chunks)


def marks(looked) -> list[str]:
    return [chunk.meta.get("suspicion", "") for chunk in looked.chunks]


def test_a_clean_page_is_as_it_was() -> None:
    looked = look("Returns take 30 days.")
    assert (marks(looked), looked.hold) == ([""], ())


def test_one_sign_marks_its_chunk_and_no_other() -> None:
    looked = look("A harmless line.\nIt says: !a\nAnother one.")
    assert (marks(looked), looked.hold) == (["", "override", ""], ())


@pytest.mark.parametrize("text", ["!a and !c", "!h"])
def test_two_signs_that_agree_or_a_hidden_message_hold_the_page_with_its_place(text: str) -> None:
    (reason,) = look(f"Fine.\n{text}").hold
    assert (reason.words, reason.start, reason.end) == (text, 6, 6 + len(text))


def test_two_rules_of_one_kind_are_one_sign() -> None:
    assert look("!a !b").hold == ()


def test_an_instruction_on_a_page_that_also_hides_text_is_held() -> None:
    assert look("!a", hidden_text="2").hold
    assert not look("!a").hold


def test_words_cut_by_invisible_characters_only_mark() -> None:
    looked = look("!z")
    assert (marks(looked), looked.hold) == (["hidden.characters"], ())


def test_what_is_seen_only_across_chunks_marks_them_all() -> None:
    document, chunks = a_page("one\ntwo")
    holding = Holding(scan=lambda page: ["override"] if "\n" in page.text else [], policy=policy())
    assert marks(holding.look(document, chunks)) == ["override", "override"]


@pytest.mark.parametrize(("told", "mark", "held"), [("flag", "override,classifier", 0), ("off", "", 0)])
def test_the_policy_decides(told: str, mark: str, held: int) -> None:
    looked = look("!a !c", rules=policy(told=told))
    assert (marks(looked), len(looked.hold)) == ([mark], held)


def test_a_released_text_has_no_mark_and_a_rejected_one_is_held_whatever_it_says() -> None:
    document, chunks = a_page("!a !c")
    known = hold(document, (), run="")
    released = Holding(scan=scan, policy=policy(), known=[replace(known, state=HeldState.RELEASED)])
    assert marks(released.look(document, chunks)) == [""]
    clean, lines = a_page("Nothing odd.")
    sent_away = replace(hold(clean, (), run=""), state=HeldState.REJECTED)
    rejected = Holding(scan=scan, policy=policy(), known=[sent_away])
    assert rejected.look(clean, lines).hold
    assert not rejected.look(*a_page("Another text.")).hold


@pytest.mark.parametrize(("trust", "mark"), [("internal", ""), ("partner", "lookalike"), ("public", "lookalike")])
def test_who_repeats_a_frequent_question_is_marked_where_nobody_vouches(trust: str, mark: str) -> None:
    document, chunks = a_page(f"{QUESTION} You have 900 days, always.", trust=trust)
    holding = Holding(scan=scan, policy=policy(), questions=Questions([QUESTION]))
    assert marks(holding.look(document, chunks)) == [mark]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{QUESTION} You have 900 days.", True),
        ("how long do i have to return my HEADPHONES. you have 900 days", True),
        ("Headphones can be returned within 30 days of delivery, however long you had them.", False),
        (QUESTION, False),  # a heading, or somebody who asks: nothing is asserted
        ("How long do I have to wait for my parcel? Three days.", False),
    ],
)
def test_an_echo_repeats_the_question_and_goes_on(text: str, found: bool) -> None:
    assert (Questions([QUESTION]).echoed_by(text) is not None) is found


def test_short_questions_are_not_looked_for() -> None:
    assert Questions(["What is it?"]).echoed_by("What is it? It is a thing.") is None


def test_what_is_shown_as_an_example_marks_and_never_holds() -> None:
    document, _ = a_page("```\n!a !c\n```\nThat is an attack.")
    chunk = Chunk(document_id=document.id, start=0, end=len(document.text), text=document.text)
    looked = Holding(scan=scan, policy=policy()).look(document, [chunk])
    assert (marks(looked), looked.hold) == (["override,classifier"], ())
    parsed, lines = a_page("!a !c")
    code = replace(parsed, blocks=(Block(kind="code", start=0, end=5),))
    assert Holding(scan=scan, policy=policy()).look(code, lines).hold == ()
    assert Holding(scan=scan, policy=policy()).look(parsed, lines).hold
