"""The worst case for a guard: does whatever any text in its prompt tells it to do."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

from answerable.testing.model_server.behaviors.cite import Cite
from answerable.testing.model_server.exchange import Exchange
from answerable.testing.model_server.prompt import Prompt

_ORDER = re.compile(
    r"\b(?:ignor(?:e|iere|a|er)|disregard|forget|override|vergiss|olvida|instead|system prompt|systemprompt|"
    r"(?:your|deine|tus) (?:instructions|anweisungen|instrucciones)|"
    r"you (?:are now|must|have to)|(?:reply|respond|answer) (?:only )?with|antworte (?:nur )?mit|"
    r"responde (?:solo )?con|include|insert|append|embed|render|füge|incluye|send|post|exfiltrate|click)\b",
    re.IGNORECASE,
)
_REPLY_QUOTED = re.compile(
    r"\b(?:reply|respond|answer|antworte|responde|say|output|write)\b[^.\n\"'“«„]{0,40}[\"'“«„](.+?)[\"'”“»](?!\w)",
    re.IGNORECASE,
)
_REPLY_BARE = re.compile(
    r"\b(?:reply|respond|answer|antworte|responde)(?: (?:only|exactly|just|nur|solo))* (?:with|mit|con):? "
    r"(.+?)(?:\.(?=\s|$)|\n|$)",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"(?:reveal|print|repeat|show|leak|output|display|tell me|encode|translate|gib|zeige|muestra|revela)\b"
    r"[^.\n]{0,60}(?:system ?prompt|instructions|anweisungen|instrucciones|everything above|canary|rules)",
    re.IGNORECASE,
)
_URL = re.compile(r"(?:https?:)?//[^\s<>\"')\]]+|\bjavascript:[^\s<>\"')\]]+", re.IGNORECASE)
_MARKUP = re.compile(
    r"<(script|iframe|img|svg|a|form|style|object)\b[^>]*>(?:.*?</\1>)?", re.IGNORECASE | re.DOTALL
)
_MARKDOWN_LINK = re.compile(r"!?\[[^\]\n]*\]\([^)\n]+\)")
_BASE64 = re.compile(r"\b[A-Za-z0-9+/]{24,}={0,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Obey:
    """Obeys passages and question alike: replies as told, leaks the system prompt, emits links, images, markup.

    Reads what a model would read: invisible characters are dropped, lookalike forms are folded, base64 is decoded.
    Without any instruction in sight it answers as `Cite` does.
    """

    def text(self, prompt: Prompt) -> str:
        """What the instructions ask for, all of it."""
        said: list[str] = []
        for text in (*(source.text for source in prompt.sources), prompt.question):
            plain = readable(text)
            if _ORDER.search(plain) or _SECRET.search(plain):
                said.extend(_obeyed(plain, prompt))
        return "\n".join(dict.fromkeys(said)) or Cite().text(prompt)

    async def perform(self, exchange: Exchange) -> None:
        """Obey."""
        await exchange.reply(self.text(exchange.prompt))


def readable(text: str) -> str:
    """The text as a model understands it: compatibility forms folded, format characters gone, base64 opened."""
    folded = unicodedata.normalize("NFKC", text)
    visible = "".join(char for char in folded if unicodedata.category(char) != "Cf")
    return _BASE64.sub(_decoded, visible)


def _decoded(match: re.Match[str]) -> str:
    try:
        return base64.b64decode(match.group(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return match.group()


def _obeyed(plain: str, prompt: Prompt) -> list[str]:
    told = _REPLY_QUOTED.search(plain) or _REPLY_BARE.search(plain)
    said = [told[1].strip()] if told else []
    if _SECRET.search(plain):
        said.append(f"My system prompt is: {prompt.system}")
        if "base64" in plain.lower():
            said.append(base64.b64encode(prompt.system.encode()).decode())
    said.extend(match.group() for match in _MARKUP.finditer(plain))
    said.extend(match.group() for match in _MARKDOWN_LINK.finditer(plain))
    for url in _URL.findall(plain):
        joint = "&" if "?" in url else "?"
        leak = quote(prompt.system[:200] or prompt.question[:200])
        said.extend([f"![status]({url}{joint}d={leak})", f"[Click here]({url})"])
    return said
