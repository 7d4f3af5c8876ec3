"""A run with everything that reproduces it, as plain files: nothing in it needs this program to be read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from answerable.core.evaluation import EvalCase, Row, Run
from answerable.core.identity import sha256_hex
from answerable.core.rows import row_record, run_record
from answerable.evals.cases.writing import json_line
from answerable.evals.runs.report import report_of

MANIFEST = "manifest.sha256"
_README = """# Evaluation run {id}

{cases} cases × {repeats}, asked of {target} on {day}.

| File | What it is |
|---|---|
| run.json | the run: fingerprint, commit, settings, versions |
| cases.jsonl | the cases as the files held them when this was written; `{changed}` have changed since the run |
| rows.jsonl | one line a case and repeat: answer, passages, scores |
| report.json | what `answerable eval report --format json` says |
| prompts/, criteria/, project/ | the files that decided the answers, as they are now |
| manifest.sha256 | hashes of all files: `sha256sum -c manifest.sha256` |

Again:

{commands}

The same fingerprint gives the same rows where no model is asked; a model may say another thing at the same
temperature. The documents are not in here: `index` in the fingerprint is their hash.

Questions, answers and passages are as they were. Where they come from people, they may hold personal data: treat
this folder as you treat the documents and the logs, and do not publish it unread.
"""


def bundle_files(
    run: Run, rows: Sequence[Row], cases: Sequence[EvalCase], *, changed: int, files: Mapping[str, bytes]
) -> dict[str, bytes]:
    """By relative path, with README and manifest. `files` are the project's own, e.g. prompts/answer.md."""
    report = report_of(run, rows)
    commands = "\n".join(f"    {line}" for line in report["reproduce"])
    day = run.detail.get("day") or run.started_at.date().isoformat()
    readme = _README.format(
        id=run.id,
        cases=len(run.cases),
        repeats=run.repeats,
        target=run.target,
        day=day,
        changed=changed,
        commands=commands,
    )
    made = {
        "README.md": readme.encode(),
        "run.json": _json(run_record(run)),
        "cases.jsonl": "".join(f"{json_line(case)}\n" for case in cases).encode(),
        "rows.jsonl": "".join(
            f"{json.dumps(row_record(row), ensure_ascii=False, sort_keys=True)}\n" for row in rows
        ).encode(),
        "report.json": _json(report),
        **files,
    }
    lines = (f"{sha256_hex(data)}  {name}\n" for name, data in sorted(made.items()))
    return {**made, MANIFEST: "".join(lines).encode()}


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
