"""A person who is forgotten is in no table and no spool any more; every table has its place in the list."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from psycopg import sql

from answerable.adapters.event_row import spooled_person
from answerable.adapters.fakes.events import MemoryEvents
from answerable.adapters.fakes.happenings import MemoryHappenings
from answerable.adapters.fakes.journal import MemoryJournal
from answerable.adapters.postgres.audit import PostgresAudit
from answerable.adapters.postgres.database import Database
from answerable.adapters.postgres.events import PostgresEvents
from answerable.adapters.postgres.people import PostgresPeople
from answerable.adapters.postgres.person_keys import PostgresPersonKeys
from answerable.app.people import export_person, forget_person
from answerable.config import Settings
from answerable.core.event import Event
from answerable.core.person_key import Rotation
from answerable.core.personal import DELETED, PSEUDONYM, TABLES
from answerable.monitor.pseudonym import Pseudonyms
from answerable.testing.postgres import Clone

MARK, ANN, BOB = "zq7marker", "ann@zq7marker.example", "bob@example.com"

# One row or more of each person in each table that has people. `{p}` is the person, `{m}` a text of theirs.
PLANTED = """
INSERT INTO principal (tenant, id) VALUES ('acme', '{p}');
INSERT INTO api_token (tenant, id, secret_sha256, principal_id, roles, groups, label)
    VALUES ('acme', 'tk_{n}', repeat('{n}', 64), '{p}', '{{user}}', '{{public}}', '{m} laptop');
INSERT INTO trace (tenant, id, started_at, duration_ms, outcome, answer_id, principal_id, conversation, language,
                   query, model, degraded, detail)
    VALUES ('acme', 'tr_{n}', now(), 1, 'answered', 'an_{n}', '{p}', 'co_{n}', 'en', '{m}?', 'm', '{{}}',
            '{{"q": "{m}"}}');
INSERT INTO step (tenant, trace_id, started_at, n, name, started_ms, duration_ms, status, detail)
    VALUES ('acme', 'tr_{n}', now(), 1, 'generate', 0, 1, 'ok', '{{"text": "{m}"}}');
INSERT INTO conversation (tenant, id, principal_id, created_at) VALUES ('acme', 'co_{n}', '{p}', now());
INSERT INTO turn (tenant, conversation, created_at, n, answer_id, role, text)
    VALUES ('acme', 'co_{n}', now(), 0, 'an_{n}', 'user', '{m}');
INSERT INTO answer (tenant, id, trace_id, principal_id, conversation, outcome, language, created_at, record)
    VALUES ('acme', 'an_{n}', 'tr_{n}', '{p}', 'co_{n}', 'answered', 'en', now(),
            '{{"text": "{m}"}}');
INSERT INTO feedback (tenant, answer_id, principal_id, value, comment)
    VALUES ('acme', 'an_{n}', '{p}', 'down', '{m}');
INSERT INTO model_call (tenant, id, at, use, outcome, provider, endpoint, model, reported, fingerprint, principal,
                        key, trace_id, question, prompt_id, prompt_version, prompt_sha256, duration_ms, estimated,
                        currency, price_table)
    VALUES ('acme', 'ca_{n}', now(), 'answer', 'ok', 'p', 'e', 'm', 'm', '', '{p}', 'tk_{n}', 'tr_{n}',
            repeat('{n}', 64), 'answer', '1', '', 1, false, 'USD', '');
INSERT INTO reply (tenant, exact, question, alike, chunks, text, text_sha256, model, provider, fingerprint, input,
                   cached, output, currency, vector, kept_at, dies_at)
    VALUES ('acme', repeat('{n}', 64), repeat('{n}', 64), '', '{{ch}}', '{m}', '', 'm', 'p', '', 1, 0, 1, 'USD',
            '', now(), now() + interval '1 day');
INSERT INTO happening (tenant, id, at, name, trace, props)
    VALUES ('acme', 'ha_{n}', now(), 'limit.reached', '', '{{"principal": "{p}"}}'),
           ('acme', 'hb_{n}', now(), 'document.purged', '', '{{"by": "{p}", "answers": 1}}');
INSERT INTO rate_meter VALUES ('acme', 'user', '{p}', 'questions', 60, now()),
                              ('acme', 'key', 'tk_{n}', 'tokens', 60, now());
INSERT INTO walk_window (tenant, name, period_s, since, shapes, seen)
    VALUES ('acme', '{p}', 3600, now(), repeat('0', 1024)::bit(1024), repeat('0', 8192)::bit(8192));
