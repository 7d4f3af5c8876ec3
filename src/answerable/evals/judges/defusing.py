"""Defused text: other people's words, made unable to be taken for ours in what a judge reads.

Stricter than text/inert.py, for whoever writes an answer knows that it is judged: what has a meaning to a
prompt or to a parser of replies (tags, braces, code fences, chat roles, headings, rules) is replaced by look-
alikes without it. The prompt's fence then marks every line, see prompts/fence.py.
"""

from __future__ import annotations

import html
import re

from answerable.text.canonical import canonicalize

# The stand-ins are their own compatibility forms: normalizing them again brings no brace back.
_STAND_INS = str.maketrans(
    {
        **dict.fromkeys("<＜﹤", "‹"),
        **dict.fromkeys(">＞﹥", "›"),
        **dict.fromkeys("{｛﹛︷", "❴"),
        **dict.fromkeys("}｝﹜︸", "❵"),
        **dict.fromkeys("`｀", "'"),
    }
)
_ENTITY = re.compile(r"&(#?\w{1,10});")
_CHAT_TAG = re.compile(r"[\[［【](\s*/?\s*(?:inst|sys|system|user|assistant|end|eot)\s*)[\]］】]", re.I)
# A word or two and a colon at the start of a line: a chat role in any language and script, or nothing of the kind.
# Its letters may be struck through or wear other marks: a reader of the line reads them all the same.
_LETTERS = r"(?:[^\W\d_][\u0300-\u036f]{0,4}){1,14}"
_ROLE = re.compile(rf"^(\W*)({_LETTERS}(?:[ _-]{_LETTERS})?)([^\w\s]{{0,4}})\s*[:：﹕︓](?!//)")
_HEADING = re.compile(r"^(\s*)[#＃﹟]+")
_RULE = re.compile(r"^\s*([-=*_~+—–])(?:\s*\1){2,}\s*$")


def readable(text: str) -> str:
    """What a person would have read: the same for two texts that differ only in what cannot be seen."""
    return canonicalize(text).text.strip()


def defused(text: str) -> str:
    """Readable text in which nothing looks like the frame of a prompt or of a reply; lines end with \\n alone."""
    return "\n".join(_defused(line) for line in readable(html.unescape(text)).splitlines() or [""])


def _defused(line: str) -> str:
    line = _ENTITY.sub(r"(\1)", line).translate(_STAND_INS)
    line = _ROLE.sub(r"\1\2\3 –", _CHAT_TAG.sub(r"(\1)", line))
    return "–" if _RULE.match(line) else _HEADING.sub(r"\1§", line)
