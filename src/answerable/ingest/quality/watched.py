"""Findings that no look at the index gives: documents that are held, and new ones that are in many answers."""

from __future__ import annotations

from answerable.core.past import Share
from answerable.core.quarantine import HeldDocument
from answerable.ingest.quality.finding import Finding, Severity, shortened


def held_finding(one: HeldDocument) -> Finding:
    """Of a document that waits for a decision."""
    first = one.reasons[0] if one.reasons else None
    rules = ", ".join(dict.fromkeys(why.rule for why in one.reasons))
    return Finding(
        kind="planted",
        severity=Severity.BLOCKER,
        document=one.document_id,
        uri=one.uri,
        source=one.source,
        title=one.title,
        owner=one.owner,
        evidence=shortened(f"held ({rules}): {first.words if first else ''}"),
        fix=f"find out who wrote it, then `answerable quarantine release {one.id[:15]}`, or `reject`",
        key=f"held:{one.text_sha256}",
        start=first.start if first else None,
        end=first.end if first else None,
    )


def share_finding(one: Share) -> Finding:
    """Of a new document in a large share of the answers."""
    day = one.stored_at.date().isoformat()
    return Finding(
        kind="sudden-share",
        severity=Severity.WARNING,
        document=one.document,
        uri=one.uri,
        source=one.source,
        title=one.title,
        owner=one.owner,
        evidence=shortened(
            f"new since {day}, cited by {one.cited} of {one.answers} answers of the last day; "
            f"by {one.before} of {one.answers_before} in the week before"
        ),
        fix="read it; `answerable doc purge URI --blast-radius` shows the answers, `source rollback` undoes it",
        key=f"share:{one.stored_at.isoformat()}",
    )
