"""What is wrong with documents, told by kind; and what is nothing wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from tests.unit.ingest.test_statements import page

from answerable.adapters.minhash import MinHashLikeness
from answerable.core.document import ANCHORS, LINKS_WITHIN
from answerable.ingest.quality.encoding import mend
from answerable.ingest.quality.finding import Severity
from answerable.ingest.quality.inspection import Inspection, Thresholds

BODY = "The reading room on the second floor has lamps, sockets, lockers and a kiosk, and it is open for all. " * 2


def kinds(*views, likeness=None, **thresholds):
    return [one.kind for one in findings(*views, likeness=likeness, **thresholds)]


def findings(*views, likeness=None, **thresholds):
    inspection = Inspection(
        today=date(2026, 11, 22), languages=("en", "de"), thresholds=Thresholds(**thresholds), likeness=likeness
    )
    for view in views:
        inspection.see(view)
    return inspection.findings()


def clean(name="a", title="Reading room", text=BODY, **changes):
    return page(name, title, text, **changes)


def test_a_clean_page_has_no_findings():
    assert kinds(clean()) == []


def test_misread_utf8_is_a_blocker_with_what_it_was():
    wrong = "Größe und Übergang".encode().decode("cp1252")
    assert mend("Ã¼") == "ü"
    assert mend("Ãœ".encode().decode("cp1252")) == "Ü"  # twice
    (one,) = findings(clean(text=BODY + wrong))
    assert (one.kind, one.severity, one.line) == ("encoding", Severity.BLOCKER, 5)
    assert "was" in one.evidence
    assert "ß" in one.evidence
    assert kinds(clean(text=BODY + "Größe, Ünïcode, naïve, 5 £ â propos")) == []


def test_lost_characters_are_told():
    (one,) = findings(clean(text=BODY + "Gr\ufffd\ufffde"))
    assert (one.kind, one.severity) == ("encoding", Severity.BLOCKER)


def test_empty_and_huge_pages_are_told():
    assert kinds(clean(text="x")) == ["empty"]
    assert kinds(clean(), huge_chars=100) == ["huge"]


def test_ragged_tables_and_tables_without_a_header_are_told():
    ragged = "\n\nItem | Price\nLamp | €5\nDesk | €9 | blue\nPen | €1"
    (one,) = findings(clean(text=BODY + ragged))
    assert (one.kind, "Desk" in one.evidence) == ("table", True)
    assert kinds(clean(text=BODY + "\n\n1 | 2\n3 | 4\n5 | 6")) == ["table"]
    assert kinds(clean(text=BODY + "\n\nItem | Price\nLamp | €5\nPen | €1")) == []


def test_missing_and_shared_titles_are_told():
    assert kinds(clean(title="a")) == ["title"]
    (one,) = findings(clean("a"), clean("b", text="Quite another text about boats, that nobody reads. " * 3))
    assert (one.kind, one.others) == ("title", ("b.md",))


def test_pages_past_their_review_date_and_superseded_ones_are_stale():
    (one,) = findings(clean(review_by="2026-10-22"))
    assert (one.kind, "31 days ago" in one.evidence) == ("stale", True)
    assert kinds(clean(review_by="2027-01-01")) == []
    assert kinds(clean(updated="2020-01-01")) == ["stale"]
    old, new = clean("a", "Room fees 2025"), clean("b", "Room fees 2026", text="All is new here, and dearer. " * 5)
    (found,) = findings(old, new)
    assert (found.kind, found.uri, found.others) == ("superseded", "a.md", ("b.md",))
    assert kinds(replace(old, status="archived"), new) == []


def test_a_page_in_another_language_than_it_says_is_told():
    german = "Der Lesesaal ist für alle da und die Lampen sind an, wenn es dunkel ist und der Abend kommt. " * 3
    assert kinds(clean(text=german)) == ["language"]
    assert kinds(clean(text=german, language="de")) == []


def test_dead_links_and_anchors_are_told_and_others_are_left_alone():
    target = clean(
        "b", "Other room", text="Quite another text about boats, that nobody reads. " * 3, heading="Costs"
    )
    for link, dead in (
        ("gone.md", True),
        ("b.md#prices", True),
        ("b.md#costs", False),
        ("b.md", False),
        ("/shop", False),
        ("picture.png", False),
        ("#rules", False),
        ("#nowhere", True),
        ("#named", False),
        ("doc:b", False),
        ("doc:/b", False),
        ("doc:gone", True),
        ("doc:python:library/os", False),
        ("gone.pdf", False),
    ):
        meta = {LINKS_WITHIN: json.dumps([link]), ANCHORS: '["named"]'}
        assert (kinds(clean(meta=meta), target) == ["dead-link"]) == dead, link
    assert kinds(clean(meta={LINKS_WITHIN: "gone.md, not JSON"})) == []
    assert kinds(clean(meta={LINKS_WITHIN: '["#far"]', ANCHORS: '["near", "*"]'})) == []


def test_paragraphs_on_many_pages_are_boilerplate():
    footer = "Sign up for our newsletter and never miss what happens in the house."
    words = ("boats", "lamps", "trees", "clocks", "stones", "birds")
    views = [
        clean(one, f"About {one}", text=f"All of {one} and more of {one}. " * 4 + f"\n\n{footer}") for one in words
    ]
    (one,) = findings(*views)
    assert (one.kind, "6 of 6" in one.evidence) == ("boilerplate", True)
    assert kinds(*views[:4]) == []


def test_identical_pages_are_found_without_the_extra_and_similar_ones_with_it():
    pytest.importorskip("rensa")
    text = " ".join(f"word{n} of the long page" for n in range(60))
    one, same = clean("a", "One", text=text), clean("b", "Two", text=text, updated="2025-01-01")
    near = clean("c", "Three", text=text + " and a little more at its end")
    title_apart = {"likeness": MinHashLikeness(0.85)}
    views = [replace(view, text=text) for view in (one, same)]
    (found,) = findings(*views)
    assert (found.kind, found.uri, found.others) == ("duplicate", "b.md", ("a.md",))
    assert kinds(one, near) == []
    assert kinds(one, near, **title_apart) == ["near-duplicate"]


def test_ids_stay_and_findings_of_marked_pages_block():
    marked = clean()
    chunk = replace(marked.chunks[0], meta={"suspicion": "document.assistant-should"})
    (one,) = findings(replace(marked, chunks=(chunk,)))
    assert (one.kind, one.severity) == ("planted", Severity.BLOCKER)
    assert [one.id] == [again.id for again in findings(replace(marked, chunks=(chunk,)))]
