"""What a file is: by its first bytes, then by its name."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePosixPath

from answerable.core.errors import ParseError
from answerable.core.ports import Raw

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
HTML = "text/html"
MARKDOWN = "text/markdown"
TEXT = "text/plain"
RST = "text/x-rst"
CSV = "text/csv"
MAIL = "message/rfc822"
CHAT = "application/json"

SUPPORTED = "Markdown, HTML, text, reStructuredText, PDF, Word (.docx), CSV, e-mail (.eml), chat logs (.json)"
_BY_SUFFIX = {
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".html": HTML,
    ".htm": HTML,
    ".xhtml": HTML,
    ".txt": TEXT,
    ".text": TEXT,
    ".log": TEXT,
    ".rst": RST,
    ".csv": CSV,
    ".tsv": CSV,
    ".eml": MAIL,
    ".json": CHAT,
    ".pdf": PDF,
    ".docx": DOCX,
}
_MAGIC = (  # of what cannot be read, by the name people know it by
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (.doc, .xls, .ppt) or an encrypted one"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "a database"),
    (b"{\\rtf", "an RTF file"),
)
_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,500}?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_MAIL_START = re.compile(rb"(?:[A-Za-z][A-Za-z-]+: .*\r?\n(?:[ \t].*\r?\n)*){3,}")
_END_OF_ZIP = 22  # bytes, without a comment
_MAX_DIRECTORY = 4_000_000  # bytes; 5,000 entries with long names
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def detect(raw: Raw) -> str:
    """The media type. Raises ParseError with reason `unsupported`."""
    head = raw.data[:4096]
    if b"%PDF-" in head[:1024]:
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(raw)
    for magic, name in _MAGIC:
        if head.startswith(magic):
            raise _unsupported(raw, name)
    if b"\0" in head and not head.startswith(_UTF16) and not _looks_utf16(head):
        raise _unsupported(raw, "a binary file")
    return _text_form(raw, head)


def _text_form(raw: Raw, head: bytes) -> str:
    suffix = PurePosixPath(raw.uri).suffix.lower()
    said = raw.media_type.partition(";")[0].strip().lower()
    found = said if said in _BY_SUFFIX.values() else _BY_SUFFIX.get(suffix)
    if found in {PDF, DOCX}:
        raise ParseError(
            f"{raw.uri}: not a readable {'PDF' if found == PDF else 'Word'} file (it starts as another kind)",
            hint="Open it in the program that made it and save it again.",
        )
    if found is not None:
        return found
    if _HTML_START.match(head):
        return HTML
    if suffix and not suffix[1:].isdigit():
        raise _unsupported(raw, f"a {suffix} file")
    return MAIL if _MAIL_START.match(head) else TEXT


def _in_zip(raw: Raw) -> str:
    _check_directory(raw)
    try:
        with zipfile.ZipFile(io.BytesIO(raw.data)) as archive:
            names = archive.NameToInfo
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as exc:
        if PurePosixPath(raw.uri).suffix.lower() == ".docx" or raw.media_type == DOCX:
            raise ParseError(
                f"{raw.uri}: not a readable Word file (its archive is damaged: {exc})",
                hint="Open it in Word and save it again.",
            ) from exc
        raise _unsupported(raw, "a damaged archive") from exc
    if "word/document.xml" in names:
        return DOCX
    raise _unsupported(raw, "a spreadsheet" if "xl/workbook.xml" in names else "an archive")


def _check_directory(raw: Raw) -> None:
    """Before the archive is opened: zipfile makes an object of each of a million entries, for 30 s and 600 MB.

    Its directory's size binds zipfile, the number of entries does not; a Word file needs no ZIP64.
    """
    end = _END_OF_ZIP if raw.data[-22:].startswith(b"PK\x05\x06") and raw.data.endswith(b"\0\0") else 65_557
    tail = raw.data[-(end + 20) :]
    at = tail.rfind(b"PK\x05\x06")
    size = int.from_bytes(tail[at + 12 : at + 16], "little")
    if at >= 0 and (size > _MAX_DIRECTORY or tail[max(0, at - 20) : at].startswith(b"PK\x06\x07")):
        raise ParseError(
            f"{raw.uri}: an archive with a directory of {size:,} bytes or more",
            hint="Save it again in the program that made it, or split it.",
            reason="too_large",
        )


def _looks_utf16(head: bytes) -> bool:
    half = len(head) // 2
    return half >= 2 and max(head[0::2].count(0), head[1::2].count(0)) > 0.4 * half


def _unsupported(raw: Raw, name: str) -> ParseError:
    return ParseError(f"{raw.uri}: {name} cannot be read", hint=f"Supported: {SUPPORTED}.", reason="unsupported")
