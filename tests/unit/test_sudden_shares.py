"""A new page in many answers is reported, one that was always there is not; what waits is a finding."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from answerable.app.sudden import is_sudden
from answerable.core.past import Share
from answerable.core.quarantine import HeldDocument, Reason
from answerable.ingest.quality.finding import Severity
from answerable.ingest.quality.watched import held_finding, share_finding

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SINCE = NOW - timedelta(days=7)


def a_share(*, days: int = 1, cited: int = 40, before: int = 0) -> Share:
    return Share(
        document="doc_1",
        source="forum",
        uri="a.md",
        title="A",
        trust="public",
        owner="",
        stored_at=NOW - timedelta(days=days),
        cited=cited,
        answers=100,
        before=before,
        answers_before=100,
    )


@pytest.mark.parametrize(
    ("share", "sudden"),
    [
        (a_share(), True),
        (a_share(days=8), False),
        (a_share(cited=19), False),
        (a_share(before=10), True),
        (a_share(before=11), False),
    ],
    ids=["new", "old", "small", "four times", "less than that"],
)
def test_only_what_is_new_and_large_and_several_times_what_it_was_is_sudden(share: Share, sudden: bool) -> None:
    assert is_sudden(share, least=0.2, since=SINCE) is sudden


def test_its_finding_says_how_many_of_how_many() -> None:
    found = share_finding(a_share())
    assert (found.kind, found.severity) == ("sudden-share", Severity.WARNING)
    assert "40 of 100" in found.evidence


def test_what_waits_is_a_blocker_that_names_rule_words_and_command() -> None:
    held = HeldDocument(
        source="docs",
        uri="a.md",
        document_id="doc_1",
        title="A",
        text_sha256="1" * 64,
        trust="public",
        owner="ann",
        reasons=(Reason(kind="instructions", rule="override", words="obey me", start=4, end=11),),
    )
    found = held_finding(held)
    assert (found.kind, found.severity, found.owner) == ("planted", Severity.BLOCKER, "ann")
    assert "override" in found.evidence
    assert "obey me" in found.evidence
    assert f"quarantine release {held.id[:15]}" in found.fix
