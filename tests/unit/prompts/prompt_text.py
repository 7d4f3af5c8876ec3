"""Finds text for a model that is in no prompt file: a checker of Python source, to prove that there is none."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LONG = 200  # characters
_SHORT = 10  # no order is shorter
# Where each of these may be made: the renderer, the reader of prompt files, and nowhere else.
MAKERS = {
    "Rendered": ("prompts/render.py",),
    "Seal": ("prompts/render.py",),
    "Prompt": ("prompts/file.py",),
}
# Lists of single words, and of patterns that look for such text.
WORD_LISTS = ("text/statements/wording.py", "prompts/lint/")
_MAKING = re.compile(r"\b(?:Rendered|Seal|Prompt|parse)\(")
_REPLACED = ("system", "user", "seal", "body")  # what a finished prompt is made of
_REPLACING = re.compile(rf"\b(?:{'|'.join(_REPLACED)})\s*=")
_BETWEEN = re.compile(r"[\"'+()\s\\]+")  # the pieces of a literal that is broken up
_MESSAGE_KEYS = ("content", "system", "prompt", "input", "instructions", "text", "messages")
_TO_MODELS = ("adapters/models/", "adapters/rerankers/", "adapters/embedders/", "llm/")
# One of these is enough: somebody is told who to be. The scripts of the last ones have no spaces.
_ROLES = (
    r"\byou(?:'re| are) (?:a|an|the|now|my|our) (?:[\w-]+ ){0,5}"
    r"(?:assistant|agent|bot|chatbot|expert|judge|grader|model|ai|translator|writer|analyst|support|helper)\b"
    r"|\bact as (?:a|an|the)\b|\bpretend (?:to be|that you)\b|\byour (?:task|job|role) is\b"
    r"|\b(?:du bist|sie sind|eres|usted es|tu es|vous êtes|sei|você é|je bent|ты|вы) "
    r"(?:ein|eine|un|una|une|um|uma|een|—|-) ?(?:[\w-]+ ){0,4}"
    r"(?:\w*as+ist\w*|agent\w*|experte?\w*|ассистент|помощник)",
    r"你是|您是|あなたは|당신은|أنت مساعد",
)
# Two of these in one text, or one in a long one: somebody is told how to answer.
_ORDERS = (
    r"\b(?:answer|reply|respond) (?:only|with|in|to|using|briefly|from|the|as)\b",
    r"\b(?:do not|don't|never|always) "
    r"(?:make up|mention|answer|reply|invent|reveal|use|follow|guess|include|add)\b",
    r"\b(?:use|based on|from) (?:only )?the (?:following|given|provided|sources|context|passages)\b",
    r"\b(?:return|output|give|write) (?:only|exactly|a|an|one|the) "
    r"(?:\w+ ){0,2}(?:json|object|list|number|word|sentence|translation)",
    r"\b(?:the|this|following) (?:context|question|passages?|conversation|document)s?:?\s*(?:\{|%s|$)",
    r"\b(?:step by step|helpful and|be (?:brief|concise|polite|helpful))\b",
    r"\b(?:rate|score|grade|rank|judge|summari[sz]e|translate|rewrite|classify) "
    r"(?:the|this|each|it|these|following)\b",
    r"\b(?:beantworte|fasse|bewerte|übersetze|verwende nur)\b",
    r"\b(?:antworte|erfinde) (?:nur|nicht|kein|auf|in|mit)",
    r"\b(?:responde|contesta|resume|traduce|utiliza solo|no inventes)\b",
    r"\b(?:réponds|répondez|résume|résumez|traduis|n'invente)\b",
    r"\b(?:rispondi|riassumi|traduci|responda|resuma|antwoord|отвечай|ответь|переведи)\b",
    r"请|回答|質問に|答えて|要約",
)
_ROLE = re.compile("|".join(_ROLES), re.I)
_CUES = tuple(re.compile(order, re.I) for order in _ORDERS)
# All of them at once, for small letters: at the beginning of a word, and anywhere.
# Two passes cost a third of fifteen.
_SPACED, _UNSPACED = (
    re.compile(begin + "(?:" + "|".join(one.removeprefix(r"\b") for one in cues) + ")")
    for begin, cues in ((r"\b", (*_ROLES[:-1], *_ORDERS[:-1])), ("", (_ROLES[-1], _ORDERS[-1])))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Text for a model, or a way to make some, in a place that has none."""

    module: str  # its path under the package
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.what}"


