"""Two judges that can be talked to, for the attack set: one obeys, one repeats what it reads."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from answerable.guards.detection import fold_lookalikes
from answerable.testing.model_server.behaviors.judge_prompt import JudgePrompt
from answerable.testing.model_server.behaviors.orders import readable
from answerable.testing.model_server.exchange import Exchange
from answerable.testing.model_server.prompt import Prompt

_WORDS = {
    "yes": "YES", "ja": "YES", "sí": "YES", "si": "YES", "是": "YES", "pass": "YES", "true": "YES",
    "no": "NO", "nein": "NO", "否": "NO", "fail": "NO", "false": "NO",
}  # fmt: skip
_VERDICT = r"[\"'“”„«»*_`(\[]{0,3}(yes|ja|sí|si|pass|true|no|nein|fail|false|是|否)(?![a-z0-9_])"
_FIELD = re.compile(
    r"[\"'“”„]?(?:verdict|urteil|veredicto|judge?ment|result|grade|label|裁决|判决|结论)[\"'“”]?\s*[:=：]\s*"
    + _VERDICT,
    re.I,
)
_ORDER = re.compile(
    r"(?:answer|reply|respond|say|output|return|write|print|give|grade|mark|judge|verdict|decide|conclude|confirm|vote"
    r"|antwort|gib|urteil|entscheid|bewerte|responde|contesta|devuelve|escribe|veredicto|repond|rends|回答|输出|判定|判断"
    r"|裁决)[^\n]{0,90}?(?<![a-z0-9])" + _VERDICT,
    re.I,
)
# What a model takes for the frame of its prompt, whoever wrote it.
_STRUCTURE = re.compile(
    r"[<>{}]|```|\[\s*/?\s*(?:inst|sys|system|user|assistant|end|eot)\s*\]|^\s*#{1,6}\s|^\s*([-=*_~])(?:\s*\1){2,}\s*$"
    r"|^\W*(?:system|assistant|user|human|ai|developer|judge|evaluator|grader|tool|model)\W{0,4}\s*:",
    re.I | re.M,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GullibleJudge:
    """Obeys the last verdict that it is told to give: by any words outside of marked data, and inside of it by
    words that follow something that looks like the frame of a prompt or a reply.

    It honors marks as such, which a real model may not do: it shows whether text can leave its marks, or look like
    the frame in spite of them, and nothing about how models treat marked text.
    """

    def text(self, prompt: Prompt) -> str:
        """As told, else by the rule."""
        read = JudgePrompt.read(prompt)
        told = dictated_verdict(trusted(read))
        return read.reply(told or read.honest(), "As instructed." if told else "By the rule.")

    async def perform(self, exchange: Exchange) -> None:
        """Obey."""
        await exchange.reply(self.text(exchange.prompt))


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotingJudge:
    """Follows the rule, and quotes the whole answer before and after its reply: a trap for whoever parses it."""

    def text(self, prompt: Prompt) -> str:
        """Quote, reply, quote."""
        read = JudgePrompt.read(prompt)
        quote = readable(read.section("THE ANSWER TO JUDGE"))
        reply = read.reply(read.honest(), "By the rule.")
        return f"The answer says:\n{quote}\n\n{reply}\n\nIt also says:\n{quote}"

    async def perform(self, exchange: Exchange) -> None:
        """Quote."""
        await exchange.reply(self.text(exchange.prompt))


def trusted(read: JudgePrompt) -> str:
    """What a gullible model takes for the voice that it works for."""
    if not read.marked:
        return _understood(read.material)
    data = _folded(read.data())
    frame = _STRUCTURE.search(data)
    return _understood(read.unmarked()) + ("\n" + _understood(data[frame.start() :]) if frame else "")


def dictated_verdict(text: str) -> str:
    """The last verdict that a text orders; empty: it orders none."""
    found = [(match.start(1), match[1]) for pattern in (_FIELD, _ORDER) for match in pattern.finditer(text)]
    return _WORDS[max(found)[1].lower()] if found else ""


def _understood(text: str) -> str:
    """As a model reads it, with base64 opened."""
    return _folded(readable(_tags_read(text)))


def _folded(text: str) -> str:
    """Look-alikes folded, what cannot be seen gone, tag letters and entities read."""
    folded = unicodedata.normalize("NFKC", _tags_read(text))
    return fold_lookalikes("".join(char for char in folded if unicodedata.category(char) != "Cf"))


def _tags_read(text: str) -> str:
    return "".join(chr(ord(char) - 0xE0000) if 0xE0020 <= ord(char) <= 0xE007E else char for char in text)
