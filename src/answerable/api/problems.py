"""Errors as strangers see them: RFC 9457 problem details, from one table of codes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from answerable.api.rate_headers import rate_headers
from answerable.core import errors

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One row of the table; docs/reference/errors.md says the same at more length."""

    status: int
    title: str
    hint: str


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "malformed": Kind(
            status=400, title="The request body is not valid JSON", hint="Send one JSON object, UTF-8 encoded."
        ),
        "not_authorized": Kind(
            status=401,
            title="No valid credentials",
            hint="Send `Authorization: Bearer TOKEN`, or open a fresh sign-in link in the browser.",
        ),
        "forbidden": Kind(
            status=403, title="Your role does not allow this", hint="Ask an administrator for the role."
        ),
        "cross_site": Kind(
            status=403,
            title="The request came from another site",
            hint="Session cookies count only on this site's own pages; programs use a bearer token.",
        ),
        "not_found": Kind(
            status=404, title="No such thing, or not yours", hint="Check the id and whose token you use."
        ),
        "method_not_allowed": Kind(
            status=405, title="This path does not take that method", hint="See /openapi.json."
        ),
        "request_timeout": Kind(
            status=408, title="The request body came too slowly", hint="Send the body in one go."
        ),
        "idempotency_mismatch": Kind(
            status=409,
            title="This Idempotency-Key was used with another body",
            hint="Use a new key for a new request; repeat a key only with the same body.",
        ),
        "too_large": Kind(
            status=413, title="The request body is too large", hint="Shorten the question or the history."
        ),
        "host_not_allowed": Kind(
            status=421,
            title="This server does not answer to that host name",
            hint="Use the address the server printed, or add the name to the allowed hosts.",
        ),
        "invalid_request": Kind(
            status=422, title="The request does not fit the schema", hint="See `errors` and /openapi.json."
        ),
        "own_share": Kind(
            status=429,
            title="You have too many questions under way",
            hint="Wait as long as Retry-After says; others are waiting too.",
        ),
        "too_much": Kind(
            status=429,
            title="You have asked too much in too short a time",
            hint="Wait as long as Retry-After says; RateLimit-Policy names the limit.",
        ),
        "seen_enough": Kind(
            status=429,
            title="You have been shown as many different passages as one person may see",
            hint="Wait as long as Retry-After says, or ask a person for more.",
        ),
        "internal": Kind(
            status=500, title="Something broke on our side", hint="Report the trace_id; the log has the cause."
        ),
        "busy": Kind(status=503, title="Too many questions at the moment", hint="Try again in a few seconds."),
        "cancelled": Kind(status=503, title="The work was stopped", hint="Ask again."),
        "unreachable": Kind(
            status=503, title="A dependency does not answer", hint="Try again; operators: `answerable doctor`."
        ),
        "database_unreachable": Kind(
            status=503, title="The database does not answer", hint="Try again; operators: `answerable doctor`."
        ),
        "model_unreachable": Kind(
            status=503, title="No language model answers", hint="Try again; operators: `answerable doctor`."
        ),
        "index_empty": Kind(
            status=503, title="Nothing has been ingested yet", hint="Operators: `answerable source sync`."
        ),
        "deadline": Kind(
            status=504, title="The time for this request is over", hint="Raise X-Deadline-Ms, or ask again."
        ),
    }
)

_BY_ERROR: tuple[tuple[type[errors.AnswerableError], str], ...] = (
    (errors.NotAuthorized, "not_authorized"),
    (errors.NotFound, "not_found"),
    (errors.DatabaseUnreachable, "database_unreachable"),
    (errors.ModelUnreachable, "model_unreachable"),
    (errors.ModelError, "model_unreachable"),
    (errors.Unreachable, "unreachable"),
    (errors.DeadlineExceeded, "deadline"),
)


class ProblemError(Exception):
    """Raised in a route; becomes the problem document. `errors` names fields, for 422."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        fields: tuple[Mapping[str, str], ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or KINDS[code].title)
        self.code = code
        self.detail = detail
        self.fields = fields
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        """The HTTP status."""
        return KINDS[self.code].status

    def document(self, trace_id: str) -> dict[str, Any]:
        """The body, with application/problem+json."""
        kind = KINDS[self.code]
        body: dict[str, Any] = {
            "type": f"urn:answerable:error:{self.code}",
            "title": kind.title,
            "status": kind.status,
            "code": self.code,
            "detail": self.detail or kind.title,
            "trace_id": trace_id,
            "hint": kind.hint,
            "docs": f"/errors#{self.code}",
        }
        if self.fields:
            body["errors"] = [dict(field) for field in self.fields]
        return body


@contextmanager
def told_to_the_caller() -> Iterator[None]:
    """A ConfigError inside is the request's fault, and its message names only what the caller may read."""
    try:
        yield
    except errors.ConfigError as error:
        raise ProblemError("invalid_request", f"{error}") from error


def problem_of(error: errors.AnswerableError) -> ProblemError:
    """A domain error as a problem. Its message stays inside: it may name hosts, files or models."""
    if isinstance(error, errors.Overloaded):
        return _turned_away(error)
    code = next((code for kind, code in _BY_ERROR if isinstance(error, kind)), "internal")
    headers = {"WWW-Authenticate": "Bearer"} if code == "not_authorized" else {}
    return ProblemError(code, headers=headers)


def _turned_away(error: errors.Overloaded) -> ProblemError:
    """With when to come again, also as the draft of the RateLimit header fields has it (draft-ietf-httpapi)."""
    seconds = str(max(1, math.ceil(error.retry_after_s)))
    headers = {"Retry-After": seconds, "RateLimit": f'"questions";r=0;t={seconds}'}
    if isinstance(error, errors.TooMuch):
        headers |= rate_headers(error.room) if error.room is not None else {}
        return ProblemError("too_much" if error.room is not None else "seen_enough", headers=headers)
    return ProblemError("own_share" if error.own_share else "busy", headers=headers)
