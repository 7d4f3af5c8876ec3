"""The credential of a request. There are two carriers and no third: the Authorization header and the cookie."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request

from answerable.api.problems import ProblemError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A secret and the kind its carrier stands for: a session's secret is nothing in the header, a token's nothing
    in the cookie."""

    kind: str  # api | session
    secret: str


def cookie_name(*, local: bool) -> str:
    """`__Host-` ties the cookie to this host and to https; plain http on loopback cannot have it."""
    return "answerable_session" if local else "__Host-answerable_session"


def refuse() -> ProblemError:
    """The one reply to missing, unknown, revoked, expired and used-up credentials, and to locked-out networks."""
    return ProblemError("not_authorized", headers={"WWW-Authenticate": "Bearer"})


def credential_of(request: Request, *, local: bool) -> Credential:
    """Raises ProblemError where there is none, or where a page of another site sends the cookie along.

    A header that is there decides, good or not: no request gets two chances.
    """
    given = request.headers.getlist("authorization")
    if given:
        scheme, _, secret = given[0].partition(" ")
        if len(given) > 1 or scheme.lower() != "bearer" or not secret.strip():
            raise refuse()
        return Credential(kind="api", secret=secret.strip())
    secret = request.cookies.get(cookie_name(local=local), "")
    if not secret:
        raise refuse()
    if request.method not in SAFE_METHODS and not same_origin(request):
        raise ProblemError("cross_site")
    return Credential(kind="session", secret=secret)


def same_origin(request: Request) -> bool:
    """Whether a page of this very origin sent the request.

    Fetch metadata decides where the browser sends it (all current ones do, to https and to loopback); else the
    Origin header. `Origin: null`, which a form under `Referrer-Policy: no-referrer` sends, is not enough.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(request.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == request.headers.get("host", "")
