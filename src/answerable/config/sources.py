"""Settings of where documents come from."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from answerable.adapters.sources.reachable import private_network
from answerable.adapters.sources.web_url import parse_url
from answerable.config.chunking import ChunkingSection
from answerable.config.section import Section
from answerable.config.values import Duration
from answerable.core.canary import SOURCE as CANARIES
from answerable.core.errors import ConfigError

_OF_THE_WEB = ("hosts", "pages", "max_pages", "delay", "allow_private", "allow_private_reason")


class SourceSection(Section):
    """One place documents come from."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="Short and stable.")
    type: Literal["folder", "url", "sitemap"] = Field("folder", description="The kind of source.")
    uri: str = Field(description="A folder, relative to the configuration file; a page or a sitemap by its URL.")
    owner: str | None = Field(None, description="Hears of conflicts and stale pages.")
    trust: Literal["internal", "partner", "public"] = Field(
        "internal", description="A page may lower it. Without it, url and sitemap are public."
    )
    language: str = Field("en", description="Of documents that do not say.")
    acl: tuple[str, ...] = Field(("public",), description="Groups that may read documents that do not say.")
    include: tuple[str, ...] = Field((), description="Glob patterns over paths; empty: everything readable.")
    exclude: tuple[str, ...] = Field((), description="Glob patterns to leave out.")
    chunking: ChunkingSection | None = Field(None, description="Overrides [chunking] for this source.")
    hosts: tuple[str, ...] = Field(
        (),
        description="url and sitemap: what may be fetched from, redirects too, such as *.example.com.",
    )
    pages: tuple[str, ...] = Field((), description="url: further pages besides uri.")
    max_pages: Annotated[int, Field(ge=1, le=50_000)] = Field(
        500, description="url and sitemap: a source of more pages is not fetched at all."
    )
    delay: Duration = Field(1.0, description="url and sitemap: between two requests; robots.txt may ask for more.")
    allow_private: tuple[str, ...] = Field(
        (), description="url and sitemap: networks besides the public Internet, such as 10.1.2.3/32."
    )
    allow_private_reason: str = Field("", description="Why allow_private is needed; it is not taken without.")

    @field_validator("id")
    @classmethod
    def _not_ours(cls, name: str) -> str:
        if name == CANARIES:
            raise ValueError(f"{name!r} is the source of `answerable canary plant`: choose another id")
        return name

    @model_validator(mode="before")
    @classmethod
    def _strangers_are_public(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("type") in {"url", "sitemap"}:
            return {"trust": "public", **data}
        return data

    @field_validator("allow_private")
    @classmethod
    def _networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        for network in networks:
            private_network(network)
        return networks

    @field_validator("hosts")
    @classmethod
    def _named_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            name = host.removeprefix("*.")
            if "*" in name or "/" in name or (name != host and "." not in name):
                raise ValueError(f"{host!r} is no host; write docs.example.com, or *.example.com for all below it")
        return tuple(host.lower() for host in hosts)

    @model_validator(mode="after")
    def _fits_its_type(self) -> SourceSection:
        if self.type == "folder":
            if said := [key for key in _OF_THE_WEB if key in self.model_fields_set]:
                raise ValueError(f"{said[0]} is for sources of type url and sitemap")
            return self
        if not self.hosts:
            raise ValueError(f'type = "{self.type}" needs hosts: what may be fetched from')
        if self.allow_private and not self.allow_private_reason.strip():
            raise ValueError("allow_private needs allow_private_reason: why these are fetched from inside")
        if self.type == "sitemap" and self.pages:
            raise ValueError("pages is for sources of type url; a sitemap lists its own")
        for url in (self.uri, *self.pages):
            _check(url)
        return self


def _check(url: str) -> None:
    try:
        parse_url(url)
    except ConfigError as exc:
        raise ValueError(f"{exc} {exc.hint}".strip()) from exc
