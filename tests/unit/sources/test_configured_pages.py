"""A configured page from a real server on loopback, which the configuration must allow by name and by reason."""

from __future__ import annotations

import asyncio
from pathlib import Path

from typer.testing import CliRunner

from answerable.app.project import Project
from answerable.app.sources import make_source
from answerable.cli.main import app
from answerable.config.load import load
from answerable.config.settings import Settings
from answerable.config.sources import SourceSection
from answerable.testing.hostile_site import hostile_site


async def test_a_page_comes_over_a_real_connection_where_the_configuration_allows_it(tmp_path: Path) -> None:
    async with hostile_site() as port:
        allowed = {"allow_private": ["127.0.0.1/32", "::1/128"], "allow_private_reason": "a server of this test"}
        shared = {"id": "web", "type": "url", "delay": "1ms", "hosts": [f"localhost:{port}"]}
        page = {"uri": f"http://localhost:{port}/page", "pages": [f"http://localhost:{port}/cookie"]}
        project = Project(settings=Settings(), base=tmp_path)
        for keys, errors in (({**shared, **page}, 2), ({**shared, **page, **allowed}, 0)):
            source = make_source(project, SourceSection.model_validate(keys))
            found = await asyncio.to_thread(lambda one=source: list(one.list()))
            assert sum(bool(candidate.error) for candidate in found) == errors
        raw = await asyncio.to_thread(source.read, page["uri"])
        assert b"30 days" in raw.data
        assert (tmp_path / ".answerable" / "visited" / "web.json").is_file()


def test_a_url_is_added_with_its_host_and_as_public(tmp_path: Path) -> None:
    config = tmp_path / "answerable.toml"
    config.write_text("[project]\nname = 'x'\n")
    run = CliRunner()
    for place in ("https://docs.example.com/sitemap.xml", "https://wiki.example.com:3000/returns"):
        assert run.invoke(app, ["source", "add", place, "--config", str(config)]).exit_code == 0
    one, two = load(config, environment={}).source
    assert (one.id, one.type, one.hosts, one.trust) == (
        "docs-example-com",
        "sitemap",
        ("docs.example.com",),
        "public",
    )
    assert (two.type, two.hosts) == ("url", ("wiki.example.com:3000",))
    refused = run.invoke(app, ["source", "add", "http://u:p@docs.example.com/", "--config", str(config)])
    assert refused.exit_code != 0
    assert len(load(config, environment={}).source) == 2
