"""What is right in a configuration and yet unwise: names that may change, no price, a judge in its own case."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from answerable.app.pricing import unpriced_models
from answerable.app.project import Project
from answerable.config.gateway import ProviderSection
from answerable.config.places import line_of
from answerable.core.model_names import why_floating

_OLLAMA_PORT = 11434
_OWN_NAMES = (".local", ".internal", ".lan", ".svc", ".home.arpa")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lint:
    """One finding. `place` is FILE:LINE, or FILE; level is warn, since what cannot work does not load at all."""

    code: str  # floating_model | unpriced_model | own_judge
    key: str  # e.g. provider.main.model
    place: str
    detail: str
    fix: str
    level: str = "warn"

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def lint(project: Project) -> list[Lint]:
    """In the order of the file's providers, then of its routes. Reads the file once more, for the lines."""
    text = project.config.read_text(encoding="utf-8") if project.config else ""
    return [*_floating(project, text), *_unpriced(project, text), *_own_judge(project, text)]


def is_own(section: ProviderSection) -> bool:
    """Whether all of its addresses are this machine's or this network's: its operator loads the weights."""
    hosts = [urlsplit(address).hostname or "" for address in section.addresses]
    return all(_is_own_host(host) for host in hosts)


def why_moving(section: ProviderSection) -> str:
    """Why the configured name may be another model tomorrow; empty where it may not, or cannot be told.

    An Azure deployment's name is its owner's: which version is behind it, the deployment says, not the name.
    """
    if section.kind == "azure":
        return ""
    model, own = section.model, is_own(section)
    ports = {urlsplit(address).port for address in section.addresses}
    if own and _OLLAMA_PORT in ports and ":" not in model:
        model = f"{model}:latest"  # what Ollama takes a bare name for
    return why_floating(model, vendor=not own)


def _floating(project: Project, text: str) -> Iterator[Lint]:
    for name, section in project.settings.provider.items():
        why = why_moving(section)
        if not why:
            continue
        own = is_own(section)
        fix = (
            "name the tag or digest of the weights that this server has loaded, e.g. as `ollama list` shows it"
            if own
            else f"name the dated version; `answerable provider probe {name}` shows what it stands for today"
        )
        yield Lint(
            code="floating_model",
            key=f"provider.{name}.model",
            place=_place(project, line_of(text, f"provider.{name}", "model")),
            detail=f"{section.model} may be another model tomorrow: {why}",
            fix=fix,
        )


def _unpriced(project: Project, text: str) -> Iterator[Lint]:
    for name, model in unpriced_models(project).items():
        section = name if " " in name or name == "embedding" else f"provider.{name}"
        free = f'[price."{model}"] with what it costs; input = 0 and output = 0 where it costs nothing'
        yield Lint(
            code="unpriced_model",
            key=f"{section.replace(' ', '.')}.model",
            place=_place(project, line_of(text, section.replace(" ", "."), "model")),
            detail=f"{model} has no price: its calls count as unpriced, and against no budget",
            fix=free,
        )


def _own_judge(project: Project, text: str) -> Iterator[Lint]:
    routes = project.settings.route
    answering = {_served(project, name): name for one in routes if one.use == "answer" for name in one.chain}
    for place, route in enumerate(routes):
        if route.use != "judge":
            continue
        for name in route.chain:
            served = _served(project, name)
            if served is not None and served in answering:
                yield Lint(
                    code="own_judge",
                    key="route.judge.chain",
                    place=_place(project, line_of(text, "route", "chain", nth=place)),
                    detail=f"{served} of provider {name!r} judges its own answers, of {answering[served]!r}",
                    fix="give the route for judge a provider with another model",
                )


def _served(project: Project, name: str) -> str | None:
    section = project.settings.provider.get(name)
    return section.model.lower().rpartition("/")[2] if section else None


def _place(project: Project, line: int | None) -> str:
    if project.config is None:
        return "the environment"
    return f"{project.config.name}:{line}" if line else project.config.name


def _is_own_host(host: str) -> bool:
    if not host:
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_OWN_NAMES)
    return address.is_private or address.is_loopback