INSERT INTO failed_attempt VALUES ('acme', 'person:{p}', now(), 1), ('acme', 'token:tk_{n}', now(), 1);
INSERT INTO review_item (tenant, id, batch, answer_id, trace_id, drawn_by, strata, probability, seats, place,
                         outcome, language, topic)
    VALUES ('acme', 'ri_{n}', '2026-W47', 'an_{n}', 'tr_{n}', '{{random}}', '{{}}', 1, '{{{p}}}', {n}, 'answered',
            'en', '{m}');
INSERT INTO event (tenant, id, at, name, answer, topic)
    VALUES ('acme', gen_random_uuid(), now(), 'answer.shown', 'an_{n}', '{m}');
INSERT INTO task (tenant, id, conversation, opened_at, last_at, turns, state, why_not, outcome, escalation,
                  reopens, topic, language, channel, prompt_id, prompt_version, model, rollout, holdout,
                  follow_ups, currency, unpriced, answers, votes)
    VALUES ('acme', 'ta_{n}', '', now(), now(), 1, 'unknown', '', '', '', '', '{m}', '', '', '', '', '', '', false,
            '{{}}', '', 0, '{{an_{n}}}', '{{}}');
INSERT INTO review_reading (tenant, item, reader, role, verdicts, reason, severity, correction, comment, withdrawn)
    VALUES ('acme', 'ri_{n}', 'rita', 'reader', '{{}}', '{m}', '', '{m}', '{m}', false),
           ('acme', 'ri_{n}', '{p}', 'reader', '{{}}', '', '', '', '', false);
INSERT INTO review_hold VALUES ('acme', 'ri_{n}', '{p}', 'reader', now(), now());
INSERT INTO quarantine (tenant, id, source, uri, document_id, title, text_sha256, trust, owner, reasons, run,
                        state, decided_by)
    VALUES ('acme', 'qu_{n}', 's', 'u', 'd', 't', '', 'low', '', '[]', '', 'rejected', '{p}');
INSERT INTO incident (tenant, id, kind, value, question, opened_by, closed_by, closed_at)
    VALUES ('acme', 'in_{n}', 'answer', 'an_{n}', '{m}?', '{p}', '{p}', now());
