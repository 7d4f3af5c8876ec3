"""What metrics by version cost on 100,000 answers: `python benchmarks/version_metrics.py [--answers N]`.

An embedded server in a fresh folder is filled with made-up answers of 28 days: three versions of a prompt, three
languages, two calls of models an answer (a tenth of the answers without any), feedback to a tenth. Then every
metric is measured as `answerable metric show` does. Wall times are of a machine that may be busy; CPU is this
process's and the server's. Beside it: the server's CPU for a row of facts as an answer is written, and for the
same sum out of the records.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import psycopg

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.embedded import Embedded
from answerable.adapters.postgres.migrations import Migrations
from answerable.adapters.postgres.roles import give_login
from answerable.app.metrics.measuring import measured, sources_of
from answerable.app.metrics.version_board import board_of
from answerable.app.project import Project
from answerable.config import Settings
from answerable.monitor.definitions import VERSIONED

HERE = Path(__file__).parent
DAYS = 28
PARTS = (("prompt.version",), ("prompt.version", "day"), ("prompt.version", "language", "model"))

TRACES = """
INSERT INTO trace (tenant, id, started_at, duration_ms, outcome, answer_id, principal_id, conversation, language,
                   query, model, degraded, detail)
SELECT 'default', 'tr_' || n, %(since)s::timestamptz + n * (interval '28 days' / %(answers)s), 900, 'answered',
       'an_' || n, 'p' || n %% 2000, 'cv_' || n / 3, 'en', 'How long?', 'main/m-1', '{}',
       jsonb_build_object('setup', jsonb_build_object('prompt', 'answer@1.2.0 abcdefabcdef'),
                          'rollouts', '[]'::jsonb,
                          'withheld', CASE WHEN n %% 25 = 0 THEN '[{"text": "x"}]'::jsonb ELSE '[]'::jsonb END,
                          'prompt', jsonb_build_object('system', repeat(md5(n::text), 60)))
  FROM generate_series(0, %(answers)s - 1) AS n
"""
ANSWERS = """
INSERT INTO answer (tenant, id, trace_id, principal_id, conversation, outcome, language, created_at, record)
SELECT 'default', 'an_' || n, 'tr_' || n, 'p' || n %% 2000, 'cv_' || n / 3,
       CASE WHEN n %% 10 = 0 THEN 'abstained' ELSE 'answered' END, (ARRAY['en', 'de', 'es'])[1 + n %% 3],
       %(since)s::timestamptz + n * (interval '28 days' / %(answers)s),
       jsonb_build_object(
           'prompt', CASE WHEN n %% 10 = 0 THEN NULL ELSE jsonb_build_object('id', 'answer',
               'version', '1.' || (3 * n / %(answers)s) || '.0', 'sha256', repeat('ab', 32)) END,
           'model', 'main/m-1', 'cache', 'none', 'degraded', '[]'::jsonb, 'text', repeat(md5(n::text), 20),
           'timing_ms', jsonb_build_object('total', 400 + 2000 * abs(sin(n)),
                                           'first_text', 200 + 300 * abs(cos(n))),
           'claims', CASE WHEN n %% 10 = 0 THEN '[]'::jsonb ELSE
               '[{"kind": "fact", "support": "supported"}, {"kind": "fact", "support": "supported"}]'::jsonb END,
           'sources', jsonb_build_array(jsonb_build_object('quote', repeat(md5(n::text), 12))))
  FROM generate_series(%(first)s::integer, %(last)s::integer) AS n
"""
CALLS = """
INSERT INTO model_call
SELECT 'default', 'cl_' || n || u, %(since)s::timestamptz + n * (interval '28 days' / %(answers)s), u, 'ok',
       'main', 'main', 'm-1', 'm-1', '',
       'p' || n %% 2000, '', 'tr_' || n, '', u, '1.' || (3 * n / %(answers)s) || '.0',
       repeat('ab', 32), 200, 600, 200, 1500 + n %% 700, 900, 0, 90 + n %% 60, 0, false,
       0.001 + (n %% 7) * 0.0001, NULL, 'USD', 'p1'
  FROM generate_series(0, %(answers)s - 1) AS n, unnest(ARRAY['answer', 'rewrite']) AS u
 WHERE n %% 10 <> 0
"""
FEEDBACK = """
INSERT INTO feedback (tenant, answer_id, principal_id, created_at, value)
SELECT 'default', 'an_' || n, 'p' || n %% 2000, now(), CASE WHEN n %% 50 = 0 THEN 'down' ELSE 'up' END
  FROM generate_series(0, %(answers)s - 1, 10) AS n
