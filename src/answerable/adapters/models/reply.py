"""What has come of one reply so far, whichever protocol it came by."""

from __future__ import annotations

from dataclasses import dataclass, field

from answerable.core.completion import Completion, Usage
from answerable.core.errors import PermanentModelError, TransientModelError


@dataclass(slots=True, kw_only=True)
class Reply:
    """Filled piece by piece. `finish` stays empty until the provider says why it stopped."""

    provider: str
    model: str  # as asked for, until the provider says what it was
    texts: list[str] = field(default_factory=list)
    finish: str = ""  # stop | length | refusal
    usage: Usage = field(default_factory=Usage)

    def say(self, text: str) -> str:
        """Take a piece of text and give it on."""
        if text:
            self.texts.append(text)
        return text

    def completion(self) -> Completion:
        """The finished reply.

        Raises TransientModelError when it has no finish reason, which is how a cut stream looks, or no text;
        PermanentModelError for a refusal.
        """
        text = "".join(self.texts)
        if not self.finish:
            raise TransientModelError(f"{self.provider} stopped in the middle of its reply", hint="ask again")
        if self.finish == "refusal":
            raise PermanentModelError(f"{self.provider} refused to answer", hint="its content filter decided so")
        if not text.strip():
            raise TransientModelError(f"{self.provider} replied with nothing", hint="ask again")
        return Completion(
            text=text, model=self.model, provider=self.provider, usage=self.usage, finish=self.finish
        )