"""
TALLIED = """INSERT INTO answerable.tally_person
             VALUES ('acme', 'event', (now() AT TIME ZONE 'UTC')::date, gen_random_uuid(), %s, 2)"""
OLD_DAY = "CREATE TABLE event_20200101 PARTITION OF event FOR VALUES FROM ('2020-01-01') TO ('2020-01-02')"
BATCH = """INSERT INTO review_batch (tenant, id, starts, ends, due, seed, population, draws, criteria)
           VALUES ('acme', '2026-W47', now(), now(), now(), 1, 1, '[]', '{}')"""


def plant(clone: Clone) -> None:
    with psycopg.connect(clone.owner_url, autocommit=True) as conn:
        conn.execute("SELECT set_config('search_path', 'answerable, public', false)")
        conn.execute(BATCH)
        for n, person in ((1, ANN), (2, BOB)):
            text = MARK if person == ANN else "hello"
            conn.execute(PLANTED.format(p=person, m=text, n=n).encode())


def tables_of(clone: Clone) -> list[str]:
    with psycopg.connect(clone.owner_url) as conn:
        found = conn.execute(
            "SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'answerable'::regnamespace "
            "AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1"
        ).fetchall()
    return [str(row[0]) for row in found]


def rows_with(clone: Clone, text: str) -> dict[str, int]:
    """Every table, every column, as text: what a dump of the database would show."""
    found = {}
    with psycopg.connect(clone.owner_url) as conn:
        for name in tables_of(clone):
            query = sql.SQL("SELECT count(*) FROM answerable.{} AS t WHERE strpos(to_jsonb(t)::text, %s) > 0")
            row = conn.execute(query.format(sql.Identifier(name)), [text]).fetchone()
            assert row is not None
            if row[0]:
                found[name] = row[0]
    return found


def system_of(database: Database, base: Path) -> SimpleNamespace:
    settings = Settings.model_validate({"project": {"tenant": "acme"}, "eval": {"suites": ["cases"]}})
    project = SimpleNamespace(
        settings=settings, state=base / "state", path=lambda one: base / one, secret=lambda one: None
    )
    return SimpleNamespace(
        settings=settings,
        database=database,
        project=project,
        journal=MemoryJournal(),
        happenings=MemoryHappenings(),
        emission=MemoryEvents(),  # nothing waits in it
    )


async def told_under_a_pseudonym(database: Database, *persons: str) -> list[bytes]:
    """An event of each that names no answer: only a key tells whose it is."""
    rotation = Rotation(every_s=86_400.0, link_s=86_400.0)
    now = datetime.now(UTC)
    keys = await PostgresPersonKeys(database).kept(tenant="acme", rotation=rotation, now=now)
    names = [Pseudonyms.over(rotation, keys).of("acme", one, now) for one in persons]
    events = [Event(name="goal.reached", tenant="acme", person=one, at=now) for one in names]
    assert await PostgresEvents(database, spool=Path("/nowhere")).append(events) == len(persons)
    return [one for one in names if one is not None]


async def test_a_forgotten_person_is_nowhere_and_the_others_are_as_they_were(
    clone: Clone, database: Database, tmp_path: Path
) -> None:
    assert set(tables_of(clone)) == set(TABLES)  # a new table says what becomes of people in it
    plant(clone)
    theirs = {name for name, (what, _) in TABLES.items() if what in (DELETED, PSEUDONYM)} - {
        "conflict",
        "tally_person",
    }
    assert set(rows_with(clone, MARK)) == theirs  # each of them was planted
    spool = tmp_path / "state" / "spool" / "rejected" / "1.jsonl"
    spool.parent.mkdir(parents=True)
    spool.write_text(f'{{"principal_id": "{ANN}", "q": "{MARK}"}}\n{{"principal_id": "{BOB}"}}\n')
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "one.yaml").write_text("from: tr_1")
    before = rows_with(clone, BOB)
    ann, bob = await told_under_a_pseudonym(database, ANN, BOB)
    with psycopg.connect(clone.owner_url, autocommit=True) as conn:
        conn.execute("SELECT set_config('answerable.maintenance', 'on', false)")
        conn.execute(TALLIED, [[ann, bob]])
    waiting = tmp_path / "state" / "spool" / "events" / "1.jsonl"
    waiting.parent.mkdir()
    waiting.write_text("".join(f"{json.dumps({'person': spooled_person(one)})}\n" for one in (ann, bob)))
    system = system_of(database, tmp_path)

    exported = await export_person(system, ANN)
    assert set(exported["rows"]) == theirs
    assert [one["name"] for one in exported["rows"]["event"]] == ["answer.shown", "goal.reached"]
    assert "secret_sha256" not in json.dumps(exported)
    assert exported["case_files"] == [str(tmp_path / "cases" / "one.yaml")]

    planned = await forget_person(system, ANN, by="privacy", dry=True)
    assert set(rows_with(clone, MARK)) == theirs
    assert MARK in spool.read_text()
    done = await forget_person(system, ANN, by="privacy", dry=False)
    assert (done.rows, done.files, done.named) == (planned.rows, planned.files, planned.named)
    assert {name for name, count in done.rows.items() if count} == theirs
    assert rows_with(clone, MARK) == {}
    assert spool.read_text() == f'{{"principal_id": "{BOB}"}}\n'
    assert rows_with(clone, BOB) == before
    assert rows_with(clone, ann.hex()) == {}
    assert rows_with(clone, bob.hex()) == {"event": 1, "tally_person": 1}
    assert waiting.read_text() == json.dumps({"person": spooled_person(bob)}) + "\n"

    (row,) = await PostgresAudit(database).rows(tenant="acme")
    assert (row.actor, row.action, row.subject) == ("privacy", "person.forget", done.pseudonym)
    assert json.loads(row.detail)["hash"] == done.receipt()["hash"]
    again = await forget_person(system, ANN, by="privacy", dry=False)
    assert again.total == 0


async def test_what_a_person_takes_along_says_nothing_of_others(
    clone: Clone, database: Database, tmp_path: Path
) -> None:
    plant(clone)
    with psycopg.connect(clone.owner_url, autocommit=True) as conn:
        conn.execute("SELECT set_config('search_path', 'answerable, public', false)")
        conn.execute("SELECT set_config('answerable.maintenance', 'on', false)")
        conn.execute("UPDATE incident SET opened_by = 'rita@example.com', question = 'whose?' WHERE id = 'in_1'")
        conn.execute("UPDATE incident SET opened_by = %s, question = 'bobs secret' WHERE id = 'in_2'", [ANN])
        conn.execute("UPDATE review_item SET seats = %s", [[ANN, BOB]])
        conn.execute("UPDATE happening SET props = props || %s WHERE id = 'ha_1'", [json.dumps({"by": BOB})])
    audit = PostgresAudit(database)
    for actor, action, subject, detail in (
        (BOB, "person.suspend", ANN, {}),
        (ANN, "person.suspend", BOB, {}),
        (BOB, "token.create", "tk_1", {"principal": ANN}),
        (ANN, "token.create", "tk_2", {"principal": BOB, "label": "bobs laptop"}),
        (BOB, "token.create", "tk_3", {"principal": BOB}),
    ):
        await audit.record(tenant="acme", actor=actor, action=action, subject=subject, detail=detail)
    exported = (await export_person(system_of(database, tmp_path), ANN))["rows"]
    said = json.dumps(exported)
    assert [one for one in (BOB, "rita@example.com", "bobs", "tk_3") if one in said] == []
    assert {one["id"]: one["question"] for one in exported["incident"]} == {"in_1": "whose?", "in_2": ""}
    assert [one["n"] for one in exported["audit"]] == [1, 2, 3, 4]
    assert exported["audit"][2]["detail"] == {"principal": ANN}


async def test_nobody_is_forgotten_without_a_receipt(clone: Clone, database: Database) -> None:
    plant(clone)
    before = rows_with(clone, MARK)
    with pytest.raises(KeyError):  # it cannot be written: then nothing is deleted
        await PostgresPeople(database).forget(tenant="acme", person=ANN, pseudonym="x", receipt=lambda rows: {})
    assert rows_with(clone, MARK) == before


async def test_what_is_too_old_goes_and_what_is_young_stays(clone: Clone, database: Database) -> None:
    plant(clone)
    people = PostgresPeople(database)
    ages = {"messages_s": 86_400.0, "traces_s": 86_400.0, "events_s": 86_400.0}
    assert sum((await people.purge(tenant="acme", dry=False, **ages)).values()) == 0
    with psycopg.connect(clone.owner_url, autocommit=True) as conn:
        conn.execute("SELECT set_config('answerable.maintenance', 'on', false)")
        for table, column in (("answer", "created_at"), ("trace", "started_at"), ("happening", "at")):
            place = sql.SQL("UPDATE answerable.{} SET {} = now() - interval '2 days' WHERE tenant = 'acme'")
            conn.execute(place.format(sql.Identifier(table), sql.Identifier(column)))
    never = await people.purge(tenant="acme", messages_s=None, traces_s=None, events_s=None, dry=False)
    assert sum(never.values()) == 0
    planned = await people.purge(tenant="acme", dry=True, **ages)
    gone = await people.purge(tenant="acme", dry=False, **ages)
    assert {name: count for name, count in gone.items() if count} == {"answer": 2, "trace": 2, "happening": 4}
    assert planned == gone
    assert sum((await people.purge(tenant="other", dry=False, **ages)).values()) == 0


async def test_what_a_person_did_goes_before_the_figures_of_nobody(clone: Clone, database: Database) -> None:
    plant(clone)
    with psycopg.connect(clone.owner_url, autocommit=True) as conn:
        conn.execute("SELECT set_config('search_path', 'answerable, public', false)")
        conn.execute("SELECT set_config('answerable.maintenance', 'on', false)")
        for name, days in (("model.called", 5), ("person.linked", 5), ("person.linked", 2), ("model.called", 9)):
            conn.execute(
                "INSERT INTO event (tenant, id, at, name) VALUES ('acme', gen_random_uuid(), now() - %s, %s)",
                [timedelta(days=days), name],
            )
        conn.execute("UPDATE event SET at = now() - interval '5 days' WHERE answer = 'an_1'")
        conn.execute("UPDATE task SET last_at = now() - interval '5 days' WHERE id = 'ta_1'")
        conn.execute(OLD_DAY)
    people = PostgresPeople(database)
    day = 86_400.0
    never = await people.purge_log(tenant="acme", persons_s=None, links_s=99 * day, events_s=None, dry=False)
    assert never == {"event": 0, "task": 0}
    ages = {"persons_s": 4 * day, "links_s": 3 * day, "events_s": 8 * day}
    planned = await people.purge_log(tenant="acme", dry=True, **ages)
    gone = await people.purge_log(tenant="acme", dry=False, **ages)
    assert planned == gone == {"event": 3, "task": 0}  # a link, the oldest call, and what Ann was shown
    with psycopg.connect(clone.owner_url) as conn:
        left = conn.execute("SELECT name FROM answerable.event WHERE tenant = 'acme' ORDER BY name").fetchall()
        tasks = conn.execute("SELECT id, answers FROM answerable.task ORDER BY id").fetchall()
        day_left = conn.execute("SELECT to_regclass('answerable.event_20200101')").fetchone()
    assert [name for (name,) in left] == ["answer.shown", "model.called", "person.linked"]
    assert tasks == [("ta_1", []), ("ta_2", ["an_2"])]  # its figures stay, without whose it was
    assert day_left == (None,)


async def test_nobody_is_forgotten_without_a_name(database: Database) -> None:
    with pytest.raises(Exception, match="nobody is named"):
        await PostgresPeople(database).forget(tenant="acme", person="", pseudonym="x")