"""
FROM_RECORDS = """
SELECT record #>> '{prompt,version}' AS version, count(*), count(*) FILTER (WHERE outcome = 'abstained'),
       percentile_disc(0.95) WITHIN GROUP (ORDER BY (record #>> '{timing_ms,total}')::double precision)
  FROM answer WHERE tenant = 'default' AND created_at >= %(since)s GROUP BY 1
"""


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--answers", type=int, default=100_000)
    given.add_argument("--out", type=Path, default=HERE / "results" / "version_metrics.json")
    options = given.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="answerable-metrics-") as folder,
        Embedded.start(Path(folder)) as server,
    ):
        result = asyncio.run(_measured(server, options.answers, Path(folder)))
    options.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    sys.stdout.write(json.dumps(result, indent=1) + "\n")


async def _measured(server: Embedded, answers: int, folder: Path) -> dict[str, Any]:
    owner = server.admin_url
    await Migrations(owner, schema="answerable").migrate()
    until = datetime.now(UTC)
    values = {"since": until - timedelta(days=DAYS), "answers": answers}
    cpu = ServerCpu.of(folder)
    facts = _filled(owner, values, cpu)
    service = await give_login(owner, schema="answerable", password=server.service_password)
    rows: list[dict[str, Any]] = []
    async with Database(service) as database:
        sources = sources_of(Project(settings=Settings(), base=folder), database)
        span = sources.span(values["since"], until)
        for name, by in product(VERSIONED, PARTS):
            rows.append(await _timed(cpu, name, by, measured(sources, name, span, by)))
        board = sources.span(values["since"], until, prompt="answer")
        rows.append(await _timed(cpu, "board of one prompt", ("prompt.version", "day"), board_of(sources, board)))
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}
    return {"machine": machine, "answers": answers, "facts": facts, "rows": rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCpu:
    """The CPU seconds of a Postgres, its processes that ended and those that run."""

    postmaster: int

    @classmethod
    def of(cls, folder: Path) -> ServerCpu:
        """Of the server whose files are somewhere below."""
        (file,) = folder.rglob("postmaster.pid")
        return cls(postmaster=int(file.read_text().split()[0]))

    def seconds(self) -> float:
        """So far; to a hundredth."""
        fields = [
            one.read_text().rpartition(")")[2].split() for one in Path("/proc").glob("[0-9]*/stat") if one.exists()
        ]
        running = sum(int(one[11]) + int(one[12]) for one in fields if int(one[1]) == self.postmaster)
        own = Path(f"/proc/{self.postmaster}/stat").read_text().rpartition(")")[2].split()
        return (running + sum(map(int, own[11:15]))) / os.sysconf("SC_CLK_TCK")


async def _timed(server: ServerCpu, name: str, by: tuple[str, ...], work: Any) -> dict[str, Any]:
    wall, cpu, theirs = time.perf_counter(), time.process_time(), server.seconds()
    found = await work
    shown = {"rows": len(found.rows)} if hasattr(found, "rows") else {}
    return {
        "metric": name,
        "by": ",".join(by),
        "wall_s": round(time.perf_counter() - wall, 3),
        "cpu_s": round(time.process_time() - cpu, 3),
        "server_cpu_s": round(server.seconds() - theirs, 2),
        **shown,
    }


def _filled(owner: str, values: dict[str, Any], cpu: ServerCpu) -> dict[str, Any]:
    """Fill, and tell what the row of facts costs: the answers are written without it, then with it."""
    with psycopg.connect(owner, autocommit=True, options="-c search_path=answerable,public") as conn:

        def took(statement: str, **further: int) -> float:
            start = cpu.seconds()
            conn.execute(statement, {**values, **further})
            return cpu.seconds() - start

        def written() -> float:
            """The first of them apart: a server that knows the tables as empty plans as for empty ones."""
            first = answers // 20
            begun = took(ANSWERS, first=0, last=first - 1)
            conn.execute("ANALYZE")
            return begun + took(ANSWERS, first=first, last=answers - 1)

        answers = values["answers"]
        took(TRACES)
        conn.execute("ALTER TABLE answer DISABLE TRIGGER keep_fact")
        without = written()
        conn.execute("TRUNCATE answer CASCADE")
        conn.execute("ALTER TABLE answer ENABLE TRIGGER keep_fact")
        with_facts = written()
        took(CALLS)
        took(FEEDBACK)
        conn.execute("VACUUM ANALYZE")
        records = min(took(FROM_RECORDS) for _ in range(2))
        sizes = conn.execute(
            "SELECT pg_total_relation_size('answer'), pg_total_relation_size('answer_fact')"
        ).fetchone()
    assert sizes is not None
    return {
        "write_cpu_ms_without": round(without / values["answers"] * 1000, 4),
        "write_cpu_ms_with": round(with_facts / values["answers"] * 1000, 4),
        "from_records_cpu_s": round(records, 3),
        "answer_mb": round(sizes[0] / 1e6, 1),
        "answer_fact_mb": round(sizes[1] / 1e6, 1),
    }


if __name__ == "__main__":
    main()
