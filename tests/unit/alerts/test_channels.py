"""Messages reach a webhook signed and a mail server sealed, are tried again, and are given up in the end."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from answerable.adapters.channels.mail import Mail
from answerable.adapters.channels.webhook import Webhook, signature
from answerable.adapters.fakes.alerts import MemoryAlerts
from answerable.adapters.fakes.events import MemoryEvents
from answerable.adapters.fakes.happenings import MemoryHappenings
from answerable.app.alerts.channels import channels_of
from answerable.app.alerts.parts import AlertParts
from answerable.app.alerts.sending import send_notices
from answerable.config.alerts import AlertsSection
from answerable.core.alert import Notice
from answerable.core.errors import ConfigError, Unreachable
from answerable.testing.smtp_server import SmtpServer

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECRET = "a secret of thirty-two characters"
ALERT = {
    "id": "al_1", "title": "Answers fail", "severity": "page", "key": "", "n": 40, "bad": 20, "value": 0.5,
    "usual": None, "unit": "share", "likely": "likely prompt answer@2", "runbook": "docs/runbooks/errors.md",
}  # fmt: skip
NOTICE = Notice(
    id="no_1", tenant="acme", channel="webhook:desk", name="alert.opened", created_at=NOW, due_at=NOW,
    payload={"name": "alert.opened", "project": "shop", "alert": ALERT},
)  # fmt: skip


@asynccontextmanager
async def receiver(status: str = "204 No Content"):
    """An HTTP server that keeps (headers, body) of what is posted to it."""
    got: list[tuple[dict[str, str], bytes]] = []

    async def talk(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        got.append((headers, await reader.readexactly(int(headers["content-length"]))))
        writer.write(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook", got
    finally:
        server.close()
        await server.wait_closed()


async def test_a_webhook_is_signed_over_its_id_time_and_body():
    async with receiver() as (url, got):
        await Webhook(url=url, secret=SECRET, private=("127.0.0.0/8",)).send(NOTICE, now=NOW)
    ((headers, body),) = got
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = base64.b64encode(hmac.new(SECRET.encode(), signed, sha256).digest()).decode()
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("no_1", str(int(NOW.timestamp())))
    assert json.loads(body) == NOTICE.payload
    assert headers["webhook-signature"] == f"v1,{digest}".lower()


def test_the_signature_is_the_one_of_the_standard_s_example():
    # standardwebhooks.com, "Example signatures" of the specification's reference libraries
    said = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "1614265330",
        b'{"test": 2432232314}',
    )
    assert said == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("http://127.0.0.1:8080/hook", ()),  # not named
        ("http://169.254.169.254/latest", ("169.254.0.0/16",)),  # never
        ("http://8.8.8.8/hook", ()),  # open to everybody on the way
    ],
)
async def test_where_a_webhook_may_not_go_it_does_not(url, private):
    with pytest.raises(ConfigError):
        await Webhook(url=url, secret=SECRET, private=private).send(NOTICE, now=NOW)


@pytest.mark.parametrize(
    ("status", "error"),
    [("500 Oops", Unreachable), ("302 Found", Unreachable), ("404 No", Unreachable), ("410 No", ConfigError)],
)
async def test_a_receiver_that_refuses_is_told_apart_from_one_that_is_ill(status, error):
    async with receiver(status) as (url, _):
        with pytest.raises(error):
            await Webhook(url=url, secret=SECRET, private=("127.0.0.1",)).send(NOTICE, now=NOW)


def test_a_short_secret_and_one_that_is_no_base64_are_refused():
    for secret in ("short", "whsec_###"):
        with pytest.raises(ConfigError):
            signature(secret, "id", "0", b"")


async def test_a_mail_says_what_and_since_when_and_what_to_do():
    async with SmtpServer() as server:
        mail = Mail(
            host="127.0.0.1", port=server.port, sender="a@shop.example", to=("ops@shop.example",), tls="off"
        )
        await mail.send(NOTICE, now=NOW)
    (text,) = server.mails
    assert "Subject: [shop] page: Answers fail" in text and "<no_1@shop.example>" in text
    assert "20 of 40; usual share: not known" in text and "docs/runbooks/errors.md" in text


async def test_a_mail_that_cannot_be_sealed_is_not_sent():
    async with SmtpServer() as server:
        mail = Mail(host="127.0.0.1", port=server.port, sender="a@shop.example", to=("b@shop.example",))
        with pytest.raises(ConfigError):
            await mail.send(NOTICE, now=NOW)
    assert server.mails == []


async def test_a_mail_server_that_is_away_may_be_back_later():
    mail = Mail(host="127.0.0.1", port=1, sender="a@shop.example", to=("b@shop.example",), tls="off")
    with pytest.raises(Unreachable):
        await mail.send(NOTICE, now=NOW)


class Broken:
    """A channel that is away so often, then there."""

    def __init__(self, times: int, error: Exception) -> None:
        self.left, self.error, self.sent = times, error, []

    async def send(self, notice: Notice, *, now: datetime) -> None:
        self.left -= 1
        if self.left >= 0:
            raise self.error
        self.sent.append(notice.id)


def parts() -> AlertParts:
    return AlertParts(
        tenant="acme", events=MemoryEvents(), happenings=MemoryHappenings(), alerts=MemoryAlerts(),
        settings=AlertsSection(), rules=(),
    )  # fmt: skip


async def test_a_message_is_tried_again_ever_later_until_it_is_received():
    one, channel = parts(), Broken(3, Unreachable("away"))
    await one.alerts.post(tenant="acme", notices=[NOTICE])
    tried, now = [], NOW
    while not channel.sent:
        before = channel.left
        await send_notices(one, {"webhook:desk": channel}, now=now)
        if channel.left < before:
            tried.append((now - NOW).total_seconds())
        now += timedelta(seconds=10)
    assert tried == [0.0, 30.0, 90.0, 210.0]
    (kept,) = await one.alerts.notices(tenant="acme")
    assert kept.sent_at is not None and kept.tries == 4
    assert (await send_notices(one, {"webhook:desk": channel}, now=now)).sent == 0


async def test_what_cannot_be_sent_is_given_up_and_said():
    one = parts()
    await one.alerts.post(tenant="acme", notices=[NOTICE, replace(NOTICE, id="no_2", channel="webhook:gone")])
    sent = await send_notices(one, {"webhook:desk": Broken(9, ConfigError("no"))}, now=NOW)
    assert sent.given_up == 2
    late = parts()
    await late.alerts.post(tenant="acme", notices=[NOTICE])
    day = NOW + timedelta(days=1)
    assert (await send_notices(late, {"webhook:desk": Broken(9, Unreachable("away"))}, now=day)).given_up == 1


async def test_a_mail_server_that_says_not_now_is_asked_again():
    async with SmtpServer(refuse="451 greylisted") as server:
        mail = Mail(host="127.0.0.1", port=server.port, sender="a@shop.example", to=("b@shop.example",), tls="off")
        with pytest.raises(Unreachable, match="451"):
            await mail.send(NOTICE, now=NOW)


async def test_a_mail_server_that_takes_its_time_for_every_byte_is_left():
    over = asyncio.Event()

    async def drip(reader, writer):
        for _ in range(40):
            writer.write(b"2")
            await asyncio.sleep(0.02)
        writer.close()
        over.set()

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        mail = Mail(host="127.0.0.1", port=port, sender="a@x.example", to=("b@x.example",), tls="off", whole_s=0.2)
        with pytest.raises(Unreachable, match=r"0\.2 s"):
            await mail.send(NOTICE, now=NOW)
        await over.wait()
        await asyncio.sleep(0)


async def test_a_channel_that_breaks_or_has_no_secret_keeps_no_message_from_the_others(tmp_path, monkeypatch):
    monkeypatch.delenv("NO_SUCH_SECRET", raising=False)
    hook = {"url": "https://hooks.example/x", "secret": "env:NO_SUCH_SECRET"}
    unset = channels_of(AlertsSection.model_validate({"webhook": {"unset": hook}}), base=tmp_path)
    one, good = parts(), Broken(0, Unreachable("away"))
    channels = {**unset, "webhook:odd": Broken(9, ValueError("nobody foresaw it")), "webhook:desk": good}
    every = [replace(NOTICE, id=f"no_{name}", channel=name) for name in channels]
    await one.alerts.post(tenant="acme", notices=every)
    sent = await send_notices(one, channels, now=NOW)
    assert (sent.sent, sent.waiting, sent.given_up) == (1, 2, 0) and good.sent == ["no_webhook:desk"]
    kept = {one.channel: one.error for one in await one.alerts.notices(tenant="acme")}
    assert "NO_SUCH_SECRET" in kept["webhook:unset"] and "nobody foresaw it" in kept["webhook:odd"]


async def test_in_a_storm_an_alert_goes_first_and_the_rest_in_the_same_round():
    one, channel = parts(), Broken(0, Unreachable("away"))
    storm = [replace(NOTICE, id=f"no_{n:03d}", name="document.quarantined") for n in range(100)]
    await one.alerts.post(tenant="acme", notices=[*storm, replace(NOTICE, id="no_page")])
    sent = await send_notices(one, {"webhook:desk": channel}, now=NOW)
    assert "no_page" in channel.sent[:20] and sent.sent == 101


async def test_a_receiver_that_is_away_is_not_waited_for_message_by_message():
    one, channel = parts(), Broken(1000, Unreachable("away"))
    await one.alerts.post(tenant="acme", notices=[replace(NOTICE, id=f"no_{n:03d}") for n in range(100)])
    await send_notices(one, {"webhook:desk": channel}, now=NOW)
    assert channel.left == 980
