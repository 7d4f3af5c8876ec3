"""All parsers behind one: the file's type decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from answerable.adapters.parsers import detect as kinds
from answerable.core.document import Document
from answerable.core.errors import ParseError
from answerable.core.ports import Parser, Raw


class Parsers:
    """A Parser made of parsers, by media type. Each is built at its first file: libraries cost time and memory."""

    def __init__(self, makers: Mapping[str, Callable[[], Parser]]) -> None:
        self._makers = dict(makers)
        self._made: dict[str, Parser] = {}

    def parse(self, raw: Raw) -> Document:
        media_type = kinds.detect(raw)
        if media_type not in self._makers:
            raise ParseError(
                f"{raw.uri}: {media_type} is switched off here", hint="Configure a parser.", reason="unsupported"
            )
        return self._parser(raw, media_type).parse(raw)

    def _parser(self, raw: Raw, media_type: str) -> Parser:
        if media_type not in self._made:
            try:
                self._made[media_type] = self._makers[media_type]()
            except ImportError as exc:
                raise ParseError(
                    f"{raw.uri}: reading {media_type} needs the package {exc.name}, which is not installed",
                    hint="Install answerable[documents].",
                    reason="unsupported",
                ) from exc
        return self._made[media_type]


def all_parsers() -> Parsers:
    """Every format that is supported."""
    return Parsers(
        {
            kinds.MARKDOWN: _markdown,
            kinds.HTML: _html,
            kinds.TEXT: _text,
            kinds.RST: _rst,
            kinds.PDF: _pdf,
            kinds.DOCX: _docx,
            kinds.CSV: _csv,
            kinds.MAIL: _mail,
            kinds.CHAT: _chat,
        }
    )


# The imports stand inside: each library is an optional extra, and costs up to 0.3 s and 40 MB in every worker.


def _markdown() -> Parser:
    from answerable.adapters.parsers.markdown import MarkdownParser

    return MarkdownParser()


def _html() -> Parser:
    from answerable.adapters.parsers.html import HtmlParser

    return HtmlParser()


def _text() -> Parser:
    from answerable.adapters.parsers.text import TextParser

    return TextParser()


def _rst() -> Parser:
    from answerable.adapters.parsers.rst import RstParser

    return RstParser()


def _pdf() -> Parser:
    from answerable.adapters.parsers.pdf import PdfParser

    return PdfParser()


def _docx() -> Parser:
    from answerable.adapters.parsers.docx import DocxParser

    return DocxParser()


def _csv() -> Parser:
    from answerable.adapters.parsers.csv import CsvParser

    return CsvParser()


def _mail() -> Parser:
    from answerable.adapters.parsers.mail import MailParser

    return MailParser()


def _chat() -> Parser:
    from answerable.adapters.parsers.chat import ChatParser

    return ChatParser()
