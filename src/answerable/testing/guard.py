"""The contract of the Guard port: what every guard must do with every text. Subclass it and give the fixtures."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerable.core.answer import Answer
from answerable.core.outcome import Outcome
from answerable.core.ports import Guard
from answerable.core.query import Query
from answerable.core.verdict import Verdict

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)
# Each is repeated up to 100,000 characters: what makes a backtracking pattern or a slice in a loop quadratic.
ADVERSARIAL = (
    "a", " ", "\n", "1", "1 ", "1-", "1.", "a.", "a@", "a@a.", "<", "<a ", "<!--", "&", "&#58;", "[", "![",
    "[a](", "[a]: ", "`", "` ", "```\n", "://", "a://", "//a.", "www.", "ignore ", "ignore all ", "you are ",
    "repeat the ",
    "\u200b", "\u0301\u0323", "e\u0301", "\U000e0041", "\ufe00\ufe01", "\u202e", "а", "%41", "QUJD", "4142",
    "a b ", "a=\"b\" ", "password=", "eyJ", "sk-", "-----BEGIN ", "tel 1", "+1 ", "DE12 ", "born 1", "write a ",
    "\u200da\u200d",
)  # fmt: skip
ADVERSARIAL_CHARS = 100_000
_SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]  # guards keep no state


def answer_of(text: str) -> Answer:
    """An answer with this text and nothing else."""
    return Answer(id="a1", trace_id="t1", text=text, outcome=Outcome.ANSWERED)


def check(guard: Guard, text: str) -> Verdict:
    """The guard's verdict on a text in the stage that it works in; a guard of both reads it as a question."""
    as_answer = guard.stage == "answer"
    query = Query(text="How?" if as_answer else text, tenant="acme")
    return asyncio.run(guard.check(query, answer_of(text) if as_answer else None))


class GuardContract:
    """Give `guard`, `caught` (texts it must act on) and `passed` (texts it must leave alone)."""

    @pytest.fixture
    def guard(self) -> Guard:
        """The guard under test."""
        raise NotImplementedError

    @pytest.fixture
    def caught(self) -> tuple[str, ...]:
        """Texts that must not simply pass."""
        raise NotImplementedError

    @pytest.fixture
    def passed(self) -> tuple[str, ...]:
        """Texts that must pass untouched."""
        raise NotImplementedError

    def test_it_says_where_it_works_and_how_it_fails(self, guard: Guard) -> None:
        assert guard.name
        assert guard.name == guard.name.lower()
        assert guard.stage in ("question", "answer", "both")
        assert guard.fails in ("open", "closed")

    def test_what_is_benign_passes_untouched(self, guard: Guard, passed: tuple[str, ...]) -> None:
        verdicts = {text: check(guard, text) for text in passed}
        assert verdicts
        assert {text: verdict for text, verdict in verdicts.items() if verdict.action != "allow"} == {}
        assert all(verdict.passed for verdict in verdicts.values())

    def test_what_is_not_is_acted_on_with_rule_and_reason(self, guard: Guard, caught: tuple[str, ...]) -> None:
        verdicts = {text: check(guard, text) for text in caught}
        assert verdicts
        assert [text for text, verdict in verdicts.items() if verdict.action == "allow"] == []
        assert all(verdict.rule and verdict.reason for verdict in verdicts.values())

    def test_a_mask_masks_what_it_found(self, guard: Guard, caught: tuple[str, ...]) -> None:
        for text in caught:
            verdict = check(guard, text)
            if verdict.action == "mask":
                assert verdict.replacement is not None
                assert verdict.replacement != text
                assert check(guard, verdict.replacement).action != "mask"

    def test_the_other_stage_is_left_alone(self, guard: Guard, caught: tuple[str, ...]) -> None:
        for text in caught:
            query = Query(text=text, tenant="acme")
            other = answer_of("Within 30 days.") if guard.stage != "answer" else None
            assert asyncio.run(guard.check(query, other)).action == "allow"

    @settings(deadline=None, max_examples=150, suppress_health_check=_SHARED)
    @given(text=ANY_TEXT)
    def test_any_text_gets_a_well_formed_verdict_and_always_the_same(self, guard: Guard, text: str) -> None:
        verdict = check(guard, text)
        assert verdict == check(guard, text)
        assert verdict.name == guard.name
        assert verdict.action in ("allow", "flag", "mask", "block")
        assert (verdict.replacement is not None) == (verdict.action == "mask")
        assert (verdict.outcome is not None) == (verdict.action == "block")
        assert verdict.score is None or 0.0 <= verdict.score <= 1.0

    @settings(deadline=None, max_examples=150, suppress_health_check=_SHARED)
    @given(text=ANY_TEXT)
    def test_a_mask_leaves_nothing_to_mask(self, guard: Guard, text: str) -> None:
        verdict = check(guard, text)
        if verdict.replacement is not None:
            assert check(guard, verdict.replacement).action != "mask"

    @pytest.mark.timeout(240)  # generous: all inputs take seconds in linear time, hours in quadratic time
    def test_a_hundred_thousand_hostile_characters_come_to_an_end(self, guard: Guard) -> None:
        verdicts = [check(guard, (one * ADVERSARIAL_CHARS)[:ADVERSARIAL_CHARS]) for one in ADVERSARIAL]
        assert {verdict.name for verdict in verdicts} == {guard.name}
