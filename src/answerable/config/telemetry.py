"""Settings of telemetry: where traces, metrics and logs are sent, and with how much of what people wrote."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from answerable.config.event_log import EventsSection
from answerable.config.section import Section
from answerable.config.values import Duration, Reference, check_web_address


def check_collector(value: object) -> str:
    """An http(s) address without credentials, or a reference to one. Raises ValueError."""
    text = str(value)
    if text.startswith(("env:", "file:")):
        return text
    if re.search(r"://[^/]*@", text):
        raise ValueError("credentials do not belong into the address; put them into telemetry.headers")
    return check_web_address(text)


Collector = Annotated[str, BeforeValidator(check_collector)]


class TelemetrySection(Section):
    """OpenTelemetry over HTTP (OTLP, protobuf); needs the extra `otel`. Without an address nothing is sent."""

    otlp: Collector = Field(
        "", description="The collector, without /v1/traces; env:NAME that is not set: nothing is sent."
    )
    headers: Reference | None = Field(None, description="env:NAME or file:PATH of `name=value,name=value`.")
    signals: tuple[Literal["traces", "metrics", "logs"], ...] = Field(
        ("traces", "metrics", "logs"), description="What the collector takes; some take traces alone."
    )
    content: Literal["none", "redacted", "full"] = Field(
        "none", description="Of questions, prompts and answers: nothing, without personal data and keys, or all."
    )
    sample: Annotated[float, Field(ge=0, le=1)] = Field(
        1.0, description="Share of the questions whose trace is sent; those that failed always are."
    )
    timeout: Duration = Field(5.0, description="For one request to the collector.")
    linger: Duration = Field(1.0, description="So long is gathered for one request.")
    metrics_every: Duration = Field(60.0, description="How often metrics are sent.")
    queue: Annotated[int, Field(ge=10, le=100_000)] = Field(
        1000, description="Traces and logs in memory; what comes on top is dropped, and counted."
    )
    spool_mb: Annotated[int, Field(ge=1, le=100_000)] = Field(
        64, description="On disk while the collector is away; then the oldest are dropped, and counted."
    )
    events: EventsSection = EventsSection()
