"""Whether a provider can be reached and knows our key, by the call of its protocol that costs nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass

import httpx2

from answerable.adapters.models.failure import status_error
from answerable.adapters.models.provider import AZURE_API_VERSION, Provider
from answerable.core.errors import TransientModelError

_WAIT_S = 10.0
_ANTHROPIC_VERSION = "2023-06-01"
_UNKNOWN = frozenset({404, 405})  # an address that lists no models, yet answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What the list of models told. `listed` is whether the configured one is in it; None: it told no list."""

    latency_ms: float
    listed: bool | None


async def reach(provider: Provider) -> Reached:
    """Ask for the list of models: free at every vendor.

    Raises TransientModelError where it cannot be reached, PermanentModelError where it refuses the key.
    """
    path, headers = _call(provider)
    timeout = httpx2.Timeout(_WAIT_S, connect=provider.times.connect_s)
    started = time.perf_counter()
    try:
        async with httpx2.AsyncClient(timeout=timeout, trust_env=provider.trust_env) as client:
            response = await client.get(f"{provider.url}{path}", headers=headers)
    except httpx2.TimeoutException as exc:
        limit_s = provider.times.connect_s
        raise TransientModelError(
            f"{provider.name} took no connection within {limit_s:g} s, or was silent for {_WAIT_S:g} s",
            hint="is it up? is a proxy or a firewall between?",
        ) from exc
    except httpx2.ConnectError as exc:
        raise TransientModelError(
            f"{provider.name} takes no connections", hint="check base_url; is it up?"
        ) from exc
    except httpx2.HTTPError as exc:
        raise TransientModelError(f"{provider.name} broke off its reply ({type(exc).__name__})") from exc
    latency_ms = (time.perf_counter() - started) * 1000.0
    if response.status_code in _UNKNOWN:
        return Reached(latency_ms=latency_ms, listed=None)
    if response.status_code != httpx2.codes.OK:
        body = response.content[:4096]
        raise status_error(provider.name, response.status_code, response.headers, body, key=provider.api_key)
    return Reached(latency_ms=latency_ms, listed=_lists(response, provider.model))


def _call(provider: Provider) -> tuple[str, dict[str, str]]:
    key = provider.api_key
    match provider.kind:
        case "anthropic":
            return "/v1/models?limit=1000", {"x-api-key": key, "anthropic-version": _ANTHROPIC_VERSION}
        case "azure":
            version = provider.api_version or AZURE_API_VERSION
            return f"/openai/models?api-version={version}", {"api-key": key}
        case _:
            return "/models", {"authorization": f"Bearer {key}"} if key else {}


def _lists(response: httpx2.Response, model: str) -> bool | None:
    """Whether the list names the model; None where it is no list, or a deployment's name cannot be in it."""
    try:
        data = response.json()["data"]
        names = {str(one["id"]).rpartition("/")[2] for one in data}
    except (ValueError, KeyError, TypeError):
        return None
    return model.rpartition("/")[2] in names
