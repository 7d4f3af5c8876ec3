"""Settings of the guards over documents: what is held, what is marked, how long a sync can be undone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from answerable.config.section import Section
from answerable.config.values import Duration

Action = Literal["quarantine", "flag", "off"]
Trust = Literal["internal", "partner", "public"]
_TIERS: tuple[Trust, ...] = ("internal", "partner", "public")


class GuardIngest(Section):
    """Guards over documents. One word for all sources, or one for each trust, as { internal = "flag", … }.

    docs/decisions/0216-what-is-held.md says what is strong enough for quarantine; weaker signs only mark.
    """

    hidden_text: Action | dict[Trust, Action] = Field(
        "quarantine", description="Words for a machine where no reader sees them."
    )
    instructions: Action | dict[Trust, Action] = Field(
        "quarantine", description="Instructions to an assistant; held where two signs agree, else marked."
    )
    lookalike: Action | dict[Trust, Action] = Field(
        {"internal": "off", "partner": "flag", "public": "flag"},
        description="Text that repeats a question people often ask, and then asserts something.",
    )
    often: Annotated[int, Field(ge=1)] = Field(
        3, description="How often a question must have come within 90 days to count as one people often ask."
    )
    rollback: Duration = Field(
        14 * 86400.0,
        description="How long a sync can be undone: earlier texts are kept for so long; 0 keeps none.",
    )
    share: Annotated[float, Field(gt=0, le=1)] = Field(
        0.2, description="Share of a day's answers that cite one new document, from which it is reported."
    )
    max_chars: Annotated[int, Field(ge=1)] = Field(
        5_000_000, description="Characters of text of one document; a longer one is a named failure."
    )
    max_chunks: Annotated[int, Field(ge=1)] = Field(
        10_000, description="Chunks of one document; so is one of more."
    )
    max_cpu: Annotated[Duration, Field(gt=0)] = Field(
        120.0, description="CPU for cutting one document and looking it over; so is one that takes longer."
    )
    share_answers: Annotated[int, Field(ge=1)] = Field(
        30, description="With fewer answers in the day than this, no share is reported."
    )

    @model_validator(mode="after")
    def _names_every_trust(self) -> GuardIngest:
        for key in ("hidden_text", "instructions", "lookalike"):
            value = getattr(self, key)
            if isinstance(value, dict) and (missing := [one for one in _TIERS if one not in value]):
                raise ValueError(f"guard.ingest.{key} says nothing of trust {missing[0]!r}")
        return self

    def by_trust(self, key: Literal["hidden_text", "instructions", "lookalike"]) -> dict[str, str]:
        """What is done about one kind, for each trust."""
        value: str | dict[str, str] = getattr(self, key)
        return dict.fromkeys(_TIERS, value) if isinstance(value, str) else dict(value)