def faults(source: str, module: str) -> list[Fault]:
    """All of a module, by line."""
    if not _suspect(source, module):
        return []
    nodes = list(ast.walk(ast.parse(source)))
    found = [*_made(nodes, module), *_said(nodes, module), *_sent(nodes, module)]
    return sorted(found, key=lambda one: one.line)


def _suspect(source: str, module: str) -> bool:
    """A look at the words alone, which costs a tenth: whether there can be anything at all."""
    if module.startswith(_TO_MODELS) or _MAKING.search(source):
        return True
    if "replace(" in source and _REPLACING.search(source):
        return True
    words = _BETWEEN.sub(" ", source).lower()
    return bool(_SPACED.search(words) or _UNSPACED.search(words))


def reads_like_a_prompt(text: str) -> bool:
    """Whether somebody is told who to be, or how to answer."""
    text = " ".join(text.split())
    if len(text) < _SHORT:
        return False
    orders = sum(bool(cue.search(text)) for cue in _CUES)
    return bool(_ROLE.search(text)) or orders > 1 or (orders == 1 and len(text) > LONG)


def _made(nodes: Sequence[ast.AST], module: str) -> Iterator[Fault]:
    """Prompts that are made by hand, and texts that are put into a finished one."""
    for node in nodes:
        if isinstance(node, ast.Call):
            yield from (Fault(module=module, line=node.lineno, what=what) for what in _making(node, module))


def _making(call: ast.Call, module: str) -> Iterator[str]:
    name = _name(call.func)
    if name in MAKERS and module not in MAKERS[name]:
        yield f"{name}(...) is made outside of {MAKERS[name][0]}"
    if name == "replace":
        changed = {one.arg for one in call.keywords} & {*_REPLACED}
        yield from (
            f"replace(..., {one}=) gives a finished prompt other words" for one in sorted(changed, key=str)
        )
    if name in ("parse", "_parse") and call.args and _words(call.args[0]):
        yield "a prompt file is made of a literal"


def _said(nodes: Sequence[ast.AST], module: str) -> Iterator[Fault]:
    """Literals that read like a prompt; a file's own documentation is none."""
    if module.startswith(WORD_LISTS):
        return
    silent: set[int] = set()
    for node in nodes:  # outer ones come before inner ones
        if _documents(node) or isinstance(node, ast.JoinedStr | ast.BinOp):
            silent |= {id(part) for part in ast.walk(node) if part is not node}
        if id(node) not in silent and (text := _words(node)) and reads_like_a_prompt(text):
            yield Fault(module=module, line=node.lineno, what=f"reads like a prompt: {text[:60]!r}")


def _documents(node: ast.AST) -> bool:
    """A docstring, also one below an assignment; or what a hint, a help text or a description says to people."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.keyword) and node.arg in ("hint", "help", "description", "epilog")


def _sent(nodes: Sequence[ast.AST], module: str) -> Iterator[Fault]:
    """Words of its own in what an adapter sends: in a message, or joined to one of a prompt's two parts."""
    if not module.startswith(_TO_MODELS):
        return
    for node in nodes:
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                told = isinstance(key, ast.Constant) and key.value in _MESSAGE_KEYS
                if told and any(_words(part) for part in _text_parts(value)):
                    yield Fault(
                        module=module, line=value.lineno, what=f"{key.value!r} holds words of the adapter's own"
                    )
        elif isinstance(node, ast.JoinedStr | ast.BinOp) and _words(node) and _uses_parts(node):
            yield Fault(module=module, line=node.lineno, what="words of its own are joined to a prompt")


def _text_parts(value: ast.expr) -> Iterator[ast.AST]:
    """What a message is made of, but for dicts within it: their keys and values are looked at for themselves."""
    if isinstance(value, ast.Dict):
        return
    yield value
    for child in ast.iter_child_nodes(value):
        if isinstance(child, ast.expr) and not isinstance(value, ast.Subscript | ast.Compare):
            yield from _text_parts(child)


def _uses_parts(node: ast.AST) -> bool:
    return any(isinstance(one, ast.Attribute) and one.attr in ("system", "user") for one in ast.walk(node))


def _words(node: ast.AST) -> str:
    """The text of a literal, {} for what is put into it; empty for all else, and without words."""
    if isinstance(node, ast.Constant):
        text = node.value if isinstance(node.value, str) else ""
    elif isinstance(node, ast.JoinedStr):
        text = "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        text = " ".join(filter(None, (_words(node.left), _words(node.right))))
    else:
        text = ""
    return text if any(map(str.isalpha, text.replace("{}", ""))) else ""


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
