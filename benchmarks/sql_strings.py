"""Strings of SQL in every place of every route, on a real database: as an administrator and as nobody.

python benchmarks/sql_strings.py --out benchmarks/results/sql_strings.json
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import shutil
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
from proof import facts

from answerable.api.app import create_api
from answerable.api.serving import web_settings
from answerable.app import Project, System, open_system
from answerable.core.bounds import UNBOUND
from answerable.core.query import Principal
from answerable.evals.stats.proportions import upper_bound
from answerable.testing.projects import make_project, open_folder
from answerable.testing.route_attacks import Attempt, attempts, sql_strings, verdict
from answerable.testing.server import serving

ADMIN = Principal(id="sql-strings", roles=("admin",))
EACH = 5  # of all strings in all places, in turn: 18 strings, so that each place gets others
LEAVING = "POST /signout"  # ends the session of whoever comes


async def tried(
    system: System, client: httpx2.AsyncClient, chosen: list[Attempt], *, known: bool
) -> dict[str, Any]:
    """Each attempt once; `known`: with an administrator's token, but where the token itself is the attack."""
    found, statuses, slowest = [], Counter[int](), 0.0
    secret = await token(system)
    for one in chosen:
        headers = dict(one.headers)
        if known and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {await token(system) if one.route == LEAVING else secret}"
        began = time.monotonic()
        reply = await client.request(one.method, one.url, headers=headers, json=one.body)
        slowest = max(slowest, time.monotonic() - began)
        statuses[reply.status_code] += 1
        if why := verdict(reply.status_code, reply.text):
            found.append({"route": one.route, "place": one.place, "why": why})
    return {
        "requests": len(chosen),
        "hits": len(found),
        "upper95": round(upper_bound(len(found), len(chosen), confidence=0.95), 5),
        "statuses": {str(key): statuses[key] for key in sorted(statuses)},
        "slowest_s": round(slowest, 2),
        "found": found,
    }


async def token(system: System) -> str:
    """A fresh one."""
    tenant = system.settings.project.tenant
    _, secret = await system.tokens.create(tenant=tenant, principal=ADMIN, label="sql strings")
    return secret


async def _run(out: Path) -> None:
    logging.disable(logging.CRITICAL)
    folder = open_folder()
    try:
        project = make_project(folder)
        async with open_system(Project.open(project.config)) as system:
            app = create_api(system, replace(web_settings(system, host="127.0.0.1"), bounds=UNBOUND))
            every = list(attempts(app, sql_strings()))[::EACH]
            rounds, cpu = {}, time.process_time()
            async with serving(app) as url, httpx2.AsyncClient(base_url=url, timeout=120) as client:
                for name, known in (("administrator", True), ("nobody", False)):
                    rounds[name] = await tried(system, client, every, known=known)
                    print(name, {key: rounds[name][key] for key in ("requests", "hits", "slowest_s")}, flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    result = {
        **facts("python benchmarks/sql_strings.py"),
        "strings": len(sql_strings()),
        "routes": len({one.route for one in every}),
        "places": len({(one.route, one.place) for one in every}),
        "waiting_strings_s": 20,
        "cpu_s": round(time.process_time() - cpu, 1),
        "rounds": rounds,
    }
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    asyncio.run(_run(parser.parse_args().out))
