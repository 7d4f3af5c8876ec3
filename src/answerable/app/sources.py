"""Configured sources: a folder, or pages behind the one fetcher."""

from __future__ import annotations

from answerable.adapters.sources.fetch import Fetcher
from answerable.adapters.sources.folder import Folder
from answerable.adapters.sources.globs import EVERYTHING
from answerable.adapters.sources.reachable import private_network
from answerable.adapters.sources.visited import Visited
from answerable.adapters.sources.web import WebPages
from answerable.app.project import Project
from answerable.config.sources import SourceSection


def make_source(project: Project, section: SourceSection) -> Folder | WebPages:
    """The configured one. Nothing is fetched before it is listed or read."""
    return _folder(project, section) if section.type == "folder" else _pages(project, section)


def _folder(project: Project, section: SourceSection) -> Folder:
    return Folder(
        id=section.id,
        root=project.path(section.uri),
        tenant=project.settings.project.tenant,
        include=section.include or EVERYTHING,
        exclude=section.exclude,
        language=section.language,
        acl=section.acl,
        owner=section.owner,
        trust=section.trust,
    )


def _pages(project: Project, section: SourceSection) -> WebPages:
    private = tuple(private_network(network) for network in section.allow_private)
    return WebPages(
        id=section.id,
        tenant=project.settings.project.tenant,
        fetcher=Fetcher(hosts=section.hosts, private=private),
        pages=(section.uri, *section.pages) if section.type == "url" else (),
        sitemap=section.uri if section.type == "sitemap" else "",
        include=section.include or EVERYTHING,
        exclude=section.exclude,
        max_pages=section.max_pages,
        delay_s=section.delay,
        language=section.language,
        acl=section.acl,
        owner=section.owner,
        trust=section.trust,
        visited=Visited(project.state / "visited" / f"{section.id}.json"),
    )
