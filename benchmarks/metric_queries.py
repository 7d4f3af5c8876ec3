"""What a board costs over five million events: `python benchmarks/metric_queries.py [--events N]`.

An embedded server in a fresh folder is filled, day by day, with made-up events and closed tasks of 28 days: 11
topics, 3 languages, 2 channels, 2 versions of a prompt, 20,000 persons, five events and a bit an answer, 110
readings a day. They are made by statements of the database: no row went through the events' adapter. Then the
days are counted (`roll_up`), every metric that is made of counts is measured as `answerable metric show` does,
whole and parted, and the five of the board at once. Wall times are of a machine that may be busy; CPU is
this process's and the server's. Beside it: the same sums out of the raw rows, and what one more batch of events
costs to be counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from benchmarks.version_metrics import ServerCpu

from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.embedded import Embedded
from answerable.adapters.postgres.migrations import Migrations
from answerable.adapters.postgres.roles import give_login
from answerable.adapters.postgres.tallies import PostgresTallies
from answerable.app.metrics.measuring import Sources, measured, sources_of
from answerable.app.metrics.product_board import product_board
from answerable.app.metrics.rolling_up import roll_up
from answerable.app.metrics.tallied import RECIPES
from answerable.app.project import Project
from answerable.config import Settings
from answerable.monitor.definitions import METRICS, PRODUCT

HERE = Path(__file__).parent
DAYS = 28
A_DAY = 5.2  # events an answer, about
LIMIT_MS = 500.0
DIMENSIONS = ("day", "language", "topic", "prompt.version")

EVENTS = """
INSERT INTO event (tenant, id, at, name, person, conversation, turn, answer, trace, channel, language, topic,
                   outcome, confidence, degraded, prompt_id, prompt_version, prompt_sha256, model, provider,
                   index_version, latency_ms, first_text_ms, tokens_in, tokens_out, cost, currency, props)
SELECT 'default', gen_random_uuid(), a.at + e.after * interval '1 second', e.name, a.person, 'co_' || a.n / 2,
       'tu_' || a.n, 'an_' || a.n, 'tr_' || a.n, a.channel, a.language, a.topic, e.outcome, 'high',
       CASE WHEN a.n %% 50 = 0 THEN ARRAY['no_rerank'] ELSE '{}' END, 'answer', a.version, repeat('ab', 32),
       'm-1', 'main', '7', e.ms, e.first, e.tokens_in, e.tokens_out, e.cost, 'USD', e.props
  FROM (SELECT n, %(day)s::timestamptz + (n %% 86000) * interval '1 second' AS at,
               decode(md5((n * 7919 %% 20000)::text), 'hex') AS person,
               (ARRAY['page', 'form'])[1 + (n %% 7 = 0)::integer] AS channel,
               (ARRAY['en', 'de', 'es'])[1 + n %% 3] AS language,
               'topic ' || (n * 31 %% 30) * (n %% 5) %% 30 AS topic,
               CASE WHEN %(day)s::timestamptz < %(deploy)s THEN '1.0.0' ELSE '1.1.0' END AS version
          FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n) AS a
 CROSS JOIN LATERAL (
    VALUES ('question.asked', 0, '', NULL::integer, NULL::integer, NULL::integer, NULL::integer, NULL::numeric,
            jsonb_build_object('chars', 40, 'follow_up', 'first', 'why_not', '')),
           ('retrieval.done', 1, '', NULL, NULL, NULL, NULL, NULL,
            jsonb_build_object('candidates', 40, 'kept', 8, 'top_score', 0.7, 'documents', ARRAY['doc_1', 'd_2'])),
           ('model.called', 2, '', 900, NULL, 2100, 120, 0.0021,
            jsonb_build_object('use', 'answer', 'status', 'ok', 'fallback', a.n %% 70 = 0)),
           ('model.called', 2, '', 300, NULL, 400, 20, 0.0003,
            jsonb_build_object('use', 'rewrite', 'status', 'ok')),
           (CASE WHEN a.n %% 9 = 0 THEN 'answer.abstained' ELSE 'answer.shown' END, 3,
            CASE WHEN a.n %% 9 = 0 THEN 'abstained' ELSE 'answered' END, (600 + 3000 * abs(sin(a.n)))::integer,
            (200 + 300 * abs(cos(a.n)))::integer, 2500, 140, 0.0024,
            CASE WHEN a.n %% 9 = 0 THEN jsonb_build_object('reason', 'no_context')
                 ELSE jsonb_build_object('claims', 3, 'claims_supported', 3, 'citations', 2, 'stale_citations',
                                         (a.n %% 40 = 0)::integer, 'cache', 'none', 'deadline_hit', a.n %% 300 = 0)
                 END),
           (CASE a.n %% 5 WHEN 0 THEN 'feedback.given' END, 60, '', NULL, NULL, NULL, NULL, NULL,
            jsonb_build_object('value', 'up'))
    ) AS e (name, after, outcome, ms, first, tokens_in, tokens_out, cost, props)
 WHERE e.name IS NOT NULL
