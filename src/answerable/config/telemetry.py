"""Settings of what the service tells of itself."""

from __future__ import annotations

from answerable.config.event_log import EventsSection
from answerable.config.section import Section


class TelemetrySection(Section):
    """The log of the product."""

    events: EventsSection = EventsSection()
