"""A provider's prompt cache, simulated: the tokens of a beginning that came before are told as cached."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace

from answerable.testing.model_server.prompt import Prompt
from answerable.testing.model_server.tokens import count_tokens, token_spans

_MOST = 50_000  # beginnings that are kept


@dataclass(slots=True, kw_only=True)
class PromptCache:
    """OpenAI's rule by default: beginnings of at least `least` tokens, in steps of `step`, without a mark.

    Where the client marks what is to be cached (Anthropic's protocol), exactly that is, from `least` tokens on.
    What is kept belongs to one endpoint or key, and to one model, as with providers. No time runs out here.
    """

    least: int = 1024
    step: int = 128
    _seen: OrderedDict[tuple[str, str, str], None] = field(default_factory=OrderedDict)

    def applied(self, prompt: Prompt, *, owner: str, marks: bool) -> Prompt:
        """The prompt with what of it is cached; from now on its own beginnings are kept."""
        return self._marked(prompt, owner) if marks else self._by_steps(prompt, owner)

    def _by_steps(self, prompt: Prompt, owner: str) -> Prompt:
        text = f"{prompt.system}\n{prompt.user}"
        ends = token_spans(text)
        cached = 0
        for count in range(self.least, len(ends) + 1, self.step):
            if self._known(owner, prompt.model, text[: ends[count - 1]]):
                cached = count
        return replace(prompt, cached_tokens=min(cached, prompt.input_tokens))

    def _marked(self, prompt: Prompt, owner: str) -> Prompt:
        text = prompt.system[: prompt.marked_chars]
        count = count_tokens(text)
        if count < self.least:
            return prompt
        known = self._known(owner, prompt.model, text)
        return replace(prompt, cached_tokens=count if known else 0, written_tokens=0 if known else count)

    def _known(self, owner: str, model: str, text: str) -> bool:
        key = (owner, model, text)
        known = key in self._seen
        self._seen[key] = None
        self._seen.move_to_end(key)
        if len(self._seen) > _MOST:
            self._seen.popitem(last=False)
        return known