"""
REVIEWS = """
INSERT INTO event (tenant, id, at, name, conversation, answer, outcome, language, prompt_id,
                   prompt_version, props)
SELECT 'default', gen_random_uuid(), %(day)s::timestamptz + interval '20 hours', 'review.completed',
       'co_' || n / 2, 'an_' || n,
       'answered', 'en', 'answer', '1.0.0',
       jsonb_build_object('completed', CASE WHEN n %% 4 = 0 THEN 'no' ELSE 'yes' END, 'harm',
                          CASE WHEN n %% 60 = 0 THEN 'incorrect' ELSE 'none' END, 'stratum', 'random',
                          'inclusion_weight', 300, 'minutes', 2, 'answerable', 'yes', 'needed_person', 'no')
  FROM generate_series(%(first)s::bigint + 1, %(last)s::bigint, greatest(1, (%(last)s - %(first)s) / 110)) AS n
"""
TASKS = """
INSERT INTO task
SELECT 'default', 'ta_' || n / 2, decode(md5((n * 7919 %% 20000)::text), 'hex'), 'co_' || n / 2,
       t.closed - interval '25 hours', t.closed - interval '24 hours', t.closed, 2,
       (ARRAY['confirmed', 'verified', 'verified', 'assumed', 'assumed', 'failed', 'escalated', 'reopened'])
           [1 + n / 2 %% 8],
       (n %% 97) / 97.0, CASE WHEN n %% 60 = 0 THEN 'staff' ELSE '' END,
       CASE WHEN n %% 9 = 0 THEN 'abstained' ELSE 'answered' END,
       CASE WHEN n / 2 %% 8 = 6 THEN 'asked' ELSE '' END, '', NULL, 'topic ' || (n * 31 %% 30) * (n %% 5) %% 30,
       (ARRAY['en', 'de', 'es'])[1 + n %% 3], (ARRAY['page', 'form'])[1 + (n %% 7 = 0)::integer], 'answer',
       CASE WHEN %(day)s::timestamptz < %(deploy)s THEN '1.0.0' ELSE '1.1.0' END, 'm-1', '', false,
       jsonb_build_object('first', 1, 'rephrase', n %% 2), 0.002 + (n %% 50) * 0.0001, 'USD', 0,
       ARRAY['an_' || n, 'an_' || n + 1], jsonb_build_object('up', (n %% 10 = 0)::integer)
  FROM generate_series(%(first)s::bigint, %(last)s::bigint - 1, 2) AS n,
       LATERAL (SELECT %(day)s::timestamptz + (n %% 86000) * interval '1 second' AS closed) AS t
ON CONFLICT DO NOTHING
"""
PARTITION = """
DO $$ BEGIN
    IF to_regclass('event_' || to_char(DATE '{day}', 'YYYYMMDD')) IS NULL THEN
        EXECUTE format('CREATE TABLE %%I PARTITION OF event FOR VALUES FROM (%%L) TO (%%L)',
                       'event_' || to_char(DATE '{day}', 'YYYYMMDD'), DATE '{day}', DATE '{day}' + 1);
        PERFORM protect(('event_' || to_char(DATE '{day}', 'YYYYMMDD'))::regclass);
    END IF;
