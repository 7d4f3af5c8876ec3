"""A trace made into a failing case on a branch of the project's repository."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from answerable.adapters.git import Repository, write_files
from answerable.adapters.postgres.documents import PostgresDocuments
from answerable.app.diagnosing import case_query
from answerable.app.replaying import query_of, traced
from answerable.app.setup import masking
from answerable.app.system import System
from answerable.core.document import PUBLIC
from answerable.core.errors import ConfigError
from answerable.core.evaluation import EvalCase
from answerable.evals.cases.schema import check_case
from answerable.evals.cases.writing import fresh
from answerable.evals.diagnosis.checking import wrong_by
from answerable.evals.diagnosis.freezing import Wanted, case_of, context_name, context_text, documents_of
from answerable.evals.metrics.suite import model_free

SUITE = "evals/cases"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A case made from a trace, and where it is. `branch` is empty where no repository is around the project."""

    case: EvalCase
    text: str  # of its file
    path: str  # within the project's folder
    branch: str
    commit: str
    changed: bool  # False: it was there already, word for word
    withheld: int = 0  # pages that not everybody may read: no word of them is in the files
    fails: str | None = None  # what is wrong with the answer of now; empty: nothing. None: it was not run


async def freeze_trace(
    system: System, reference: str, *, wanted: Wanted, tenant: str = "", run: bool = True
) -> Frozen:
    """Write the case and what was found beside it, on the branch `case/ID`. Twice is once.

    The person's working tree and index stay as they are. With `run`, it is asked now, to show that it fails.
    Raises NotFound for the trace, and ConfigError for a case that would not be valid or cannot be written.
    """
    trace = await system.journal.trace(tenant=tenant or system.settings.project.tenant, reference=reference)
    if trace["tenant"] != system.settings.project.tenant:
        raise ConfigError(
            f"the trace is of the tenant {trace['tenant']}, and the project's cases are not asked for it",
            hint="make the case in a project of that tenant",
        )
    query_of(trace)  # a trace that keeps too little is told before anything is written
    withheld = await _withheld(system, trace)
    today = datetime.now(UTC).date()
    case = _valid(case_of(trace, wanted, mask=masking(system.project), today=today, withheld=withheld))
    folder = _folder(system)
    path, text = f"{folder}/{case.id}.yaml", fresh(case)
    files = {path: text, f"{folder}/{context_name(case.id)}": context_text(trace, withheld=withheld)}
    branch, commit, changed = await asyncio.to_thread(_write, system.project.base, case, files)
    fails = await run_case(system, case) if run else None
    return Frozen(
        case=case,
        text=text,
        path=path,
        branch=branch,
        commit=commit,
        changed=changed,
        withheld=len(withheld),
        fails=fails,
    )


def frozen_record(made: Frozen) -> dict[str, object]:
    """JSON-able."""
    return {
        "id": made.case.id,
        "path": made.path,
        "branch": made.branch or None,
        "commit": made.commit or None,
        "changed": made.changed,
        "confirmed": made.case.confirmed is not None,
        "fails": None if made.fails is None else bool(made.fails),
        "reason": made.fails or "",
        "case": made.text,
    }


async def run_case(system: System, case: EvalCase) -> str:
    """What is wrong with the answer that the case gets now; empty where nothing is."""
    _, answer = await traced(system, system.asker, case_query(system, case))
    return await wrong_by(model_free())(case, answer)


async def _withheld(system: System, trace: Mapping[str, Any]) -> frozenset[str]:
    """The documents that not everybody may read as of now; one that is gone is nobody's any more."""
    documents = PostgresDocuments(system.database)
    return frozenset(
        [
            one
            for one in documents_of(trace)
            if PUBLIC not in await documents.acl(tenant=trace["tenant"], document_id=one)
        ]
    )


def _valid(case: EvalCase) -> EvalCase:
    try:
        return check_case(case)
    except ValueError as error:
        raise ConfigError(f"no case was made: {error}", hint="see --id, --must, --cites") from error


def _folder(system: System) -> str:
    """The first suite that is a folder, and in it the place of regressions."""
    for suite in system.settings.eval.suites:
        inside = Path(suite)
        if not inside.suffix and not inside.is_absolute() and ".." not in inside.parts:
            return (inside / "regression").as_posix()
    return f"{SUITE}/regression"


def _write(base: Path, case: EvalCase, files: dict[str, str]) -> tuple[str, str, bool]:
    repository = Repository.around(base)
    if repository is None:
        same = all((base / name).is_file() and (base / name).read_text("utf-8") == files[name] for name in files)
        if not same:
            write_files(base, files)
        return "", "", not same
    message = f"Add the failing case {case.id}\n\n{case.why}"
    done = repository.commit(f"case/{case.id}", files, message=message)
    return done.branch, done.commit, done.changed
