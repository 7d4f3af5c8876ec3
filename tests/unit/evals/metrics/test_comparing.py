"""Metrics that compare with what a case expects: outcome, wording, citations, similarity, language."""

from __future__ import annotations

import pytest

from answerable.core.evaluation import Status
from answerable.core.outcome import Outcome
from answerable.evals.metrics.cites import cites
from answerable.evals.metrics.language import language
from answerable.evals.metrics.outcome import outcome
from answerable.evals.metrics.phrases import must, must_not
from answerable.evals.metrics.places import slug
from answerable.evals.metrics.similarity import rouge_l, similarity, token_f1
from tests.unit.evals.metrics.making import RETURNS, SHIPPING, answer, case, passage


def test_the_expected_outcome_passes():
    found = outcome(case(outcome=Outcome.ABSTAINED), answer("", outcome=Outcome.ABSTAINED))
    assert (found.value, found.passed, found.reason) == (1.0, True, "")


def test_a_near_miss_fails_and_is_explained():
    found = outcome(case(outcome=Outcome.CONFLICT), answer("30 days."))
    assert (found.value, found.passed, found.detail["near"]) == (0.0, False, True)
    assert "did not say that the sources disagree" in found.reason
    other = outcome(case(outcome=Outcome.ABSTAINED), answer("", outcome=Outcome.OUT_OF_SCOPE))
    assert (other.passed, other.detail["near"]) == (False, True)
    plain = outcome(case(outcome=Outcome.ABSTAINED), answer("30 days."))
    assert (plain.passed, plain.detail["near"]) == (False, False)


def test_what_must_be_said_is_missed_and_named():
    found = must(case(must=("30 days", "€4.90")), answer("You have thirty days."))
    assert (found.value, found.passed, found.detail["missing"]) == (0.5, False, ["€4.90"])
    assert "€4.90" in found.reason


def test_a_variant_stands_in_for_one_missing_phrase_only():
    wanted = case(must=("17 days", "in store"), accept_also=("two and a half weeks",))
    found = must(wanted, answer("You have two and a half weeks."))
    assert (found.value, found.passed) == (0.5, False)
    assert must(case(must=("17 days",), accept_also=("17 Tage",)), answer("17 Tage.")).passed


def test_a_citation_mark_is_no_number_of_the_answer():
    assert not must(case(must=("1",)), answer("Within days [1].", [passage(RETURNS)])).passed


def test_what_must_not_be_said_is_found():
    found = must_not(case(must_not=("60 days", "refund")), answer("You have sixty days."))
    assert (found.value, found.passed, found.detail["said"]) == (0.5, False, ["60 days"])
    assert must_not(case(must_not=("60 days",)), answer("You have 30 days.")).passed


def test_places_are_met_by_document_section_or_both():
    said = answer(f"{RETURNS} [1]", [passage(RETURNS)])
    for place in ("policies/returns.md", "help/policies/returns.md", "policies/returns.md#time-limits"):
        assert cites(case(cites=(place,)), said).passed, place
    found = cites(case(cites=("policies/returns.md#costs", "policies/returns.md")), said)
    assert (found.value, found.passed, found.detail["missing"]) == (0.5, False, ["policies/returns.md#costs"])


def test_nothing_cited_fails_where_something_is_expected():
    found = cites(case(cites=("a.md",)), answer("Yes."))
    assert (found.passed, found.value) == (False, 0.0)
    assert "nothing" in found.reason


@pytest.mark.parametrize(
    ("heading", "address"),
    [
        ("How long can I return an item?", "how-long-can-i-return-an-item"),
        ("Rückgabe & Erstattung", "ruckgabe-erstattung"),
        ("Error E-501", "error-e-501"),
    ],
)
def test_a_heading_becomes_an_address(heading, address):
    assert slug(heading) == address


def test_similarity_is_the_f1_of_content_words():
    assert token_f1(["a", "b", "c"], ["a", "b", "d", "e"]) == pytest.approx(4 / 7)
    assert token_f1([], ["a"]) == token_f1(["x"], ["a"]) == 0.0
    found = similarity(
        case(reference="Items may be returned for 30 days."), answer("Return items for 30 days. [1]")
    )
    assert found.value == 1.0


def test_rouge_l_counts_the_longest_common_subsequence():
    assert rouge_l("abcd", "axcy") == pytest.approx(2 * 2 / 8)
    assert rouge_l("", "a") == 0.0


def test_similarity_reads_any_script():
    found = similarity(
        case(reference="三十天内可以退货", language="zh"), answer("可以退货三十天内", language="zh")
    )
    assert 0.5 < found.value < 1.0


@pytest.mark.parametrize(
    ("wanted", "text", "right"),
    [
        ("en", "You can return it within 30 days of delivery.", True),
        ("en", "Sie können das innerhalb von 30 Tagen zurückgeben.", False),
        ("de", "Sie können das innerhalb von 30 Tagen zurückgeben.", True),
        ("es", "Puede devolver el artículo en un plazo de 30 días.", True),
        ("en", "三十天内可以退货，请保留收据。", False),
        ("zh", "三十天内可以退货，请保留收据。", True),
        ("ru", "You can return it within 30 days of delivery.", False),
    ],
)
def test_the_answers_language_is_held_against_the_questions(wanted, text, right):
    found = language(case(language=wanted), answer(text, language=wanted))
    assert (found.passed, found.value) == (right, float(right))


def test_too_little_text_has_no_language():
    assert language(case(), answer("30 Tage")).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("metric", [outcome, must, must_not, cites, similarity])
def test_what_nobody_expects_is_not_applicable(metric):
    found = metric(case(), answer(f"{RETURNS} {SHIPPING}"))
    assert (found.status, found.value, found.passed) == (Status.NOT_APPLICABLE, None, None)
    assert found.reason
