"""The prompts of a project: the files in its folder, and the shipped ones that it has no file for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from answerable.core.errors import ConfigError
from answerable.prompts.file import load, parse
from answerable.prompts.include import library
from answerable.prompts.prompt import Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """By id. `folder`, which need not be there, holds the project's own: ID.md, in the place of the shipped one of
    that name, and ID@VERSION.md, a version that is served beside it.

    A file that is `named` for an id goes over both, and has to be there.
    """

    folder: Path | None = None
    named: Mapping[str, Path] = field(default_factory=dict)

    def get(self, name: str) -> Prompt:
        """`answer`, or `answer@2.3.0`. Raises ConfigError where there is none, and for a file that is none."""
        id_, _, version = name.partition("@")
        if (path := self.path(name)) is not None:
            return self.load(path, of=id_)
        found = self.load(path, of=id_) if (path := self.path(id_)) else load_library(id_)
        if version and found.version != version:
            raise ConfigError(
                f"there is no file of {name}; {found.where} is {found.ref}",
                hint=f"`answerable prompt log {id_}` tells which versions git knows",
            )
        return found

    def load(self, path: Path, *, of: str) -> Prompt:
        """A file that serves in the place of the shipped prompt `of`. Raises ConfigError."""
        return in_place_of(load(path), of)

    def path(self, name: str) -> Path | None:
        """The project's own file of that name; None where it has none."""
        if name in self.named:
            return self.named[name]
        inside = Path(name).name == name and "\0" not in name and "\\" not in name  # a name, never a way to a file
        path = self.folder / f"{name}.md" if self.folder and inside else None
        return path if path is not None and path.is_file() else None

    def ids(self) -> Sequence[str]:
        """Of all prompts that are served or could be, sorted; without versions that stand beside another one."""
        own = [path.stem for path in self.folder.glob("*.md") if path.is_file()] if self.folder else []
        return sorted({*shipped(), *(name for name in own if "@" not in name and name != "README")})


def in_place_of(own: Prompt, id_: str) -> Prompt:
    """Where a prompt leaves temperature and length open, they are those of the shipped one, if there is one."""
    if id_ not in shipped():
        return own
    stock = load_library(id_)
    return replace(
        own,
        temperature=stock.temperature if own.temperature is None else own.temperature,
        max_output_tokens=own.max_output_tokens or stock.max_output_tokens,
    )


def shipped() -> Sequence[str]:
    """The ids of the prompts that ship with the package, sorted."""
    return sorted(entry.name.removesuffix(".md") for entry in library().iterdir() if entry.name.endswith(".md"))


def load_library(name: str) -> Prompt:
    """A prompt that ships with the package, e.g. `answer`. Raises ConfigError for an unknown one."""
    if name not in (known := shipped()):
        raise ConfigError(
            f"no prompt is called {name!r}; these ship: {', '.join(known)}",
            hint="a file prompts/ID.md makes one of your own; `answerable prompt list` shows all",
        )
    text = library().joinpath(f"{name}.md").read_text(encoding="utf-8")
    return parse(text, where=f"library/{name}.md")
