"""Strings of SQL in every route, on a real database: a sample of what benchmarks/sql_strings.py tries."""

from __future__ import annotations

from dataclasses import replace

import httpx2

from answerable.api.app import create_api
from answerable.api.serving import web_settings
from answerable.app import Project, open_system
from answerable.core.bounds import UNBOUND
from answerable.core.query import Principal
from answerable.testing.route_attacks import attempts, sql_strings, verdict
from answerable.testing.server import serving

ADMIN = Principal(id="sql-strings", roles=("admin",))


async def test_no_string_in_a_route_reaches_the_database_as_sql(ingested_project):
    async with open_system(Project.open(ingested_project.config)) as system:
        tenant = system.settings.project.tenant
        app = create_api(system, replace(web_settings(system, host="127.0.0.1"), bounds=UNBOUND))
        before = await system.documents.counts(tenant=tenant)
        _, secret = await system.tokens.create(tenant=tenant, principal=ADMIN, label="test")
        every = list(attempts(app, sql_strings(), each=False))
        chosen = [one for at, one in enumerate(every) if at % 5 == 0 and "signout" not in one.route]
        found = []
        async with serving(app) as url, httpx2.AsyncClient(base_url=url, timeout=60) as client:
            for at, one in enumerate(chosen):
                known = {"Authorization": f"Bearer {secret}"} if at % 3 else {}  # each third before the gate
                reply = await client.request(one.method, one.url, headers=known | one.headers, json=one.body)
                if why := verdict(reply.status_code, reply.text):
                    found.append((one.route, one.place, why))
        assert found == []
        assert len({one.route for one in chosen}) > 0.9 * len(app.routes)
        assert await system.documents.counts(tenant=tenant) == before