END $$
"""
RAW = {
    "tasks by state and topic": "SELECT topic, state, count(*), count(DISTINCT person) FROM task "
    "WHERE tenant = 'default' AND closed_at >= %(since)s AND why_not = '' GROUP BY 1, 2",
    "times of answers": "SELECT percentile_disc(0.95) WITHIN GROUP (ORDER BY latency_ms), count(*) FROM event "
    "WHERE tenant = 'default' AND name IN ('answer.shown', 'answer.abstained') AND at >= %(since)s",
    "refusals by topic": "SELECT topic, count(*), count(*) FILTER (WHERE name = 'answer.abstained') FROM event "
    "WHERE tenant = 'default' AND name IN ('answer.shown', 'answer.abstained') AND at >= %(since)s GROUP BY 1",
}  # fmt: skip


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--events", type=int, default=5_000_000)
    given.add_argument("--times", type=int, default=20, help="how often each is measured")
    given.add_argument("--out", type=Path, default=HERE / "results" / "metric_queries.json")
    options = given.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="answerable-metrics-") as folder,
        Embedded.start(Path(folder)) as server,
    ):
        asyncio.run(_measured(server, options, Path(folder)))


async def _measured(server: Embedded, options: argparse.Namespace, folder: Path) -> None:
    owner = server.admin_url
    await Migrations(owner, schema="answerable").migrate()
    cpu = ServerCpu.of(folder)
    answers = round(options.events / A_DAY)
    until = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    since = until - timedelta(days=DAYS)
    result: dict[str, Any] = {"machine": _machine(), "answers": answers, "filled": _filled(owner, since, answers)}
    service = await give_login(owner, schema="answerable", password=server.service_password)
    async with Database(service) as database:
        sources = sources_of(Project(settings=Settings(), base=folder), database)
        now = until - timedelta(hours=1)
        result["roll_up"] = await _rolled_up(cpu, sources.tallies, now)
        result["sizes"] = _sizes(owner, answers)
        _keep(options.out, result)
        result["raw"] = _raw(owner, since)
        result["queries"] = []
        for name, work in _queries(sources, since, until).items():
            result["queries"].append(await _timed(cpu, name, work, options.times))
            _keep(options.out, result)
        result["more"] = await _more(cpu, owner, sources.tallies, until, answers)
    result["machine"] = _machine()
    waits = [one["p95_ms"] for one in result["queries"]]
    result["slowest_p95_ms"], result["within_500_ms"] = max(waits), sum(one <= LIMIT_MS for one in waits)
    _keep(options.out, result)
    sys.stdout.write(json.dumps(result, indent=1) + "\n")


def _queries(sources: Sources, since: datetime, until: datetime) -> Mapping[str, Callable[[], Awaitable[object]]]:
    """What boards ask for: each metric whole and by each dimension, and the five with what they were."""
    span = sources.span(since, until)
    found: dict[str, Callable[[], Awaitable[object]]] = {}
    for name in RECIPES:
        for by in ((), *((one,) for one in DIMENSIONS if one in METRICS[name].dimensions)):
            if by and name not in PRODUCT and by != ("day",):
                continue
            label = f"{name} by {by[0]}" if by else name
            found[label] = lambda name=name, by=by: measured(sources, name, span, by)  # type: ignore[misc]
    found["the five of the board, and the month before"] = lambda: product_board(sources, now=until, days=14)
    return found


async def _timed(cpu: ServerCpu, name: str, work: Callable[[], Awaitable[object]], times: int) -> dict[str, Any]:
    waits, own, theirs = [], time.process_time(), cpu.seconds()
    for _ in range(times):
        start = time.perf_counter()
        await work()
        waits.append((time.perf_counter() - start) * 1000)
    return {
        "query": name,
        "times": times,
        "p50_ms": round(statistics.median(waits), 1),
        "p95_ms": round(sorted(waits)[max(0, -(-95 * times // 100) - 1)], 1),
        "cpu_ms": round((time.process_time() - own) / times * 1000, 1),
        "server_cpu_ms": round((cpu.seconds() - theirs) / times * 1000, 1),
    }


def _filled(owner: str, since: datetime, answers: int) -> dict[str, Any]:
    start = time.perf_counter()
    with psycopg.connect(owner, autocommit=True, options="-c search_path=answerable,public") as conn:
        for n in range(DAYS):
            day = since + timedelta(days=n)
            conn.execute(PARTITION.replace("%%", "%").format(day=day.date().isoformat()))
            values = {"day": day, "deploy": since + timedelta(days=14)}
            span = {"first": answers * n // DAYS, "last": answers * (n + 1) // DAYS - 1}
            for statement in (EVENTS, TASKS, REVIEWS):
                conn.execute(statement, values | span)
        conn.execute("VACUUM ANALYZE")
        events, tasks = conn.execute("SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM task)").fetchone()
    return {"events": events, "tasks": tasks, "wall_s": round(time.perf_counter() - start, 1)}


async def _rolled_up(cpu: ServerCpu, tallies: PostgresTallies, now: datetime) -> dict[str, Any]:
    start, theirs = time.perf_counter(), cpu.seconds()
    done = await roll_up(tallies, tenant="default", now=now)
    return {
        "days": done.days,
        "weeks": done.weeks,
        "wall_s": round(time.perf_counter() - start, 1),
        "server_cpu_s": round(cpu.seconds() - theirs, 1),
    }


async def _more(
    cpu: ServerCpu, owner: str, tallies: PostgresTallies, until: datetime, answers: int
) -> dict[str, Any]:
    """What a run of the job costs after 200 more answers of the last day: that day is counted anew."""
    values = {"day": until - timedelta(days=1), "deploy": until, "first": answers, "last": answers + 199}
    with psycopg.connect(owner, autocommit=True, options="-c search_path=answerable,public") as conn:
        conn.execute(EVENTS, values)
    return await _rolled_up(cpu, tallies, until - timedelta(hours=1))


def _sizes(owner: str, answers: int) -> list[dict[str, Any]]:
    """Bytes of each table with its indexes, and for a million answers."""
    with psycopg.connect(owner, autocommit=True, options="-c search_path=answerable,public") as conn:
        conn.execute("VACUUM ANALYZE tally, tally_person, tally_cell")
        rows = conn.execute(
            "SELECT coalesce(p.inhparent::regclass::text, c.oid::regclass::text) AS name, "
            "sum(pg_total_relation_size(c.oid)), sum(pg_indexes_size(c.oid)), sum(greatest(c.reltuples, 0)) "
            "FROM pg_class AS c LEFT JOIN pg_inherits AS p ON p.inhrelid = c.oid "
            "WHERE c.relkind = 'r' AND c.relname ~ '^(event|task|tally)' GROUP BY 1 ORDER BY 2 DESC"
        ).fetchall()
    return [
        {
            "table": name,
            "rows": int(count),
            "mb": round(float(size) / 1e6, 1),
            "of_it_indexes_mb": round(float(indexes) / 1e6, 1),
            "mb_a_million_answers": round(float(size) / answers, 1),
        }
        for name, size, indexes, count in rows
    ]


def _raw(owner: str, since: datetime) -> dict[str, float]:
    """Milliseconds of the same sums out of the raw rows, the better of two."""
    found = {}
    with psycopg.connect(owner, autocommit=True, options="-c search_path=answerable,public") as conn:
        for name, statement in RAW.items():
            waits = []
            for _ in range(2):
                start = time.perf_counter()
                conn.execute(statement, {"since": since}).fetchall()
                waits.append((time.perf_counter() - start) * 1000)
            found[name] = round(min(waits), 1)
    return found


def _machine() -> dict[str, Any]:
    return {"python": platform.python_version(), "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}


def _keep(path: Path, result: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
