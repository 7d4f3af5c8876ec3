"""E-mail messages (.eml): the new words first, quoted history and signatures as blocks of their own."""

from __future__ import annotations

import codecs
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime

from selectolax.lexbor import LexborHTMLParser

from answerable.adapters.parsers.assemble import assemble
from answerable.adapters.parsers.door import door, malformed
from answerable.adapters.parsers.html import write_page
from answerable.adapters.parsers.links import Links
from answerable.adapters.parsers.mail_body import write_mail
from answerable.adapters.parsers.properties import Properties, plausible, read_properties
from answerable.adapters.parsers.sheet import Sheet
from answerable.core.document import Document
from answerable.core.ports import Raw

MEDIA_TYPE = "message/rfc822"
_FORM = "e-mail message"
_MAX_ATTACHMENTS = 50


class MailParser:
    """text/plain where there is one, else the HTML part. Attachments are listed, never opened."""

    def parse(self, raw: Raw) -> Document:
        with door(raw, _FORM):
            message = BytesParser(policy=policy.default).parsebytes(raw.data.removeprefix(codecs.BOM_UTF8))
            if not any(message[name] for name in ("from", "subject", "date", "message-id")):
                raise malformed(raw, _FORM, "it has no From, Subject, Date or Message-ID header")
            sent = _sent(message)
            sheet, links = Sheet(), Links()
            self._write(message, sheet, links, sent)
            meta = {
                "from": _header(message, "from"),
                "to": _header(message, "to"),
                "cc": _header(message, "cc"),
                "date": sent.isoformat() if sent else "",
                "message_id": _header(message, "message-id"),
                "in_reply_to": _header(message, "in-reply-to"),
                "attachments": _attachments(message),
                "links": links.meta,
            }
            return assemble(
                raw, sheet, media_type=MEDIA_TYPE, form=_FORM, said=_said(raw, message, sent), meta=meta
            )

    def _write(self, message: EmailMessage, sheet: Sheet, links: Links, sent: datetime | None) -> None:
        body = message.get_body(preferencelist=("plain", "html"))
        text = str(body.get_content()) if body is not None else ""
        if body is not None and not text.strip() and body.get_content_type() == "text/plain":
            body = message.get_body(preferencelist=("html",))
            text = str(body.get_content()) if body is not None else ""
        if body is not None and body.get_content_type() == "text/html":
            write_page(LexborHTMLParser(text), sheet, links)
            return
        speaker = _header(message, "from")
        write_mail(text, sheet, speaker=speaker, time=sent.isoformat() if sent else "")


def _said(raw: Raw, message: EmailMessage, sent: datetime | None) -> Properties:
    values = plausible(
        {"language": _header(message, "content-language"), "updated": sent.date().isoformat() if sent else ""}
    )
    return read_properties({**values, "title": _header(message, "subject")}, uri=raw.uri)


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())


def _sent(message: EmailMessage) -> datetime | None:
    try:
        return parsedate_to_datetime(_header(message, "date"))
    except (TypeError, ValueError):
        return None


def _attachments(message: EmailMessage) -> str:
    """`name (type, bytes)` a piece."""
    found = []
    for part in list(message.iter_attachments())[:_MAX_ATTACHMENTS] if message.is_multipart() else []:
        payload = part.get_payload(decode=True)
        size = len(payload) if isinstance(payload, bytes) else 0
        found.append(f"{part.get_filename() or 'unnamed'} ({part.get_content_type()}, {size:,} bytes)")
    return "; ".join(found)
