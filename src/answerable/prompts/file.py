"""Prompt files: YAML front matter, then the system part, then a line `--- user ---`, then the user part."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from answerable.core.errors import ConfigError
from answerable.core.identity import sha256_hex
from answerable.prompts.fence import Style
from answerable.prompts.front import composed
from answerable.prompts.include import Read, expand, reader, shipped_part
from answerable.prompts.prompt import USER_PART, Input, Prompt, Trust
from answerable.prompts.template import names

_FRONT = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
_SHAPE = f"a prompt file is: ---, YAML, ---, the system part, a line {USER_PART!r}, the user part"
_MOST_SAID = 2_000  # characters of what is wrong with a front matter: a thousand faults are one
_Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
STANDARD = {
    "question": Trust.USER,
    "history": Trust.USER,
    "context": Trust.DOCUMENT,
    "passages": Trust.DOCUMENT,
    "material": Trust.DOCUMENT,
    "scope": Trust.OPERATOR,
    "criterion": Trust.OPERATOR,
    **dict.fromkeys(("language", "today", "boundary", "canary", "token", "count"), Trust.SYSTEM),
}  # whose words a value is, where a file only names its inputs


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
    owner: _Text
    purpose: _Text
    inputs: dict[str, str] | list[_Text]
    route: _Text = "answer"
    handles: dict[str, str] = Field(default_factory=dict)
    change: str = ""
    allow: dict[str, _Text] = Field(default_factory=dict)  # lint rule → why it is put aside here
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    max_output_tokens: Annotated[int, Field(ge=1)] | None = None


def load(path: Path) -> Prompt:
    """The prompt in a file. Raises ConfigError, naming the file and what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        hint = "save it as UTF-8" if isinstance(exc, UnicodeDecodeError) else "check the path"
        raise ConfigError(f"the prompt file {path} cannot be read: {exc}", hint=hint) from exc
    return parse(text, where=str(path), read=reader(path.parent))


def parse(text: str, *, where: str, read: Read = shipped_part) -> Prompt:
    """The prompt in a file's text; `where` is named in errors, `read` gives the parts that it includes.

    Raises ConfigError.
    """
    text = text.replace("\r\n", "\n")
    if not text.isascii() and text.encode("utf-8", "replace").decode() != text:
        raise ConfigError(f"{where} is no text: it has half of a surrogate pair", hint="save it as UTF-8")
    match = _FRONT.match(text)
    if match is None:
        raise ConfigError(f"{where} has no front matter", hint=_SHAPE)
    front, head = _front_matter(match[1], where), text[: match.start(2)]
    full = expand(match[2], where=where, read=read, first_line=head.count("\n") + 1)
    body = full.text
    if body.count(f"\n{USER_PART}\n") != 1:
        raise ConfigError(f"{where} has no two parts", hint=_SHAPE)
    inputs = _inputs(front.inputs, where)
    _check_inputs(inputs, body, where)
    return Prompt(
        id=front.id,
        version=front.version,
        owner=front.owner,
        purpose=front.purpose,
        inputs=inputs,
        body=body,
        sha256=sha256_hex(head + body),
        route=front.route,
        handles=front.handles,
        change=front.change,
        temperature=front.temperature,
        max_output_tokens=front.max_output_tokens,
        source=text,
        text=head + body,
        includes=full.parts,
        where=where,
    )


def _front_matter(text: str, where: str) -> _FrontMatter:
    try:
        return _FrontMatter.model_validate(composed(text)[1])
    except (yaml.YAMLError, ValidationError) as exc:
        told = _broken(exc) if isinstance(exc, yaml.YAMLError) else "; ".join(map(_wrong, exc.errors()))
        told = told if len(told) <= _MOST_SAID else f"{told[:_MOST_SAID]} …"
        raise ConfigError(f"the front matter of {where} is wrong: {told}", hint=_SHAPE) from exc


def _broken(error: yaml.YAMLError) -> str:
    """What is no YAML, with the file's line, which is one more than that of the front matter."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return str(error)
    mark = error.problem_mark
    return f"{f'line {mark.line + 2}: ' if mark else ''}{error.problem}"


def _wrong(error: ErrorDetails) -> str:
    key = ".".join(str(part) for part in error["loc"]) or "all of it"
    if error["type"] == "missing":
        return f"{key} is missing"
    if error["type"] == "extra_forbidden":
        return f"there is no key {key}; known are {', '.join(_FrontMatter.model_fields)}"
    if error["loc"] == ("version",):
        return f"version is {error['input']!r}, not three numbers such as 1.0.0"
    return f"{key}: {error['msg'][:1].lower()}{error['msg'][1:]}"


def _inputs(told: dict[str, str] | list[str], where: str) -> tuple[Input, ...]:
    given = told if isinstance(told, dict) else {name: STANDARD.get(name, "") for name in told}
    known = [one.value for one in Trust]
    if wrong := sorted(name for name, trust in given.items() if trust not in known):
        raise ConfigError(
            f"{where} does not say whose words {', '.join(wrong)} is",
            hint=f"inputs: {{{wrong[0]}: user}}; one of {', '.join(known)}",
        )
    return tuple(Input(name=name, trust=Trust(trust)) for name, trust in given.items())


def _check_inputs(inputs: tuple[Input, ...], body: str, where: str) -> None:
    used, declared = names(body), frozenset(one.name for one in inputs)
    if undeclared := sorted(used - declared):
        raise ConfigError(f"{where} uses {', '.join(undeclared)}", hint="add it to `inputs`, or take it out")
    if unused := sorted(declared - used):
        raise ConfigError(f"{where} does not use its input {', '.join(unused)}", hint="use it, or take it out")
    if Style.MARKS in declared and (inline := _inline(inputs, body)):
        raise ConfigError(f"{where} has {', '.join(inline)} within a line", hint="marked lines stand on their own")


def _inline(inputs: tuple[Input, ...], body: str) -> list[str]:
    """The fenced inputs that share a line with other words."""
    lines, fenced = body.split("\n"), [one.name for one in inputs if one.fenced]
    used = {name: len(re.findall(rf"\{{\{{-? *{name}\b", body)) for name in fenced}
    return [name for name in fenced if used[name] > sum(line == f"{{{{ {name} }}}}" for line in lines)]
