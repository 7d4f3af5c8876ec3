from __future__ import annotations

from itertools import count

from answerable.core.ports import Candidate
from answerable.ingest.plan import Plan
from answerable.ingest.progress import Progress, ignore
from answerable.ingest.report import SyncReport
from answerable.ingest.tally import Tally


def test_the_rate_counts_only_files_that_were_read() -> None:
    assert Progress(source="s", total=100, done=60, skipped=40, seconds=4.0).files_per_s == 5.0


def test_the_remaining_time_follows_from_the_rate() -> None:
    assert Progress(source="s", total=100, done=60, skipped=40, seconds=4.0).remaining_s == 8.0


def test_the_remaining_time_is_unknown_before_the_listing_and_before_the_first_file() -> None:
    assert Progress(source="s", done=1, seconds=1.0).remaining_s is None
    assert Progress(source="s", total=10, done=4, skipped=4, seconds=1.0).remaining_s is None
    assert Progress(source="s", total=10).remaining_s is None


def test_a_tally_tells_after_every_file_and_ends_in_a_report() -> None:
    seen: list[Progress] = []
    ticks = count()
    tally = Tally(source="s", observe=seen.append, clock=lambda: float(next(ticks)))
    due = tuple(Candidate(uri=uri, size=1, mtime_ns=1) for uri in "abc")
    tally.planned(Plan(due=due, unchanged=2, still_failed={"z": "old"}))
    tally.stored("a", new=True, chunks=3)
    tally.stored("b", new=False, chunks=2)
    tally.fail("c", "broken")
    assert [(one.done, one.total, one.failed, one.chunks, one.uri) for one in seen] == [
        (3, 6, 1, 0, ""),
        (4, 6, 1, 3, "a"),
        (5, 6, 1, 5, "b"),
        (6, 6, 2, 5, "c"),
    ]
    assert [one.seconds for one in seen] == [1.0, 2.0, 3.0, 4.0]
    assert tally.report("run_1") == SyncReport(
        run="run_1", source="s", added=1, changed=1, unchanged=2, failed={"c": "broken", "z": "old"}, chunks=5,
        seconds=5.0,
    )  # fmt: skip
    assert tally.report("run_1").total == 6


def test_ignoring_progress_is_possible() -> None:
    assert ignore(Progress(source="s")) is None
