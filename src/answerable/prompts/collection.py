"""The prompts of a project: the files in its folder, and the shipped ones that it has no file for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from answerable.core.errors import ConfigError
from answerable.prompts.file import load, parse
from answerable.prompts.include import library
from answerable.prompts.prompt import Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """By id. `folder`, which need not be there, holds the project's own: ID.md, in the place of the shipped one of
    that name, and ID@VERSION.md, a version that is served beside it."""

    folder: Path | None = None

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
        """A file that serves in the place of the shipped prompt `of`.

        Temperature and length are as there where the file leaves them open. Raises ConfigError.
        """
        own = load(path)
        if of not in shipped():
            return own
        stock = load_library(of)
        return replace(
            own,
            temperature=stock.temperature if own.temperature is None else own.temperature,
            max_output_tokens=own.max_output_tokens or stock.max_output_tokens,
        )

    def path(self, name: str) -> Path | None:
        """The project's own file of that name; None where it has none."""
        path = self.folder / f"{name}.md" if self.folder else None
        return path if path is not None and path.is_file() else None

    def ids(self) -> Sequence[str]:
        """Of all prompts that are served or could be, sorted; without versions that stand beside another one."""
        own = [path.stem for path in self.folder.glob("*.md") if path.is_file()] if self.folder else []
        return sorted({*shipped(), *(name for name in own if "@" not in name and name != "README")})


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
