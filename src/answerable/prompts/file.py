"""Prompt files: YAML front matter, then the system part, then a line `--- user ---`, then the user part."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from answerable.core.errors import ConfigError
from answerable.core.identity import sha256_hex
from answerable.prompts.prompt import USER_PART, Prompt
from answerable.prompts.render import render
from answerable.prompts.template import names

__all__ = ["Prompt", "load", "load_library", "parse", "render"]

_FRONT = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
_SHAPE = f"a prompt file is: ---, YAML, ---, the system part, a line {USER_PART!r}, the user part"
_Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
    owner: _Text
    purpose: _Text
    inputs: list[_Text]
    route: _Text = "answer"
    handles: dict[str, str] = Field(default_factory=dict)
    change: str = ""


def load(path: Path) -> Prompt:
    """The prompt in a file. Raises ConfigError, naming the file and what is wrong with it."""
    try:
        return parse(path.read_text(encoding="utf-8"), where=str(path))
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"the prompt file {path} cannot be read: {exc}", hint="check the path") from exc


def load_library(name: str) -> Prompt:
    """A prompt that ships with the package, e.g. `answer`. Raises ConfigError for an unknown one."""
    library = resources.files("answerable.prompts").joinpath("library")
    known = sorted(entry.name.removesuffix(".md") for entry in library.iterdir() if entry.name.endswith(".md"))
    if name not in known:
        raise ConfigError(
            f"no prompt is called {name!r}; there are: {', '.join(known)}", hint="check answer.prompt"
        )
    return parse(library.joinpath(f"{name}.md").read_text(encoding="utf-8"), where=f"library/{name}.md")


def parse(text: str, *, where: str) -> Prompt:
    """The prompt in a file's text; `where` is named in errors. Raises ConfigError."""
    text = text.replace("\r\n", "\n")
    match = _FRONT.match(text)
    if match is None:
        raise ConfigError(f"{where} has no front matter", hint=_SHAPE)
    front, body = _front_matter(match[1], where), match[2]
    if body.count(f"\n{USER_PART}\n") != 1:
        raise ConfigError(f"{where} has no two parts", hint=_SHAPE)
    _check_inputs(front, body, where)
    return Prompt(
        id=front.id,
        version=front.version,
        owner=front.owner,
        purpose=front.purpose,
        inputs=tuple(front.inputs),
        body=body,
        sha256=sha256_hex(text),
        route=front.route,
        handles=front.handles,
        change=front.change,
    )


def _front_matter(text: str, where: str) -> _FrontMatter:
    try:
        return _FrontMatter.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, ValidationError) as exc:
        raise ConfigError(f"the front matter of {where} is wrong: {exc}", hint=_SHAPE) from exc


def _check_inputs(front: _FrontMatter, body: str, where: str) -> None:
    used, declared = names(body), frozenset(front.inputs)
    if undeclared := sorted(used - declared):
        raise ConfigError(f"{where} uses {', '.join(undeclared)}", hint="add it to `inputs`, or take it out")
    if unused := sorted(declared - used):
        raise ConfigError(f"{where} does not use its input {', '.join(unused)}", hint="use it, or take it out")
