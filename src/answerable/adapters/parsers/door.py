"""The one place where what a parsing library throws becomes a ParseError."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from answerable.adapters.parsers.sheet import TextTooLongError
from answerable.core.errors import ParseError
from answerable.core.ports import Raw


@contextmanager
def door(raw: Raw, form: str) -> Iterator[None]:
    """What is inside works or raises ParseError. `form` names the format as people say it: `Word file`."""
    try:
        yield
    except ParseError:
        raise
    except TextTooLongError as exc:
        raise too_large(raw, str(exc), "Split the file.") from exc
    except MemoryError as exc:
        raise ParseError(
            f"{raw.uri}: reading this {form} needs more memory than allowed",
            hint="Split the file, or raise the parser's memory limit.",
            reason="memory",
        ) from exc
    except RecursionError as exc:
        raise malformed(raw, form, "it is nested too deeply") from exc
    except Exception as exc:
        raise malformed(raw, form, f"{type(exc).__name__}: {str(exc)[:200]}") from exc


def malformed(raw: Raw, form: str, cause: str) -> ParseError:
    """The file claims to be of this form, and is not."""
    return ParseError(
        f"{raw.uri}: not a readable {form} ({cause})",
        hint="Open it in the program that made it and save it again, or take it out of the source.",
        reason="malformed",
    )


def no_text(raw: Raw, form: str, hint: str = "") -> ParseError:
    """The file is sound and says nothing."""
    return ParseError(
        f"{raw.uri}: this {form} holds no text",
        hint=hint or "Take the file out of the source, or give it content.",
        reason="no_text",
    )


def too_large(raw: Raw, what: str, hint: str) -> ParseError:
    """More than a parser takes on."""
    return ParseError(f"{raw.uri}: {what}", hint=hint, reason="too_large")
