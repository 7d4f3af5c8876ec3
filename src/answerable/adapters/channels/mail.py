"""E-mail through one SMTP server, sealed by TLS; plain text, without a person's data."""

from __future__ import annotations

import asyncio
import logging
import smtplib
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Literal

from answerable.core.alert import Notice
from answerable.core.errors import ConfigError, Unreachable

log = logging.getLogger(__name__)
TIMEOUT_S = 15.0
WHOLE_S = 60.0  # for all of it; shorter than a message's lease
_SUBJECT_CHARS = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One server and those who are written to. `context` is what checks the server's certificate."""

    host: str
    port: int
    sender: str
    to: Sequence[str]
    tls: Literal["starttls", "tls", "off"] = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    context: Callable[[], ssl.SSLContext] = ssl.create_default_context
    whole_s: float = WHOLE_S

    async def send(self, notice: Notice, *, now: datetime) -> None:
        """Raises ConfigError where the server refuses for good, Unreachable where it may take it later."""
        message = mail_of(notice, sender=self.sender, to=self.to, now=now)
        try:
            async with asyncio.timeout(self.whole_s):  # a server may take its time for every byte
                left_out = await asyncio.to_thread(self._send, message)  # smtplib waits; nobody waits for this
        except TimeoutError as exc:
            raise Unreachable(f"{self.host} has not taken it in {self.whole_s:g} s") from exc
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused) as exc:
            if 400 <= exc.smtp_code < 500:  # "not now": RFC 5321, section 4.2.1
                raise Unreachable(f"{self.host} says {exc.smtp_code}, later perhaps") from exc
            raise ConfigError(f"{self.host} refuses: {type(exc).__name__}", hint="check [alerts.email]") from exc
        except smtplib.SMTPNotSupportedError as exc:
            raise ConfigError(f"{self.host} refuses: {type(exc).__name__}", hint="check [alerts.email]") from exc
        except ssl.SSLError as exc:
            raise ConfigError(f"{self.host} shows no certificate that holds: {exc.reason}") from exc
        except (OSError, smtplib.SMTPException) as exc:
            raise Unreachable(f"{self.host}: {type(exc).__name__} {str(exc)[:100]}".strip()) from exc
        if left_out:
            log.error("%s takes no mail for %d of %d in alerts.email.to", self.host, len(left_out), len(self.to))

    def _send(self, message: EmailMessage) -> Mapping[str, object]:
        """Who it was not taken for."""
        with self._connect() as server:
            if self.tls == "starttls":
                server.starttls(context=self.context())
            if self.user:
                server.login(self.user, self.password)
            return server.send_message(message)

    def _connect(self) -> smtplib.SMTP:
        if self.tls == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=self.context())
        return smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)


def mail_of(notice: Notice, *, sender: str, to: Sequence[str], now: datetime) -> EmailMessage:
    """The same message has the same Message-ID, so that one that comes twice is shown once."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, ", ".join(to)
    mail["Subject"] = _subject(notice)[:_SUBJECT_CHARS].replace("\n", " ").replace("\r", " ")
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{notice.id}@{sender.rpartition('@')[2].strip('<> ') or 'answerable'}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n".join(_lines(notice.payload)) + "\n")
    return mail


def _subject(notice: Notice) -> str:
    alert: dict[str, Any] = notice.payload.get("alert") or {}
    project = notice.payload.get("project", "")
    if not alert:
        return f"[{project}] {notice.name}"
    word = {"alert.resolved": "over", "alert.repeated": "still"}.get(notice.name, alert["severity"])
    about = f" ({alert['key']})" if alert.get("key") else ""
    return f"[{project}] {word}: {alert['title']}{about}"


def _lines(payload: Any) -> list[str]:
    alert = payload.get("alert")
    if not alert:
        return [f"{name}: {value}" for name, value in payload.items()]
    lines = [alert["title"] + ".", ""]
    if alert.get("n") and alert.get("value") is not None:
        usual = "not known" if alert.get("usual") is None else f"{alert['usual']:.3g}"
        lines.append(f"Since the change: {alert['bad']} of {alert['n']}; usual share: {usual}")
    elif alert.get("value") is not None:
        lines.append(f"Now: {alert['value']:.4g} {alert['unit']}")
    for name, key in (("Likely", "likely"), ("Began", "began"), ("Over", "resolved"), ("About", "key")):
        if alert.get(key):
            lines.append(f"{name}: {alert[key]}")
    return [*lines, "", f"What to do: {alert['runbook']}", f"See: answerable alert show {alert['id']}"]
