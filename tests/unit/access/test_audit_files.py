"""An exported audit log is checked whatever stands in its names."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from answerable.cli.audit import _exported, _of_file
from answerable.core.audit import BEGINNING, AuditRow, row_hash


def row(n, previous, subject):
    at = datetime(2026, 11, 23, tzinfo=UTC)
    one = AuditRow(
        tenant="acme",
        n=n,
        at=at,
        actor="ann",
        action="token.create",
        subject=subject,
        detail="{}",
        previous=previous,
        hash="",
    )
    return replace(one, hash=row_hash(one))


@pytest.mark.parametrize("subject", ["tk_1", "a\u2028b", "a\u0085b", 'a\n"b\x1e', "ж\u202e"])
def test_no_name_in_it_breaks_the_check_of_an_exported_log(tmp_path, subject):
    first = row(1, BEGINNING, subject)
    rows = [first, row(2, first.hash, "tk_2")]
    file = tmp_path / "audit.jsonl"
    file.write_text("".join(f"{json.dumps(_exported(one), ensure_ascii=False)}\n" for one in rows), "utf-8")
    chain = _of_file(file, 2, rows[1].hash)
    assert (chain.holds, chain.rows, chain.head) == (True, 2, rows[1].hash)
    file.write_text(file.read_text("utf-8").replace("tk_2", "tk_3"), "utf-8")
    assert _of_file(file, 0, "").broken == 2
