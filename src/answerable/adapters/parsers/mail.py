"""E-mail messages (.eml): the new words first, quoted history and signatures as blocks of their own."""

from __future__ import annotations

import codecs
from datetime import datetime
from email import policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.utils import parsedate_to_datetime

from answerable.adapters.parsers.assemble import assemble
from answerable.adapters.parsers.canonical import decode
from answerable.adapters.parsers.door import door, malformed
from answerable.adapters.parsers.html import open_page, write_page
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
            self._write(raw, message, sheet, links, sent)
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

    def _write(self, raw: Raw, message: EmailMessage, sheet: Sheet, links: Links, sent: datetime | None) -> None:
        kind, text = "", ""
        for kind in ("plain", "html"):
            part = message.get_body(preferencelist=(kind,))
            text = _text(raw, part, sheet) if part is not None else ""
            if text.strip():
                break
        if kind == "html":
            write_page(open_page(raw, text), sheet, links)
        else:
            write_mail(text, sheet, speaker=_header(message, "from"), time=sent.isoformat() if sent else "")


def _text(raw: Raw, part: MIMEPart, sheet: Sheet) -> str:
    """By the declared charset, and by our own rules where none is declared or it does not fit."""
    data = part.get_payload(decode=True)
    decoded = decode(data if isinstance(data, bytes) else b"", uri=raw.uri, declared=part.get_content_charset())
    sheet.counts["invisible_characters"] += decoded.invisible
    return decoded.text


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
