"""Statements of two pages: conflict, another scope, another version, or the same."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from answerable.core.document import Chunk
from answerable.core.ports import DocumentView
from answerable.ingest.statements.conflicts import Contradictions
from answerable.ingest.statements.extraction import topics
from answerable.text.statements.amounts import amounts
from answerable.text.statements.decision import Decision
from answerable.text.statements.modality import clash, modality

SEEDED = Path(__file__).parents[3] / "benchmarks" / "conflicts"


def page(name, title, text, *, heading="Rules", language="en", updated="2026-01-01", **changes):
    whole = f"{title}\n\n{heading}\n\n{text}"
    chunk = Chunk(
        document_id=name, start=len(whole) - len(text), end=len(whole), text=text, headings=(title, heading)
    )
    view = DocumentView(
        id=name, uri=f"{name}.md", source="docs", title=title, text=whole, version=1, language=language,
        status="published", trust="internal", owner=None, updated_at=updated, review_by=None, media_type="",
        meta={}, chunks=(chunk,),
    )  # fmt: skip
    return replace(view, **changes)


def pairs(*views):
    contradictions = Contradictions(vocabulary=topics(views))
    for view in views:
        contradictions.see(view)
    return contradictions.pairs()


def decided(left, right):
    return [str(one.decided.decision) for one in pairs(left, right)]


POLICY = page(
    "policy", "Returns policy", "Items can be returned within 30 days of delivery.", updated="2026-05-02"
)
FAQ = page("faq", "Returns FAQ", "You can return items within 60 days of delivery.", updated="2024-11-18")


def test_another_amount_of_the_same_is_a_conflict_with_the_newer_page_first():
    (one,) = pairs(FAQ, POLICY)
    assert one.decided.decision is Decision.CONFLICT
    assert (one.first.page.uri, one.decided.reason) == ("policy.md", "30 days or 60 days")
    assert POLICY.text[one.first.start : one.first.end] == one.first.text
    assert one.id == pairs(POLICY, FAQ)[0].id


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("Items can be returned within one month, that is 30 days.", {}),
        ("At many competitors items can be returned within 14 days of delivery.", {}),
        ("Previously items could be returned within 14 days of delivery.", {}),
        ("Items can be returned within 14 days of delivery.", {"status": "draft"}),
        ("Items can be returned within 14 days of delivery.", {"language": "fr"}),
        ("Items can be returned within 14 days of delivery.", {"meta": {"from": "kim@example.com"}}),
        ("Repairs are finished within 14 days of arrival.", {}),
    ],
)
def test_what_says_nothing_opposite_is_not_even_a_pair(text, changes):
    assert decided(POLICY, page("other", "Returns", text, **changes)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Refurbished items can be returned within 14 days of delivery.",
        "In Germany items can be returned within 14 days of delivery.",
        "Items can be returned within 14 days of delivery if unopened.",
    ],
)
def test_a_special_rule_has_another_scope(text):
    assert decided(POLICY, page("other", "Returns", text)) == ["scope"]


def test_pages_of_one_form_about_two_things_have_another_scope():
    canada, japan = (
        page(
            name,
            f"Shipping to the {name}",
            "Standard shipping of parcels takes 5 days." if n else "Standard shipping of parcels takes 9 days.",
        )
        for n, name in enumerate(("islands", "mountains"))
    )
    assert decided(canada, japan) == ["scope"]


def test_products_that_differ_by_a_number_are_not_in_conflict():
    views = [page(f"lamp{n}", f"Lumo {n} lamp", f"The lamp's battery lasts {n * 4} hours.") for n in (3, 5)]
    assert "conflict" not in decided(*views)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (("Fees 2025", "The entry fee for adults is $12."), ("Fees 2026", "The entry fee for adults is $14.")),
        (
            ("Fees", "Until 30 June 2026 the entry fee for adults is $12."),
            ("Fees", "From 1 July 2026 the entry fee for adults is $14."),
        ),
        (
            ("Old fees", "The entry fee for adults is $12."),
            ("Fees", "This page replaces Old fees. The entry fee for adults is $14."),
        ),
    ],
)
def test_a_newer_version_supersedes(left, right):
    assert decided(page("a", *left), page("b", *right)) == ["supersession"]


def test_a_thing_with_many_values_over_many_pages_is_a_table_not_a_conflict():
    views = [page(f"p{n}", "Room hire", f"The daily deposit for the hall is €{n}0.") for n in range(2, 6)]
    assert not [one for one in pairs(*views) if one.decided.decision is Decision.CONFLICT]


def test_a_duty_and_its_opposite_clash():
    must = page("a", "Visitors", "Visitors must wear a badge at all times.")
    free = page("b", "Reception", "Visitors do not have to wear a badge.")
    assert decided(must, free) == ["conflict"]
    assert clash("may", "must_not")
    assert not clash("may", "must")


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("Guests must sign in.", "en", "must"),
        ("Guests do not have to sign in.", "en", "optional"),
        ("Guests may not smoke.", "en", "must_not"),
        ("No more than five guests may come.", "en", "may"),
        ("Items that are not new can be returned.", "en", "mixed"),
        ("Hunde sind nicht erlaubt.", "de", "must_not"),
        ("El casco no es obligatorio.", "es", "optional"),
    ],
)
def test_duties_permissions_and_bans_are_told_apart(text, language, said):
    assert modality(text, language) == said


def test_amounts_are_read_on_common_scales():
    def one(text):
        (found,) = amounts(text)
        return found

    assert one("within 24 hours").agrees(one("within one day"))
    assert one("1.5 kg").agrees(one("1,500 g"))
    assert one("10 business days").agrees(one("two weeks"))
    assert not one("$0.67").agrees(one("$0.70"))
    assert one("2–3 days").agrees(one("3 days"))
    assert one("is free of charge").comparable(one("costs €5"))
    assert not one("$5 per month").comparable(one("$5 per year"))
    assert not one("at least 8 characters").comparable(one("at most 64 characters"))
    assert one("14:00").agrees(one("2 p.m."))
    assert amounts("12.3 Transfer mechanisms") == ()
    assert amounts("Version 1.2.3.4.5") is not None  # what is no number is no crash


@pytest.mark.parametrize("name", ["a", "b"])
def test_the_seeded_pairs_that_the_rules_were_made_with_stay_found(name):
    rows = [json.loads(line) for line in (SEEDED / f"part_{name}.jsonl").read_text("utf-8").splitlines()]
    views = [
        page(f"{one['id']}-{side}", title, text, heading=heading, language=one["lang"], updated=updated)
        for one in rows
        for side in ("left", "right")
        for title, heading, updated, text in [one[side]]
    ]
    wanted = {one["id"] for one in rows if one["label"] == "conflict"}
    found = [
        {side.page.id[:3] for side in (one.first, one.second)}
        for one in pairs(*views)
        if one.decided.decision is Decision.CONFLICT
    ]
    hits = {one for ids in found if len(ids) == 1 for one in ids} & wanted
    assert len(hits) >= 0.85 * len(wanted)
    assert len(found) - len(hits) <= 1
