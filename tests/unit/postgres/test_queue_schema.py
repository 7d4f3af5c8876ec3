"""The queue's tables are the library's own."""

from __future__ import annotations

from importlib import resources

from answerable.adapters.postgres.migrations import shipped

FIRST, LAST = "-- Enums\n", "\n\n\n-- Ours --"


def test_our_migration_holds_the_installed_librarys_schema_word_for_word():
    ours = next(one.text for one in shipped() if one.name == "jobs")
    theirs = resources.files("procrastinate").joinpath("sql/schema.sql").read_text("utf-8")
    # Another version of the library: write what changed into a migration of its own, then compare with that.
    assert ours[ours.index(FIRST) : ours.index(LAST)] == theirs[theirs.index(FIRST) :].rstrip()
