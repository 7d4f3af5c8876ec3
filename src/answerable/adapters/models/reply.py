"""What has come of one reply so far, whichever protocol it came by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from answerable.adapters.models.pace import Late
from answerable.core.completion import Completion, Usage
from answerable.core.errors import ModelError, PermanentModelError, TransientModelError
from answerable.core.prompt import Rendered
from answerable.core.rate import RateLimit
from answerable.text.tokens import estimated_usage, token_count


@dataclass(slots=True, kw_only=True)
class Reply:
    """Filled piece by piece. `finish` stays empty until the provider says why it stopped."""

    provider: str
    model: str  # as asked for, until the provider says what it was
    rendered: Rendered
    texts: list[str] = field(default_factory=list)
    thought_tokens: int = 0  # of reasoning that was shown to us and is no part of the text
    finish: str = ""  # stop | length | refusal | failed | tools
    usage: Usage = field(default_factory=Usage)
    fingerprint: str = ""
    rate: RateLimit | None = None
    begun: bool = False  # whether the provider has taken the request

    def say(self, text: str) -> str:
        """Take a piece of text and give it on."""
        if text:
            self.texts.append(text)
        return text

    def think(self, text: str) -> None:
        """Take a piece of reasoning: it is paid for, and it shows that the model works."""
        self.thought_tokens += token_count(text)

    def used(self) -> Usage:
        """What the provider counted; where it did not, or not to the end, the larger of that and our estimate."""
        said = bool(self.texts) or self.thought_tokens > 0
        if self.finish and self.usage.input and (self.usage.output or not said):
            return self.usage
        ours = estimated_usage(self.rendered, "".join(self.texts))
        output = self.usage.output if self.finish and self.usage.output else ours.output + self.thought_tokens
        return Usage(
            input=self.usage.input or ours.input,
            cached=self.usage.cached,
            written=self.usage.written,
            output=max(output, self.usage.output),
            estimated=True,
        )

    @contextmanager
    def accounting(self) -> Iterator[None]:
        """An error that comes out of here says what was used by then, and what the provider told of its limits."""
        try:
            yield
        except ModelError as error:
            if (self.begun or isinstance(error, Late)) and error.usage is None:
                error.usage = self.used()
            error.rate = error.rate or self.rate
            raise

    def completion(self) -> Completion:
        """The finished reply.

        Raises TransientModelError when it has no finish reason, which is how a cut stream looks, or no text;
        PermanentModelError for a refusal.
        """
        text = "".join(self.texts)
        if not self.finish:
            raise TransientModelError(f"{self.provider} stopped in the middle of its reply", hint="ask again")
        if self.finish == "failed":
            raise TransientModelError(f"{self.provider} gave up in the middle of its reply", hint="ask again")
        if self.finish == "tools":
            raise TransientModelError(
                f"{self.provider} asked for a tool, and was offered none",
                hint="nothing was run; another model of the route answers",
            )
        if self.finish == "refusal":
            raise PermanentModelError(
                f"{self.provider} refused to answer", hint="its content filter decided so", reason="refusal"
            )
        if not text.strip():
            raise TransientModelError(f"{self.provider} replied with nothing", hint="ask again")
        return Completion(
            text=text,
            model=self.model,
            provider=self.provider,
            usage=self.used(),
            finish=self.finish,
            fingerprint=self.fingerprint,
            rate=self.rate,
        )
