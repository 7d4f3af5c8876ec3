"""Proposed cases: what the rules make of a question, a page and a log, and that a person has the last word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from answerable.core.errors import ConfigError
from answerable.core.evaluation import EvalCase, Expectation, GoldSpan
from answerable.core.outcome import Outcome
from answerable.evals.cases.files import load_cases
from answerable.evals.cases.suggest import facts, logs
from answerable.evals.cases.suggest.candidate import Candidate, Kind, State, read_candidates, write_candidates
from answerable.evals.cases.suggest.deciding import Said, accepted, decided, find
from answerable.evals.cases.suggest.facts import Page, Section
from answerable.evals.cases.suggest.logs import Asked
from answerable.evals.cases.suggest.phrases import negations, paraphrases, translations
from answerable.evals.cases.suggest.proposing import Wanted, accept_rate, propose
from answerable.evals.cases.suggest.typos import misspelled

SAMPLE = Path(__file__).parents[4] / "examples" / "techcorp" / "evals" / "cases"
TODAY = date(2026, 11, 22)
CASE = EvalCase(
    id="fee",
    question="How much does the Hearth Cam cost?",
    tags=("obvious", "must-pass"),
    expect=Expectation(
        outcome=Outcome.ANSWERED,
        must=("79",),
        spans=(GoldSpan(document="cam.md", quote="The Hearth Cam costs €79."),),
    ),
    confirmed=TODAY,
)


def wanted(*kinds: Kind, **given: object) -> Wanted:
    return Wanted(kinds=kinds or tuple(Kind), languages=("en", "de", "es"), **given)


def page(text: str, *, heading: str = "Costs", language: str = "en") -> Page:
    section = Section(heading=heading, text=text)
    return Page(uri="a/b.md", title="The page", language=language, sections=(section,))


def asked(trace: str, question: str, *, minute: int = 0, outcome: str = "answered", disliked: str = "") -> Asked:
    at = datetime(2026, 11, 22, 10, tzinfo=UTC) + timedelta(minutes=minute)
    return Asked(trace=trace, question=question, language="en", outcome=outcome, at=at, who="p", disliked=disliked)


def test_the_sample_gives_more_than_fifty_candidates_each_once_and_none_again() -> None:
    cases = load_cases([SAMPLE])
    first = propose(cases, [], wanted())
    assert len(first) == 100
    assert len({one.id for one in first}) == 100
    assert {one.kind for one in first} == {Kind.TYPO, Kind.PARAPHRASE, Kind.NEGATION, Kind.LANGUAGE}
    rejected = [decided(one, State.REJECTED, by="ann", on=TODAY, reason="no") for one in first]
    second = propose(cases, rejected, wanted(limit=1000))
    assert not {one.id for one in first} & {one.id for one in second}
    assert propose(cases, [*rejected, *second], wanted(limit=1000)) == []


def test_a_twin_keeps_what_is_known_of_the_answer_and_falls_with_its_case() -> None:
    (twin,) = propose([CASE], [], wanted(Kind.TYPO))
    assert twin.case.expect == CASE.expect
    assert twin.case.tags == ("typo", "obvious")
    assert twin.provenance == {"kind": "typo", "twin_of": "fee", "generator": "typo@1"}
    assert twin.case.confirmed is None
    bare = replace(CASE, expect=Expectation(outcome=Outcome.ABSTAINED))
    assert propose([bare], [], wanted(Kind.TYPO))[0].case.cluster_id == bare.cluster_id
    assert propose([replace(CASE, origin={"twin_of": "x"})], [], wanted()) == []


@pytest.mark.parametrize("language", ["en", "de", "es"])
def test_slips_are_the_same_for_a_seed_leave_codes_alone_and_make_no_known_word(language: str) -> None:
    question = "Können Sie E-217 from the broken Aurora300 explain tomorrow?"
    made = {misspelled(question, language, seed=str(seed)) for seed in range(40)}
    assert len(made) > 20
    assert question not in made
    assert all("E-217".lower() in one.lower() and "aurora300" in one.lower() for one in made)
    assert misspelled(question, language, seed="7") == misspelled(question, language, seed="7")
    known = {misspelled("form", "en", seed=str(seed)).lower() for seed in range(40)} - {"form"}
    assert "from" in known
    slips = {misspelled("form", "en", seed=str(seed), vocabulary={"from", "fom"}).lower() for seed in range(40)}
    assert not slips & {"from", "fom"}


@pytest.mark.parametrize(
    ("question", "language", "first"),
    [
        ("How long is a gift card valid?", "en", "For how long can I use a gift card?"),
        ("Can I return it?", "en", "Is it possible to return it?"),
        ("Was kostet der Versand?", "de", "Wie teuer ist der Versand?"),
        ("¿Puedo devolver un móvil?", "es", "¿Es posible devolver un móvil?"),
    ],
)
def test_a_question_is_put_in_other_words(question: str, language: str, first: str) -> None:
    assert next(paraphrases(question, language)) == first


def test_keywords_keep_what_is_asked_and_are_not_made_of_a_negated_question() -> None:
    assert (
        list(paraphrases("Which store in the US sells Zigbee bulbs?", "en"))[-1] == "store us sells zigbee bulbs"
    )
    assert list(paraphrases("My seal was not broken when parcels arrived", "en")) == []


@pytest.mark.parametrize(
    ("question", "language", "denied"),
    [
        ("I am a student. Can I use WELCOME10?", "en", "I am a student. Can't I use WELCOME10?"),
        ("Does it work?", "en", "Doesn't it work?"),
        ("Kann ich den Laptop zurückgeben?", "de", "Kann ich den Laptop nicht zurückgeben?"),
        ("¿Tengo que pagar?", "es", "¿No tengo que pagar?"),
    ],
)
def test_a_question_is_denied(question: str, language: str, denied: str) -> None:
    assert list(negations(question, language)) == [denied]


def test_only_a_form_known_in_both_languages_is_translated_and_the_rest_needs_a_person() -> None:
    assert dict(translations(CASE.question, "en", ["de", "es"])) == {
        "de": "Was kostet Hearth Cam?",
        "es": "¿Cuánto cuesta Hearth Cam?",
    }
    worded = replace(CASE, question="How long is it?", expect=replace(CASE.expect, must=("3 years", "79")))
    assert propose([worded], [], wanted(Kind.LANGUAGE)) == []
    german, _ = propose([worded], [], wanted(Kind.LANGUAGE, untranslated=True))
    assert german.needs == ("question", "must")
    assert german.case.expect.must == ("79",)
    with pytest.raises(ConfigError, match="needs a person's word on question and must"):
        accepted(german, Said(), by="ann", on=TODAY, taken=())
    said = Said(question="Wie lange?", must=("3 Jahre",))
    case = accepted(german, said, by="ann", on=TODAY, taken=())
    assert (case.question, case.language, case.expect.must) == ("Wie lange?", "de", ("3 Jahre",))


@pytest.mark.parametrize(
    ("text", "language", "question", "must"),
    [
        ("Shipping to Italy costs €8.90 and is quick.", "en", "How much is shipping to Italy?", "€8.90"),
        ("Vela 5 weighs 171 g without its case.", "en", "How heavy is Vela 5?", "171 g"),
        ("Der Versand nach Wien kostet 6,90 € im Jahr.", "de", "Wie teuer ist der Versand nach Wien?", "6,90 €"),
        ("El envío cuesta 8,90 € y llega pronto.", "es", "¿Qué precio tiene el envío?", "8,90 €"),
        ("We answer all within 2 days.", "en", "What should I know about “Costs” (The page)?", "2 days"),
    ],
)
def test_a_sentence_with_an_amount_gives_a_question_with_its_span(
    text: str, language: str, question: str, must: str
) -> None:
    (one,) = facts.candidates_of(page(f"Nothing here. {text} And more.", language=language))
    assert one.case.question == question
    assert one.case.expect.must == (must,)
    assert one.case.expect.spans == (GoldSpan(document="a/b.md", quote=text),)
    assert one.case.expect.cites == ("a/b.md#costs",)


@pytest.mark.parametrize(
    "text",
    [
        "It costs €4.90 and arrives within the week.",
        "There is no amount in this sentence at all.",
        "Country | Cost is €4.90 in a table row here.",
        "The very long name of a service that nobody could ever remember costs €4.90.",
    ],
)
def test_no_question_is_made_of_what_cannot_stand_alone_or_would_only_be_copied(text: str) -> None:
    assert list(facts.candidates_of(page(text, heading="The page"))) == []


def test_what_the_cases_cover_already_is_not_proposed_from_documents() -> None:
    known = page("The Hearth Cam costs €79.")
    assert propose([CASE], [], wanted(Kind.DOCUMENT), pages=[known]) == []
    assert len(propose([], [], wanted(Kind.DOCUMENT), pages=[known])) == 1


def test_the_longest_run_of_copied_words_is_counted() -> None:
    assert facts.copied("How much is express shipping there?", "Express shipping costs more.") == 2
    assert facts.copied("a b c", "x") == 0


def test_questions_that_went_wrong_are_taken_from_the_log() -> None:
    log = [
        asked("tr_1", "how long is a voucher good for", minute=0),
        asked("tr_2", "how long is a gift voucher good for exactly", minute=3),
        asked("tr_3", "Is there a swallow?", minute=30, outcome="abstained"),
        asked("tr_4", "What about paint?", minute=40, disliked="wrong"),
        asked("tr_5", "Which color?", minute=59),
    ]
    found = {one.source: one.note for one in logs.candidates_of(log)}
    assert found == {
        "tr_4": "Disliked: wrong.",
        "tr_3": "Ended abstained.",
        "tr_1": "Asked again as “how long is a gift voucher good for exactly”.",
    }


def test_a_candidate_of_the_log_needs_an_outcome_and_becomes_a_regression_case() -> None:
    (one,) = logs.candidates_of([asked("tr_3", "Is there a swallow?", outcome="abstained")])
    with pytest.raises(ConfigError, match="outcome"):
        accepted(one, Said(), by="ann", on=TODAY, taken=())
    case = accepted(one, Said(outcome=Outcome.ABSTAINED), by="ann", on=TODAY, taken=())
    assert case.category == "regression"
    assert case.origin["trace"] == "tr_3"
    assert case.origin["author"] == "ann"


def test_candidates_are_kept_with_their_decisions_and_found_by_the_beginning_of_their_id(tmp_path: Path) -> None:
    path = tmp_path / "evals" / "candidates.jsonl"
    assert read_candidates(path) == []
    one, other = propose([CASE], [], wanted(Kind.TYPO, Kind.PARAPHRASE, limit=2))
    no = decided(one, State.REJECTED, by="ann", on=TODAY, reason="Nobody types so.")
    write_candidates([no, other], path)
    kept = read_candidates(path)
    assert [(here.id, here.state, here.reason) for here in kept] == [
        (one.id, State.REJECTED, "Nobody types so."),
        (other.id, State.PROPOSED, ""),
    ]
    assert find(kept, other.id[:12]) == kept[1]
    assert accept_rate(kept) == (0, 1)
    with pytest.raises(ConfigError, match="was rejected already, by ann"):
        find(kept, one.id)
    with pytest.raises(ConfigError, match="there is no candidate"):
        find(kept, "cd_nothing")
    with pytest.raises(ConfigError, match="without a reason"):
        decided(other, State.REJECTED, by="ann", on=TODAY)


@pytest.mark.parametrize("line", ['{"id": 1}', "no json", '{"kind": "x", "source": "", "case": {"id": "a"}}'])
def test_a_bad_line_of_candidates_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "candidates.jsonl"
    path.write_text(f"\n{line}\n")
    with pytest.raises(ConfigError, match=r"candidates\.jsonl:2"):
        read_candidates(path)


def test_an_accepted_case_has_a_free_id() -> None:
    (one,) = propose([CASE], [], wanted(Kind.PARAPHRASE, limit=1))
    case = accepted(one, Said(), by="ann", on=TODAY, taken=())
    again = accepted(one, Said(), by="ann", on=TODAY, taken={case.id})
    assert again.id == f"{case.id}-2"
    assert isinstance(one, Candidate)
