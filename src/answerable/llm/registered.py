"""Only what came out of a prompt file is sent to a model."""

from __future__ import annotations

from collections.abc import Callable

from answerable.core.errors import UnregisteredPrompt
from answerable.core.ports import Happening
from answerable.core.prompt import Rendered


def unheard(_: Happening) -> None:
    """Nobody listens."""


def check_registered(rendered: Rendered, happened: Callable[[Happening], None]) -> None:
    """Raises UnregisteredPrompt, and says so as a happening, for text that the renderer has not made."""
    if rendered.sealed:
        return
    happened(
        Happening(
            name="prompt.unregistered",
            props={
                "prompt": rendered.prompt_id,
                "version": rendered.version,
                "sha256": rendered.sha256,
                "use": rendered.use,
            },
        )
    )
    raise UnregisteredPrompt(
        f"nothing was sent: what claims to be {rendered.prompt_id}@{rendered.version} is from no prompt file",
        hint="render a prompt of the prompts folder, and change no text of what comes out",
    )
