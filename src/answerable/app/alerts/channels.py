"""The configured channels; each is imported when there is one."""

from __future__ import annotations

from pathlib import Path

from answerable.app.alerts.messages import EMAIL
from answerable.config.alerts import AlertsSection
from answerable.config.values import resolve
from answerable.core.ports.channels import Channel


def channels_of(settings: AlertsSection, *, base: Path) -> dict[str, Channel]:
    """By name. Raises ConfigError for a secret that is not there."""
    found: dict[str, Channel] = {}
    for name, one in settings.webhook.items():
        from answerable.adapters.channels.webhook import (
            Webhook,
        )  # an HTTP client that most projects do not need here

        secret = resolve(one.secret, base=base)
        found[f"webhook:{name}"] = Webhook(url=one.url, secret=secret, private=one.allow_private)
    if settings.email.host:
        from answerable.adapters.channels.mail import Mail

        email = settings.email
        found[EMAIL] = Mail(
            host=email.host,
            port=email.port,
            sender=email.sender,
            to=email.to,
            tls=email.tls,
            user=email.user,
            password=resolve(email.password, base=base) if email.password else "",
        )
    return found
