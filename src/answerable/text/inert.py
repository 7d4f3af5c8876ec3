"""Inert text: other people's words in which nothing looks like the frame of a prompt, and all else is as it was.

What a reader cannot see is taken out. Tags like ours, control tokens of chat templates and names of roles at the
beginning of a line get a stand-in for one sign; code, HTML and e-mails stay recognizable. It is the second layer:
what keeps words in their place is a fence whose boundary nobody could know, see prompts/fence.py.
"""

from __future__ import annotations

import re

from answerable.text.canonical import canonicalize

# Letters, signs and punctuation that a reader sees, as most texts have them alone: nothing to take out.
_SEEN = re.compile(
    r"[\t\n\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u052f\u2010-\u2027\u2030-\u205e\u20a0-\u20cf\u2100-\u245f]*"
)
_NAMES = (
    "source|question|context|history|passages?|material|conversation|document|boundary|system|user|assistant|developer"
    "|human|instructions?|prompt|rules|sys|inst|begin_of_\\w{1,20}|end_of_\\w{1,20}|start_of_\\w{1,20}|start_header_id"
    "|end_header_id|im_start|im_end|eot_id|bos|eos|unk|pad|tool_calls?|tool_response|think"
)
_BLANK = r"\s{0,16}"
_TAG = re.compile(
    rf"[<＜﹤](?={_BLANK}[/|｜]?{_BLANK}(?:{_NAMES})\b"  # a tag with one of these names
    r"|[|｜]|/?s>"  # a control token between bars, the beginning and the end of a text
    r"|/?[\w-]{1,40}[^<>\n]{0,200}[ \"][0-9a-f]{8,16}\"?>)",  # a tag that ends in a boundary
    re.I,
)
_BRACKET = re.compile(
    rf"[\[［【]({_BLANK}/?{_BLANK}(?:inst|sys|system(?:_prompt)?|user|assistant|available_tools|tool_\w{{1,10}}|gmask|eot)"
    rf"{_BLANK})[\]］】]",
    re.I,
)
_ROLES = (
    "system|user|assistant|human|developer|benutzer|assistent|entwickler|sistema|usuario|asistente|système|utilisateur"
    "|utente|assistente|usuário|система|пользователь|ассистент|系统|系統|用户|用戶|助手|システム|ユーザー|アシスタント|시스템|사용자"
)
_BEFORE = r"[ \t>#*_~=|\"'(‹«„“-]{0,12}"
_ROLE = re.compile(
    rf"^({_BEFORE}(?:{_ROLES})[*_\"'»“”)›>]{{0,4}})[ \t]{{0,8}}[:：﹕︓][ \t:：﹕︓]{{0,4}}", re.I | re.M
)
_HEADING = re.compile(
    r"^([ \t]{0,3})#+"
    r"(?=[ \t]{0,4}(?:instructions?|response|input|system|user|assistant|human)\b[ \t]{0,4}(?:[:：]|$))",
    re.I | re.M,
)
_DIVIDER = re.compile(
    rf"^[ \t]{{0,8}}[-=—–]{{2,40}}[ \t]{{0,8}}({_ROLES})[ \t]{{0,8}}[-=—–]{{2,40}}[ \t]{{0,8}}$", re.I | re.M
)


def inert(text: str) -> str:
    """The text as a reader sees it, without look-alikes; lines end in \\n. Doing it twice changes nothing more."""
    plain = text if _SEEN.fullmatch(text) else _seen(text)
    plain = _BRACKET.sub(r"(\1)", _TAG.sub("‹", plain))
    plain = _HEADING.sub(r"\1§", _DIVIDER.sub(r"– \1 –", plain))
    return _ROLE.sub(r"\1 – ", plain)


def _seen(text: str) -> str:
    whole = text.encode("utf-8", "replace").decode()  # half of a surrogate pair is no character
    return canonicalize(whole).text.replace("\r\n", "\n").replace("\r", "\n")


def inert_line(text: str) -> str:
    """The same on one line: of a title, or another thing told about a text."""
    return " ".join(inert(text).split())
