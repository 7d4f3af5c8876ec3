"""Settings of how long things are kept."""

from __future__ import annotations

from pydantic import Field

from answerable.config.section import Section
from answerable.config.values import OptionalDuration

DAY = 86_400.0


class RetentionSection(Section):
    """A served process deletes what is older, once a day; `answerable db retention` does it by hand."""

    messages: OptionalDuration = Field(90 * DAY, description="Answers, conversations, feedback; off: for good.")
    traces_full: OptionalDuration = Field(
        14 * DAY, description="Traces with their questions, prompts and steps; never longer than messages."
    )
    events: OptionalDuration = Field(400 * DAY, description="Happenings, events and model calls; off: for good.")
    persons: OptionalDuration = Field(
        90 * DAY, description="Events of what one person did, and who a task was of; never longer than events."
    )
