"""A whole project with its vectors outside: sync, search, doctor, repair."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.services.pinecone import serving_pinecone

from answerable.app.diagnosis import diagnose
from answerable.app.ingesting import open_ingestion
from answerable.app.project import Project
from answerable.app.system import open_system
from answerable.app.vector_drift import repair_vectors
from answerable.testing.postgres import Clone
from answerable.testing.projects import CONFIG, make_project


async def test_a_project_with_its_vectors_outside(
    tmp_path: Path, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTSIDE_KEY", "key")
    monkeypatch.setenv("OUTSIDE_DATABASE", clone.service_url)
    async with serving_pinecone(lag_s=0.01) as server:
        section = f'[store]\nkind = "pinecone"\nurl = "{server.url}"\napi_key = "env:OUTSIDE_KEY"\n'
        config = f'{CONFIG}\n[database]\nurl = "env:OUTSIDE_DATABASE"\n{section}'
        project = Project.open(make_project(tmp_path, config=config).config)
        async with open_system(project) as system:
            async with open_ingestion(system) as ingestion:
                await ingestion.sync(project.settings.source[0])
            found = await system.search(system.query("How many days do I have to send things back?"), limit=3)
            assert found[0].uri.endswith("returns.md")
            assert "dense" in found[0].found_by
            (index,) = server.indexes.values()
            (records,) = index.namespaces.values()
            everything = len(records)
            records.clear()
            server.faults.requests.clear()
            before, after = await repair_vectors(system)
            assert (len(before.missing), after.faults) == (before.live, 0)
            assert len(records) == everything
        findings = {one.what: one for one in await diagnose(project)}
        assert findings["vectors"].state == "ok"
        assert "live outside" in findings["vectors"].detail
        (records,) = index.namespaces.values()
        records.clear()
        findings = {one.what: one for one in await diagnose(project)}
        assert (findings["vectors"].state, findings["vectors"].fix) == ("fail", "answerable index repair")
