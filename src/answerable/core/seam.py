"""Where we meet what may be anybody's code: what it raises becomes ours."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from answerable.core.errors import AnswerableError, Broken

log = logging.getLogger(__name__)


@contextmanager
def seam(port: str) -> Iterator[None]:
    """Raise Broken, naming the port, for whatever is raised that no port may raise."""
    try:
        yield
    except (AnswerableError, TimeoutError):
        raise
    except Exception as error:
        # A port may be anybody's code: what it raises costs its step, not the answer. It is never a cancellation.
        log.exception("the %s broke", port)
        raise Broken(f"the {port} broke: {type(error).__name__}: {error}", hint="the log has the cause") from error
