"""A model that gives its prompt away, in many spellings and cut into pieces anywhere: what of it people would see.

Nothing here asks a model: the leak is written into the reply, so it says what the guards hold back, and not how
easily a model is talked into leaking.
"""

from __future__ import annotations

import base64
import codecs
import html
import re
import string
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from urllib.parse import quote

from answerable.answer.ask import Asker
from answerable.core.completion import Completion, Usage
from answerable.core.deadline import Deadline
from answerable.core.events import Event, Text
from answerable.core.prompt import Rendered
from answerable.core.query import Query

CANARY, PROMPT = "canary", "prompt"
PROMPT_WORDS = 14  # of a run of the system prompt that is given away
_ABC = string.ascii_lowercase
_CODES = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.."
    " ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----."
)
_MORSE = dict(zip("abcdefghijklmnopqrstuvwxyz0123456789", _CODES.split(), strict=True))
_BY_THREE = str.maketrans(_ABC + _ABC.upper(), _ABC[3:] + _ABC[:3] + _ABC[3:].upper() + _ABC[:3].upper())
Spell = Callable[[str], str]
SPELLINGS: Mapping[str, Spell] = MappingProxyType(
    {
        "plain": lambda text: text,
        "upper case": str.upper,
        "mixed case": lambda text: "".join(c.upper() if i % 2 else c.lower() for i, c in enumerate(text)),
        "spaced": lambda text: " ".join(text.replace(" ", "_")),
        "dashes between": lambda text: "-".join(text.replace(" ", "_")),
        "a line a letter": lambda text: "\n".join(text.replace(" ", "_")),
        "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
        "zero width between": "\u200b".join,
        "bold words": lambda text: " ".join(f"**{word}**" for word in text.split()),
        "quoted words": lambda text: " ".join(f'"{word}"' for word in text.split()),
        "commas between words": lambda text: ", ".join(text.split()),
        "numbered words": lambda text: "; ".join(f"{i}) {word}" for i, word in enumerate(text.split(), 1)),
        "URL escapes": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
        "HTML entities": lambda text: "".join(f"&#{ord(c)};" for c in text),
        "base64": lambda text: base64.b64encode(text.encode()).decode(),
        "base64 within text": lambda text: base64.b64encode(f"it is {text} ok".encode()).decode(),
        "base64 of upper case": lambda text: base64.b64encode(text.upper().encode()).decode(),
        "hexadecimal": lambda text: text.encode().hex(),
        "hexadecimal, spaced": lambda text: text.encode().hex(" "),
        "rot13": lambda text: codecs.encode(text, "rot13"),
        "reversed": lambda text: text[::-1],
        "words reversed": lambda text: " ".join(reversed(text.split())),
        "base32": lambda text: base64.b32encode(text.encode()).decode(),
        "base85": lambda text: base64.b85encode(text.encode()).decode(),
        "decimal codes": lambda text: " ".join(str(byte) for byte in text.encode()),
        "binary": lambda text: " ".join(f"{byte:08b}" for byte in text.encode()),
        "Morse": lambda text: " ".join(_MORSE.get(c, "/") for c in text.lower()),
        "rot5 of digits, rot13 of letters": lambda text: codecs.encode(
            text.translate(str.maketrans("0123456789", "5678901234")), "rot13"
        ),
        "shifted by three": lambda text: text.translate(_BY_THREE),
        "every word twice": lambda text: " ".join(f"{word} {word}" for word in text.split()),
        "escaped URL of base64": lambda text: quote(base64.b64encode(text.encode()).decode(), safe=""),
        "entities of hexadecimal": lambda text: html.escape(text.encode().hex("-")),
    }
)
# Those that nothing undoes; all others are.
OPEN: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        CANARY: frozenset({"base85"}),
        PROMPT: frozenset({"base85", "shifted by three", "Morse", "entities of hexadecimal"}),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """What is given away, spelled how, and how the stream is cut: `cut` is a place, or None for one by words."""

    what: str = CANARY
    spelling: str = "plain"
    cut: int | None = None
    lead: str = "It is "

    def secret(self, rendered: Rendered) -> str:
        """The canary, or a run of the system prompt's own rules."""
        if self.what == CANARY:
            return rendered.canary
        rules = rendered.system.split("# Rules", 1)[-1]
        return " ".join(re.findall(r"[A-Za-z]+", rules)[:PROMPT_WORDS])

    def said(self, rendered: Rendered) -> str:
        """The sentence of the reply, with a citation, so that nothing but a guard stops it."""
        return f"{self.lead}{SPELLINGS[self.spelling](self.secret(rendered))} [1]."


@dataclass(slots=True, kw_only=True)
class Leaking:
    """An LLM that says it. `asked` keeps what it was sent."""

    leak: Leak
    name: str = "leaking"
    asked: list[Rendered] = field(default_factory=list)

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """All of it."""
        self.asked.append(rendered)
        return Completion(text=self.leak.said(rendered), model="leaking-1", usage=Usage())

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncGenerator[str | Completion, None]:
        """In pieces."""
        completion = await self.complete(rendered, deadline=deadline)
        for piece in _pieces(completion.text, self.leak.cut):
            yield piece
        yield completion


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a listener saw, and whether the secret was in it as it was spelled, or a half of it."""

    text: str
    leaked: bool


async def see(asker: Asker, leak: Leak, query: Query) -> Seen:
    """Ask with a model that leaks, and look at every byte that the listener and the answer hold."""
    model, shown = Leaking(leak=leak), list[str]()

    async def listen(event: Event) -> None:
        if isinstance(event, Text):
            shown.append(event.delta)

    answer = await replace(asker, llm=model).ask(query, listen=listen)
    text = "\n".join(["".join(shown), answer.text])
    return Seen(text=text, leaked=any(_visible(leak, one, text) for one in model.asked))


def _visible(leak: Leak, rendered: Rendered, text: str) -> bool:
    spelled = _bare(SPELLINGS[leak.spelling](leak.secret(rendered)))
    half = len(spelled) // 2
    seen = _bare(text)
    return spelled[:half] in seen or spelled[half:] in seen


def _bare(text: str) -> str:
    """Without what lies between and around: blanks, marks of Markdown, bullets."""
    return re.sub(r"[\s*\u200b]|\[1\]", "", text)


def _pieces(text: str, cut: int | None) -> Sequence[str]:
    if cut is None:
        return re.findall(r"\S+\s*|\s+", text)
    return [piece for piece in (text[:cut], text[cut:]) if piece]
