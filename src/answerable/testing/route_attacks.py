"""Requests with a hostile string in every place of every route: path, query, headers and fields of the body."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, get_args
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

# What a proxy, a browser or a program may send; the first three carry credentials.
HEADERS = (
    "Authorization", "Cookie", "X-Api-Key", "X-Forwarded-For", "X-Forwarded-User", "User-Agent", "Accept-Language",
    "Referer", "Idempotency-Key", "Last-Event-ID", "Prefer", "X-Deadline-Ms",
)  # fmt: skip
FILLER = "x"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request. `place` says where the string is: `path:answer_id`, `query:limit`, `header:Cookie` …"""

    route: str
    place: str
    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


def sql_strings() -> tuple[str, ...]:
    """The list of sql.toml."""
    text = (resources.files("answerable.testing.attacks") / "sql.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)["strings"])


def attempts(app: FastAPI, strings: Sequence[str], *, each: bool = True) -> Iterator[Attempt]:
    """Every string in every place; not `each`, one string a place, in turn."""
    at = 0
    for route in [one for one in app.routes if isinstance(one, APIRoute)]:
        for place in _places(route):
            chosen = strings if each else [strings[at % len(strings)]]
            at += 1
            for text in chosen:
                yield _attempt(route, place, text)


def _places(route: APIRoute) -> list[str]:
    depends = route.dependant
    found = [f"path:{one.alias}" for one in depends.path_params]
    found += [f"query:{one.alias}" for one in depends.query_params] + ["query:further"]
    found += [f"header:{name}" for name in HEADERS]
    for one in depends.body_params:
        found += [f"body:{name}" for name in _fields(one.field_info.annotation)]
    return found


def _fields(annotation: Any) -> dict[str, Any]:
    """The fields of a body's model, by the name they are sent under."""
    for one in (annotation, *get_args(annotation)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return {info.alias or name: info.annotation for name, info in one.model_fields.items()}
    return {}


def _attempt(route: APIRoute, place: str, text: str) -> Attempt:
    kind, _, name = place.partition(":")
    method = min(route.methods or ())
    url = route.path
    for one in route.dependant.path_params:
        value = quote(text if place == f"path:{one.alias}" else FILLER, safe="")
        url = url.replace("{%s:path}" % one.alias, value).replace("{%s}" % one.alias, value)  # noqa: UP031
    if kind == "query":
        url += f"?{quote(name)}={quote(text, safe='')}"
    return Attempt(
        route=f"{method} {route.path}",
        place=place,
        method=method,
        url=url,
        headers=_headers(name, text) if kind == "header" else {},
        body=_body(route, name if kind == "body" else "", text),
    )


def _headers(name: str, text: str) -> dict[str, str]:
    """As bytes of latin-1 can say it: what they cannot is sent escaped."""
    plain = text.encode("ascii", "backslashreplace").decode()
    if name == "Authorization":
        return {name: f"Bearer {plain}"}
    return {name: f"session={plain}; __Host-session={plain}" if name == "Cookie" else plain}


def _body(route: APIRoute, place: str, text: str) -> Any:
    fields = {
        name: kind
        for one in route.dependant.body_params
        for name, kind in _fields(one.field_info.annotation).items()
    }
    if not fields:
        return None
    body = {name: FILLER for name, kind in fields.items() if kind is str}
    if place:
        body[place] = text
    return json.loads(json.dumps(body))


# What a database says when it was given words for a statement.
_SIGNS = ("syntax error", "psycopg", "sqlstate", "unterminated", "pg_catalog", "undefinedtable", "postgresql 1")


def verdict(status: int, text: str) -> str:
    """What a reply gives away; empty: nothing."""
    if status >= 500 and status != 503:
        return f"status {status}"
    lower = text.lower()
    return next((sign for sign in _SIGNS if sign in lower), "")
