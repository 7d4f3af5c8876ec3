"""A scripted model within this process: what it would say to a prompt, without a server or a socket."""

from __future__ import annotations

from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.core.prompt import Rendered
from answerable.testing.model_server.behaviors.behavior import Speaker
from answerable.testing.model_server.prompt import Prompt


def spoken(speaker: Speaker, *, name: str) -> ScriptedLLM:
    """A model that says what the speaker says; its name tells that it is scripted."""
    model = f"scripted:{name}"

    def write(rendered: Rendered) -> str:
        return speaker.text(Prompt(model=model, system=rendered.system, user=rendered.user))

    return ScriptedLLM([Reply(write=write)], name="scripted", model=model)
