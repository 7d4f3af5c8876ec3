from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.core.ports import Candidate, FileState
from answerable.ingest.plan import Plan, plan

PREFIX = "0123456789abcdef"
SEEN = Candidate(uri="a", size=5, mtime_ns=100)
STATE = FileState(uri="a", sha256=PREFIX + 48 * "5", document_id="doc_a", size=5, mtime_ns=100)


def made(state: FileState | None = STATE, seen: Candidate | None = SEEN, *, retry_failed: bool = False) -> Plan:
    known = {state.uri: state} if state else {}
    return plan(known, [seen] if seen else [], prefix=PREFIX, retry_failed=retry_failed)


def test_a_file_as_it_was_is_unchanged() -> None:
    assert made() == Plan(unchanged=1)


def test_a_new_file_is_due() -> None:
    assert made(None) == Plan(due=(SEEN,))


def test_a_file_that_is_gone_is_removed() -> None:
    assert made(STATE, None) == Plan(removed=(STATE,))


@pytest.mark.parametrize(
    "seen",
    [
        replace(SEEN, size=6),
        replace(SEEN, mtime_ns=101),
        replace(SEEN, mtime_ns=99),
        replace(SEEN, error="permission denied"),
    ],
)
def test_another_size_or_time_or_a_failure_to_list_makes_it_due(seen: Candidate) -> None:
    assert made(STATE, seen) == Plan(due=(seen,))


def test_a_file_whose_time_is_unknown_is_always_due() -> None:
    seen = replace(SEEN, mtime_ns=0)
    assert made(replace(STATE, mtime_ns=0), seen) == Plan(due=(seen,))


def test_other_settings_make_every_file_due() -> None:
    assert made(replace(STATE, sha256="f" + STATE.sha256[1:])) == Plan(due=(SEEN,))


def test_a_file_that_was_announced_but_never_finished_is_due() -> None:
    assert made(replace(STATE, sha256="")) == Plan(due=(SEEN,))


def test_a_failed_file_stays_failed_until_it_is_asked_for() -> None:
    failed = replace(STATE, error="malformed")
    assert made(failed) == Plan(still_failed={"a": "malformed"})
    assert made(failed, retry_failed=True) == Plan(due=(SEEN,))
    assert made(retry_failed=True) == Plan(unchanged=1)


uris = st.sampled_from("abcdef")
known_files = st.dictionaries(uris, st.sampled_from(["", "x", PREFIX]))


@given(known_files, st.lists(uris), st.booleans())
def test_every_listed_file_is_counted_once_and_every_other_known_one_removed(
    known: dict[str, str], listed: list[str], retry: bool
) -> None:
    states = {uri: replace(STATE, uri=uri, sha256=sha, error=sha and "e") for uri, sha in known.items()}
    made = plan(states, [replace(SEEN, uri=uri) for uri in listed], prefix=PREFIX, retry_failed=retry)
    assert made.total == len(set(listed))
    assert {state.uri for state in made.removed} == set(known) - set(listed)
