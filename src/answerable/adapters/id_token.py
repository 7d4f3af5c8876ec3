"""An ID token: its signature by one of the provider's public keys, and each claim that makes it ours, now."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry

from answerable.core.errors import NotAuthorized

LEEWAY_S = 60.0  # clocks differ
MAX_AGE_S = 600.0  # it was made for this very errand
_KIND = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a token must say (OpenID Connect Core, section 3.1.3.7). `now` in seconds since 1970."""

    issuer: str
    client_id: str
    nonce: str
    algorithms: tuple[str, ...]
    now: float


def usable_keys(token: str, keys: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of the provider's keys that may have signed it: of its algorithm's kind, for signing, of its id."""
    header = _header(token)
    kind, kid = _KIND.get(str(header.get("alg"))), header.get("kid")
    return [
        one
        for one in keys
        if one.get("kty") == kind and one.get("use", "sig") == "sig" and (kid is None or one.get("kid") == kid)
    ]


def checked_claims(token: str, keys: Sequence[Mapping[str, Any]], expected: Expected) -> dict[str, Any]:
    """The claims. Raises NotAuthorized, naming what is wrong: for the log, never for the browser.

    The algorithm is one of the configured ones, which are all asymmetric, and the key is of that algorithm's kind:
    `none`, and an HMAC with the public key as its secret, have no key here at all.
    """
    algorithm = _header(token).get("alg")
    if algorithm not in expected.algorithms:
        raise NotAuthorized(f"the ID token is signed with {algorithm!r}")
    claims = _verified(token, usable_keys(token, keys), str(algorithm))
    if fault := _fault(claims, expected):
        raise NotAuthorized(f"the ID token {fault}")
    return claims


def _header(token: str) -> dict[str, Any]:
    try:
        return dict(jws.extract_compact(token.encode()).headers())
    except (JoseError, ValueError) as error:
        raise NotAuthorized("that is no ID token") from error


def _verified(token: str, keys: Sequence[Mapping[str, Any]], algorithm: str) -> dict[str, Any]:
    if len(keys) != 1:  # without a key id there must be just one that fits
        raise NotAuthorized(f"{len(keys)} of the provider's keys fit the ID token")
    try:
        key = JWKRegistry.import_key({name: value for name, value in keys[0].items() if name != "alg"})
        return dict(jwt.decode(token, key, algorithms=[algorithm]).claims)
    except (JoseError, ValueError, TypeError) as error:
        raise NotAuthorized(f"the ID token's signature is not good ({type(error).__name__})") from error


def _fault(claims: Mapping[str, Any], expected: Expected) -> str:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    wrong = {
        "is another issuer's": claims.get("iss") != expected.issuer,
        "is for somebody else": expected.client_id not in audiences,
        "was asked for by somebody else": claims.get("azp", expected.client_id) != expected.client_id,
        "is for several and does not say who asked": len(audiences) > 1 and "azp" not in claims,
        "names nobody": not isinstance(claims.get("sub"), str) or not claims["sub"],
        "is of another errand": not hmac.compare_digest(
            str(claims.get("nonce", "")).encode("utf-8", "replace"), expected.nonce.encode()
        ),
        "is over": not _later(claims.get("exp"), expected.now - LEEWAY_S),
        "is from the future": _later(claims.get("iat"), expected.now + LEEWAY_S),
        "is old": not _later(claims.get("iat"), expected.now - MAX_AGE_S),
        "does not begin yet": _later(claims.get("nbf"), expected.now + LEEWAY_S),
    }
    return next((fault for fault, is_so in wrong.items() if is_so), "")


def _later(moment: object, than: float) -> bool:
    return isinstance(moment, int | float) and not isinstance(moment, bool) and moment > than
