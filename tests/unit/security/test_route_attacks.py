"""The attacks on routes reach every place of every route, and their judge sees what it is for."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from answerable.adapters.fakes.happenings import MemoryHappenings
from answerable.api import WebSettings, create_api
from answerable.testing.route_attacks import HEADERS, attempts, sql_strings, verdict


def test_every_route_gets_every_string_in_its_path_query_headers_and_body():
    app = create_api(
        SimpleNamespace(tokens=None, tolls=None, attempts=None, happenings=MemoryHappenings()), WebSettings()
    )
    every = list(attempts(app, ["'ONE", "'TWO"]))
    assert {one.route for one in every} == {f"{min(one.methods)} {one.path}" for one in app.routes}
    places = {one.place for one in every if one.route == "POST /v1/answers"}
    assert {"query:further", "body:question", *(f"header:{name}" for name in HEADERS)} <= places
    assert {one.place for one in every if one.route == "GET /v1/answers/{answer_id}"} >= {"path:answer_id"}
    asked = [one.body["question"] for one in every if one.place == "body:question"]
    assert {"'ONE", "'TWO"} <= set(asked)
    assert all("{" not in one.url for one in every)


def test_one_string_a_place_takes_them_in_turn():
    app = create_api(
        SimpleNamespace(tokens=None, tolls=None, attempts=None, happenings=MemoryHappenings()), WebSettings()
    )
    some, every = list(attempts(app, ["'A", "'B"], each=False)), list(attempts(app, ["'A", "'B"]))
    assert 2 * len(some) == len(every)


@pytest.mark.parametrize(
    ("status", "text", "hit"),
    [
        (500, "", True),
        (502, "", True),
        (503, "busy", False),
        (404, "not found", False),
        (422, "value is not a valid integer", False),
        (400, 'ERROR: syntax error at or near "OR"', True),
        (200, "psycopg.errors.UndefinedTable", True),
    ],
)
def test_an_answer_of_the_database_is_seen(status, text, hit):
    assert bool(verdict(status, text)) is hit


def test_the_list_ends_texts_numbers_statements_and_comments_and_waits():
    text = "\n".join(sql_strings())
    assert len(sql_strings()) >= 15
    assert all(part in text for part in ("'", '"', "--", "/*", ";", "UNION", "pg_sleep", "$$", "OR 1=1"))
