"""Where psycopg's errors become ours, once, at the adapter's door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors as pg

from answerable.core.errors import AnswerableError, ConfigError, DatabaseUnreachable, DeadlineExceeded

_STALE_SCHEMA = (pg.UndefinedTable, pg.UndefinedColumn, pg.UndefinedFunction, pg.InvalidSchemaName)
_NO_RIGHT = (pg.InsufficientPrivilege, pg.InvalidParameterValue)


@contextmanager
def translated() -> Iterator[None]:
    """Raise AnswerableErrors in place of psycopg's."""
    try:
        yield
    except psycopg.Error as error:
        raise translate(error) from error


def translate(error: psycopg.Error) -> AnswerableError:
    """Our error for psycopg's. libpq's messages name host and user, never the password."""
    said = _first_line(error)
    if isinstance(error, pg.QueryCanceled):
        return DeadlineExceeded(f"the database stopped a statement: {said}", hint="raise the deadline")
    if isinstance(error, psycopg.OperationalError):
        return DatabaseUnreachable(
            f"the database does not answer: {said}", hint="check database.url and the server"
        )
    if isinstance(error, _STALE_SCHEMA):
        return ConfigError(
            f"the database's schema is not this version's: {said}", hint="run `answerable db migrate`"
        )
    if isinstance(error, _NO_RIGHT):
        return ConfigError(
            f"the database refuses its role: {said}", hint="run `answerable db migrate` with the owner's URL"
        )
    return AnswerableError(f"the database refused a statement: {said}", hint="see the cause in the log")


def _first_line(error: psycopg.Error) -> str:
    text = error.diag.message_primary or str(error)
    return text.strip().splitlines()[0] if text.strip() else type(error).__name__
