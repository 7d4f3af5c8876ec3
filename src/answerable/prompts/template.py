"""Templates in a sandbox: values go in as text, and a template reaches nothing but its values.

What a prompt may say is little: a value, and what is shown only if. A template that strangers wrote, as in the
sandbox, so takes no more time and room than its length.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from answerable.core.errors import ConfigError

MOST_TAGS = 300  # {{ … }} and {% … %}; the shipped prompts have ten at most
MOST_WORDS = 40  # in one tag
MOST_DEEP = 6  # conditions in conditions
FILTERS = frozenset({"default", "d", "length", "count", "trim"})  # none that changes a fence, none that makes room
_HINT = f"{{{{ value }}}}, {{% if value %}}, and the filters {', '.join(sorted(FILTERS))}"
_STATEMENTS = frozenset({"", "if", "elif", "else", "endif"})
_KNOWN = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.CondExpr),
    *(nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand, nodes.Test, nodes.Filter),
)
_NAMED: dict[type[nodes.Node], str] = {nodes.Getattr: "attributes", nodes.Getitem: "items", nodes.Call: "calls"}
_UNREAD = frozenset({"data", "whitespace", "comment", "comment_begin", "comment_end", "raw_begin", "raw_end"})
_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, loader=None)
_environment.globals.clear()


def names(source: str) -> frozenset[str]:
    """The values that a template uses. Raises ConfigError when it is none, or does what no prompt needs."""
    try:
        _check_size(source)
        parsed = _environment.parse(source)
        _check_kinds(parsed)
        return frozenset(meta.find_undeclared_variables(parsed))
    except (TemplateError, ValueError) as exc:  # ValueError: a number of too many digits
        raise ConfigError(f"the prompt is no valid template: {exc}", hint="see the Jinja syntax") from exc


def fill(source: str, values: Mapping[str, str]) -> str:
    """The template with its values; what looks like a template inside a value stays text. Raises ConfigError."""
    try:
        return _compiled(source).render(values)
    except (TemplateError, ArithmeticError, TypeError) as exc:
        raise ConfigError(f"the prompt cannot be rendered: {exc}", hint="see the Jinja syntax") from exc


@lru_cache(maxsize=64)
def _compiled(source: str) -> Template:
    names(source)  # what is not known here is not compiled either: its constants would be computed
    return _environment.from_string(source)


def _check_size(source: str) -> None:
    """Before anything is parsed: the parser and what comes behind it call themselves for each level."""
    tags = deep = words = 0
    for line, kind, statement in _words(source):
        if kind in ("variable_begin", "block_begin"):
            tags, words = tags + 1, 0
        words += 1
        deep += (statement == "if") - (statement == "endif")
        if statement not in _STATEMENTS:
            raise _unknown(statement, line)
        for count, most, of in (
            (tags, MOST_TAGS, "tags"),
            (words, MOST_WORDS, "words in a tag"),
            (deep, MOST_DEEP, "conditions in one another"),
        ):
            if count > most:
                raise ConfigError(f"the prompt has more than {most} {of}, in line {line} of its text", hint=_HINT)


def _words(source: str) -> Iterator[tuple[int, str, str]]:
    """Line, kind, and the statement that it begins, of all within tags."""
    before = ""
    for line, kind, text in _environment.lex(source):
        if kind not in _UNREAD:
            yield line, kind, text if before == "block_begin" else ""
            before = kind


def _check_kinds(parsed: nodes.Template) -> None:
    for node in parsed.find_all(nodes.Node):
        if not isinstance(node, _KNOWN) or (isinstance(node, nodes.Filter) and node.name not in FILTERS):
            named = _NAMED.get(type(node)) or (node.name if isinstance(node, nodes.Filter) else "")
            raise _unknown(named or type(node).__name__.lower(), node.lineno)


def _unknown(what: str, line: int) -> ConfigError:
    return ConfigError(f"the prompt uses {what}, in line {line} of its text: no prompt needs that", hint=_HINT)
