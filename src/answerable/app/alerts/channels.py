"""The configured channels; each is imported when there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from answerable.app.alerts.messages import EMAIL
from answerable.config.alerts import AlertsSection, EmailSection, WebhookSection
from answerable.config.values import resolve
from answerable.core.alert import Notice
from answerable.core.errors import ConfigError, Unreachable
from answerable.core.ports.channels import Channel

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unset:
    """A channel whose secret is not there (yet): its messages wait, and the others' go out."""

    error: str

    async def send(self, notice: Notice, *, now: datetime) -> None:
        """Raises Unreachable."""
        raise Unreachable(self.error)


def channels_of(settings: AlertsSection, *, base: Path) -> dict[str, Channel]:
    """By name."""
    found = {f"webhook:{name}": _made(_webhook, one, base) for name, one in settings.webhook.items()}
    if settings.email.host:
        found[EMAIL] = _made(_mail, settings.email, base)
    return found


def _made(make: Callable[[S, Path], Channel], section: S, base: Path) -> Channel:
    try:
        return make(section, base)
    except ConfigError as error:
        return Unset(error=f"{error}; {error.hint}" if error.hint else str(error))


def _webhook(one: WebhookSection, base: Path) -> Channel:
    from answerable.adapters.channels.webhook import Webhook  # an HTTP client that most projects do not need here

    return Webhook(url=one.url, secret=resolve(one.secret, base=base), private=one.allow_private)


def _mail(email: EmailSection, base: Path) -> Channel:
    from answerable.adapters.channels.mail import Mail

    return Mail(
        host=email.host,
        port=email.port,
        sender=email.sender,
        to=email.to,
        tls=email.tls,
        user=email.user,
        password=resolve(email.password, base=base) if email.password else "",
    )
