"""Telemetry by the configuration: who hears of what, and where it goes; without an address there is none."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from answerable.app.project import Project
from answerable.app.setup import masking
from answerable.config.telemetry import TelemetrySection
from answerable.config.values import resolve
from answerable.core.beside import beside
from answerable.core.errors import ConfigError
from answerable.core.figures import Sample
from answerable.guards.secrets import without_secrets

if TYPE_CHECKING:
    from answerable.adapters.exporters.telemetry import Telemetry

FOLDER = ("spool", "telemetry")
_MB = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporting:
    """While a process serves: its log lines go along, and its figures every so often."""

    telemetry: Telemetry
    every_s: float
    bare: Callable[[str], str]
    signals: Sequence[str]

    @asynccontextmanager
    async def serving(self, samples: Callable[[], Iterable[Sample]]) -> AsyncIterator[None]:
        """`samples`: the figures of the process as they stand."""
        from answerable.adapters.exporters.log_records import telling_logs  # only where there is a collector

        async with AsyncExitStack() as stack:
            if "logs" in self.signals:
                stack.enter_context(telling_logs(self.telemetry.logged, bare=self.bare))
            if "metrics" in self.signals:
                await stack.enter_async_context(self._measured(samples))
            yield

    @asynccontextmanager
    async def _measured(self, samples: Callable[[], Iterable[Sample]]) -> AsyncIterator[None]:
        async with beside(self._pushing(samples), name="telemetry metrics"):
            yield
        await self.telemetry.push(samples())

    async def _pushing(self, samples: Callable[[], Iterable[Sample]]) -> None:
        while True:
            await asyncio.sleep(self.every_s)
            await self.telemetry.push(samples())


async def open_telemetry(project: Project, stack: AsyncExitStack) -> Exporting | None:
    """None where no collector is configured. Raises ConfigError for a missing extra and for what is no header."""
    section = project.settings.telemetry
    address = collector_of(section, project)
    if not address:
        return None
    try:
        from answerable.adapters.exporters.collector import Collector  # an extra, and 50 ms
        from answerable.adapters.exporters.content import masked
        from answerable.adapters.exporters.outbox import Outbox
        from answerable.adapters.exporters.sender import Sender
        from answerable.adapters.exporters.telemetry import Packing, Telemetry
        from answerable.adapters.exporters.wire import Wire
    except ImportError as error:
        raise ConfigError(
            f"telemetry.otlp is set, and the extra otel is not installed: {error}",
            hint="pip install 'answerable[otel]', or unset telemetry.otlp",
        ) from error
    service = project.settings.project.name
    mask = _masking(project)
    packing = Packing(
        wire=Wire(resource=_resource(service), version=_version()),
        service=service,
        mask=masked(section.content, mask),
    )
    collector = Collector(address=address, headers=_headers(section, project), timeout_s=section.timeout)
    sender = Sender(
        collector=collector,
        outbox=Outbox(folder=project.state.joinpath(*FOLDER), most_bytes=section.spool_mb * _MB),
        pack=packing.pack,
        queue=section.queue,
        linger_s=section.linger,
    )
    telemetry = Telemetry(
        sender=await stack.enter_async_context(sender),
        packing=packing,
        sample=section.sample,
        signals=frozenset(section.signals),
    )
    return Exporting(telemetry=telemetry, every_s=section.metrics_every, bare=mask, signals=section.signals)


def collector_of(section: TelemetrySection, project: Project) -> str:
    """Its address; empty where none is configured, or where it is in a variable that is not set.

    Raises ConfigError for what is no address.
    """
    if section.otlp.startswith("env:") and not os.environ.get(section.otlp.removeprefix("env:")):
        return ""
    address = resolve(section.otlp, base=project.base) if section.otlp else ""
    if address and not address.startswith(("http://", "https://")):
        raise ConfigError(
            f"telemetry.otlp is {address!r}, which is no http(s) address",
            hint="write the collector's HTTP port, for example http://127.0.0.1:4318",
        )
    return address


def _headers(section: TelemetrySection, project: Project) -> dict[str, str]:
    """As OTEL_EXPORTER_OTLP_HEADERS has them."""
    if section.headers is None:
        return {}
    found = {}
    for part in resolve(section.headers, base=project.base).split(","):
        name, equals, value = part.strip().partition("=")
        if not equals or not name.strip():
            raise ConfigError(
                "telemetry.headers holds a part that is no name=value", hint="write name=value,name=value"
            )
        found[name.strip().lower()] = value.strip()
    return found


def _masking(project: Project) -> Callable[[str], str]:
    """Without personal data and without keys."""
    mask = masking(project)
    return lambda text: without_secrets(mask(text))


def _resource(service: str) -> dict[str, str]:
    return {
        "service.name": service,
        "service.version": _version(),
        "service.instance.id": f"{socket.gethostname()}:{os.getpid()}",
    }


def _version() -> str:
    from importlib.metadata import version

    return version("answerable")
