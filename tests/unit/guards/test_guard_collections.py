"""Any folder of sets can be measured: what a row is comes from its columns, a README or its length."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
LONG = "A page about returns. " * 40


def _write(folder: Path, rows: list[dict[str, object]], name: str = "data.jsonl") -> None:
    folder.mkdir(parents=True)
    text = "\n".join(map(json.dumps, rows))
    (folder / name).write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())


def test_what_a_row_is_measured_as(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import guard_collections

    for name in ("guard_collections", "injection_sets"):
        monkeypatch.delitem(sys.modules, name)
    _write(tmp_path / "a_short", [{"text": "hi", "label": 0}], "rows.jsonl.gz")
    _write(tmp_path / "b_long", [{"text": LONG, "label": 1}])
    _write(tmp_path / "c_said", [{"text": LONG, "label": 0}])
    _write(
        tmp_path / "d_columns",
        [
            {"text": "hi", "label": 0, "kind": "document"},
            {"text": LONG, "label": 1, "source_type": "user"},
            {"text": "x", "label": 1, "spans": []},
            {"text": "x", "label": 1, "base": "x", "transform": "hex"},
            {"text": "no label"},
        ],
    )
    (tmp_path / "README.md").write_text("| set | kind |\n|---|---|\n| c_said | direct injection |\n")
    found = [(one.name, one.kind, len(one.rows)) for one in guard_collections.collections(tmp_path)]
    assert found == [
        ("a_short", "question", 1),
        ("b_long", "document", 1),
        ("c_said", "question", 1),
        ("d_columns", "document", 1),
        ("d_columns", "question", 1),
        ("d_columns", "personal data", 1),
        ("d_columns", "disguise", 1),
    ]
