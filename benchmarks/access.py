"""How fast a lost right takes effect, and whether a stranger can tell "not yours" from "not there".

    python benchmarks/access.py [--trials 20] [--pairs 500]

A project of the sample, served by a process of its own over loopback, with its own Postgres; nothing is a model's.
Rights are taken by another process, as `answerable token revoke` and `person suspend` do.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx2
from scipy.stats import mannwhitneyu
from served import served

from answerable.app import Project, System, open_system
from answerable.core.identity import random_id
from answerable.core.ports import Terms
from answerable.core.query import Principal

ROOT = Path(__file__).parents[1]
CONFIG = """
[project]
tenant = "{tenant}"
[[source]]
id = "knowledge"
uri = "knowledge"
include = ["**/*warrant*", "**/*return*"]
[access]
failures = 100000
[limits]
per_key = "off"
"""
HIDDEN = ("vector", "embedding", "score", "distance", "logit")

Take = Callable[[System, str, str], Awaitable[object]]


def _names(value: object) -> set[str]:
    """Every key in a JSON value, at any depth."""
    if isinstance(value, dict):
        return set(value) | {name for one in value.values() for name in _names(one)}
    if isinstance(value, list):
        return {name for one in value for name in _names(one)}
    return set()


async def _credential(
    system: System, *, roles: tuple[str, ...] = ("user",), kind: str = "api"
) -> tuple[str, str, str]:
    person = random_id("pe")
    token, secret = await system.tokens.create(
        tenant="default", principal=Principal(id=person, roles=roles), label="bench", terms=Terms(kind=kind)
    )
    return person, token.id, secret


def _carried(secret: str, kind: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"} if kind == "api" else {"Cookie": f"answerable_session={secret}"}


async def effect_s(
    system: System, client: httpx2.AsyncClient, path: str, take: Take, *, roles: tuple[str, ...], kind: str
) -> float:
    """Seconds from the moment a right is taken to the end of the last request that still had it."""
    person, token_id, secret = await _credential(system, roles=roles, kind=kind)
    headers = _carried(secret, kind)
    before = await client.get(path, headers=headers)
    if before.status_code != 200:
        raise SystemExit(f"{path}: {before.status_code} {before.text[:200]}")
    await take(system, person, token_id)
    taken, last = time.perf_counter(), 0.0
    for _ in range(1000):
        reply = await client.get(path, headers=headers)
        if reply.status_code == 401:
            return last
        last = time.perf_counter() - taken
        await asyncio.sleep(0.02)
    raise SystemExit(f"{path}: a right that was taken holds for {last:.0f} s")


async def _revoke(system: System, person: str, token_id: str) -> None:
    await system.tokens.revoke(tenant="default", token_id=token_id)


async def _suspend(system: System, person: str, token_id: str) -> None:
    await system.persons.suspend(tenant="default", person=person, by="bench")


async def effects(system: System, client: httpx2.AsyncClient, trials: int) -> list[dict[str, object]]:
    """Each way to lose a right × each carrier × routes."""
    rows = []
    for path, role in (
        ("/v1/sessions", "user"),
        ("/", "user"),
        ("/v1/traces", "engineer"),
        ("/metrics", "ops"),
    ):
        for kind in ("api", "session"):
            for take, how in ((_revoke, "revoked"), (_suspend, "suspended")):
                found = [
                    await effect_s(system, client, path, take, roles=(role,), kind=kind) for _ in range(trials)
                ]
                row = {"path": path, "carrier": kind, "how": how, "n": trials, "max_s": round(max(found), 3)}
                rows.append(row)
                print(f"{how:<10} {kind:<8} {path:<14} at most {max(found):.3f} s of {trials}", flush=True)
    return rows


async def told_apart(
    client: httpx2.AsyncClient,
    method: str,
    path: str,
    foreign: str,
    missing: Callable[[], str],
    headers: dict[str, str],
    pairs: int,
) -> dict[str, object]:
    """2 × `pairs` requests in random order: two-sided Mann-Whitney U of their times, and their bodies."""
    times: dict[bool, list[float]] = {True: [], False: []}
    bodies = set()
    order = [True, False] * pairs
    random.Random(7).shuffle(order)
    for theirs in order:
        wanted = path.format(foreign if theirs else missing())
        began = time.perf_counter()
        reply = await client.request(method, wanted, headers=headers)
        times[theirs].append(time.perf_counter() - began)
        body = {key: value for key, value in reply.json().items() if key != "trace_id"}
        bodies.add((reply.status_code, json.dumps(body, sort_keys=True)))
    p = float(mannwhitneyu(times[True], times[False]).pvalue)
    medians = {key: round(sorted(values)[len(values) // 2] * 1000, 3) for key, values in times.items()}
    print(f"{method} {path}: p = {p:.3f}, medians {medians} ms, bodies {len(bodies)}", flush=True)
    return {
        "route": f"{method} {path}",
        "n": 2 * pairs,
        "p": round(p, 4),
        "median_ms_foreign": medians[True],
        "median_ms_missing": medians[False],
        "bodies": len(bodies),
    }


async def shown(client: httpx2.AsyncClient, headers: dict[str, str]) -> dict[str, object]:
    """Names of fields in the OpenAPI document and in real replies that would help to invert the index."""
    said = (await client.get("/openapi.json")).json()
    fields = {name for schema in said["components"]["schemas"].values() for name in schema.get("properties", {})}
    answer = (
        await client.post("/v1/answers", json={"question": "How long is the warranty?"}, headers=headers)
    ).json()
    search = (await client.post("/v1/search", json={"query": "warranty"}, headers=headers)).json()
    source = (await client.get(f"/v1/sources/{search['results'][0]['document']}", headers=headers)).json()
    replied = _names([answer, search, source])
    found = sorted(one for one in fields | replied if any(word in one.lower() for word in HIDDEN))
    print(f"{len(fields)} fields of the API, {len(replied)} in replies: {len(found)} of vectors or scores {found}")
    return {"fields": len(fields), "fields_in_replies": len(replied), "found": found}


async def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results/access.json")
    options = parser.parse_args()
    async with served(CONFIG, tokens=(("default", "ann"),)) as server:  # noqa: SIM117 - the others need it
        async with (
            open_system(Project.open(server.folder / "answerable.toml")) as system,
            server.client() as ann,
            httpx2.AsyncClient(base_url=server.url, timeout=60, trust_env=False) as client,
        ):
            asked = await ann.post("/v1/answers", json={"question": "How long is the warranty?"})
            hers = asked.json()["id"]
            _, session, _ = await _credential(system, kind="session")
            _, _, bob = await _credential(system)
            headers = _carried(bob, "api")
            kept: dict[str, object] = {
                "command": f"python benchmarks/access.py --trials {options.trials} --pairs {options.pairs}",
                "machine": {
                    "cpus": os.cpu_count(),
                    "python": platform.python_version(),
                    "system": platform.system(),
                    "load": round(os.getloadavg()[0], 1),
                },
                "shown": await shown(client, dict(ann.headers)),
            }
            answers = await told_apart(
                client, "GET", "/v1/answers/{}", hers, lambda: random_id("an"), headers, options.pairs
            )
            kept["effects"] = await effects(system, client, options.trials)
            kept["told_apart"] = [answers]
            options.out.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
            ends = await told_apart(
                client, "POST", "/v1/sessions/{}/end", session, lambda: random_id("tk"), headers, options.pairs
            )
            kept["told_apart"] = [answers, ends]
            options.out.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    asyncio.run(main())
