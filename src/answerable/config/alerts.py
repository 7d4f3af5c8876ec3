"""Settings of alerts: which rules, how sensitive, and who is told."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from answerable.config.section import Section
from answerable.config.values import Duration, Network, OptionalDuration, Reference, WebAddress

DAY = 86_400.0


class RuleSection(Section):
    """One rule, changed; what is not said stays as it is shipped."""

    off: bool = Field(False, description="It is not looked at.")
    severity: Literal["page", "ticket", "note"] | None = Field(None, description="How soon somebody has to look.")
    owner: str | None = Field(None, max_length=100, description="Who looks.")
    most: float | None = Field(None, description="The most that is well, in the rule's unit (a share: 0.1).")
    tolerated: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None, description="Of a share: how much more than usual is still well (0.05: 5 points)."
    )
    least: Annotated[int, Field(ge=1)] | None = Field(None, description="The fewest bad ones that are a reason.")
    held: Duration | None = Field(None, description="Of a level: how long it has to be beyond what is well.")


class WebhookSection(Section):
    """Where messages are posted to, signed."""

    url: WebAddress = Field(description="https, or http on a network of `allow_private`.")
    secret: Reference = Field(description="Of the signature (HMAC-SHA256): env:NAME or file:PATH.")
    events: tuple[str, ...] = Field(
        ("alert.*",), description="Names of messages, or a name's beginning with *: alert.*, budget.*, incident.*."
    )
    severity: Literal["page", "ticket", "note"] = Field("note", description="Alerts from this one on.")
    allow_private: tuple[Network, ...] = Field((), description="Networks besides the public Internet.")


class EmailSection(Section):
    """Who is written to, through which server."""

    host: str = Field("", description="SMTP server; empty: no e-mail.")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(587, description="Of the server.")
    tls: Literal["starttls", "tls", "off"] = Field(
        "starttls", description="How the way is sealed; off is for a server on this machine alone."
    )
    user: str = Field("", description="Empty: without signing in.")
    password: Reference | None = Field(None, description="env:NAME or file:PATH.")
    sender: str = Field("", alias="from", description="An address of yours.")
    to: tuple[str, ...] = Field((), description="Addresses.")
    events: tuple[str, ...] = Field(("alert.*",), description="As of a webhook.")
    severity: Literal["page", "ticket", "note"] = Field("ticket", description="Alerts from this one on.")

    @model_validator(mode="after")
    def _is_whole(self) -> EmailSection:
        if self.host and not (self.sender and self.to):
            raise ValueError("alerts.email.host needs alerts.email.from and alerts.email.to")
        if self.tls == "off" and self.host not in ("", "localhost", "127.0.0.1", "::1"):
            raise ValueError('alerts.email.tls = "off" is for a server on this machine; write starttls or tls')
        if self.user and self.password is None:
            raise ValueError("alerts.email.user needs alerts.email.password")
        return self


class AlertsSection(Section):
    """What is looked at all the time, and who is told."""

    on: bool = Field(True, description="Look at all.")
    reference: Duration = Field(14 * DAY, ge=DAY, description="How much of the past says what is usual.")
    repeat: OptionalDuration = Field(4 * 3600.0, description="A page nobody has acked is told again; off: once.")
    give_up: Duration = Field(DAY, description="How long a message is tried.")
    rule: dict[str, RuleSection] = Field(default_factory=dict, description="Rules by id, changed.")
    webhook: dict[str, WebhookSection] = Field(default_factory=dict, description="By a name of yours.")
    email: EmailSection = Field(EmailSection(), description="Through SMTP.")
