"""What a scrape tells of the index and of what waits for a person, from real rows; and of the spools on disk."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from answerable.adapters.postgres.standing import standing_figures
from answerable.app.standing_figures import spool_samples

NOW = datetime.now(UTC)


def read(samples):
    return {(one.name.removeprefix("answerable_"), *one.labels): one.value for one in samples}


async def test_an_index_is_as_old_as_its_slowest_files_and_its_sources_last_run(database):
    empty = read(await standing_figures(database, tenant="acme", sources=["docs"], now=NOW))
    assert empty == {
        ("index_chunks",): 0, ("documents",): 0, ("documents_stale",): 0, ("conflicts_open",): 0,
        ("quarantine_open",): 0, ("review_overdue_seconds",): 0,
    }  # fmt: skip
    async with database.tenant("acme") as conn:
        await conn.execute("INSERT INTO source (tenant, id) VALUES ('acme', 'docs'), ('acme', 'gone')")
        await conn.execute(
            "INSERT INTO ingest_run (tenant, id, source, started_at, finished_at) VALUES "
            "('acme', 'r1', 'docs', %(at)s, %(at)s), ('acme', 'r2', 'docs', %(now)s, NULL), "
            "('acme', 'r3', 'gone', %(at)s, %(at)s)",
            {"at": NOW - timedelta(hours=2), "now": NOW},
        )
        await conn.execute(
            "INSERT INTO source_file (tenant, source, uri, sha256, size, mtime_ns, error, recorded_at) "
            "SELECT 'acme', 'docs', n::text, 'x', 1, ((%(epoch)s - n * 60) * 1e9)::bigint, '', %(now)s "
            "FROM generate_series(1, 100) AS n",
            {"now": NOW, "epoch": NOW.timestamp()},
        )
        await conn.execute(
            "INSERT INTO review_batch (tenant, id, starts, ends, due, seed, population, draws, criteria) "
            "VALUES ('acme', 'W1', %(at)s, %(at)s, %(at)s, 1, 1, '[]', '{grounded}')",
            {"at": NOW - timedelta(days=3)},
        )
        await conn.execute(
            "INSERT INTO review_item (tenant, id, batch, answer_id, trace_id, drawn_by, strata, probability, "
            "seats, place, outcome, language, topic) VALUES ('acme', 'i1', 'W1', 'an_1', 'tr_1', '{}', '{}', 1, "
            "'{ann}', 1, 'answered', 'en', '')"
        )
        await conn.execute(
            "INSERT INTO quarantine (tenant, id, source, uri, document_id, title, text_sha256, trust, owner, "
            "reasons, run, state) SELECT 'acme', 'q' || s, 'docs', s, 'd', '', '', '', '', '[]', '', s "
            "FROM unnest(ARRAY['held', 'released']) AS s"
        )
    told = read(await standing_figures(database, tenant="acme", sources=["docs"], now=NOW))
    assert told["source_age_seconds", "docs"] == 7200
    assert ("source_age_seconds", "gone") not in told
    assert abs(told["index_lag_seconds",] - 95 * 60) < 1
    assert told["review_overdue_seconds",] == 3 * 86400
    assert told["quarantine_open",] == 1
    async with database.tenant("acme") as conn:
        await conn.execute(
            "INSERT INTO review_reading (tenant, item, reader, role, verdicts, reason, severity, correction, "
            "comment, withdrawn) VALUES ('acme', 'i1', 'ann', 'reader', '{}', '', '', '', '', false)"
        )
    assert (
        read(await standing_figures(database, tenant="acme", sources=[], now=NOW))["review_overdue_seconds",] == 0
    )


async def test_what_waits_on_disk_is_counted_by_what_it_is(tmp_path):
    for name, size in (
        ("spool/1.jsonl", 5),
        ("spool/telemetry/2.pb", 7),
        ("calls/3.jsonl", 2),
        ("spool/4.part", 9),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
    told = read(await spool_samples(SimpleNamespace(state=tmp_path)))
    assert {what: told["spool_bytes", what] for what in ("journal", "telemetry", "calls", "happenings")} == {
        "journal": 5, "telemetry": 7, "calls": 2, "happenings": 0
    }  # fmt: skip
    assert told["spool_files", "journal"] == 1
