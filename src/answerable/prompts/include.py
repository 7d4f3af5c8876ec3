"""Parts that several prompts share: a line `{% include "parts/marked.md" %}` stands for that file's text.

Resolved as text when a prompt is loaded, before anything is filled: from the folder of the prompt, then from the
shipped one. A part may include parts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from answerable.core.errors import ConfigError
from answerable.core.identity import sha256_hex

Read = Callable[[str], str | None]  # the text of a part, by its name; None where there is none

MOST_DEEP = 4  # parts in parts: nobody follows more
MOST_CHARS = 100_000  # of a prompt with all its parts; the longest shipped one has 4,000
_LINE = re.compile(r"""^\{%-?\s*include\s+(?:"([^"\n]*)"|'([^'\n]*)')\s*-?%\}[ \t]*$""")
_OTHER = re.compile(r"\{%-?\s*(?:include|import|from|extends|block)\b")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(?:/[a-z0-9][a-z0-9_-]*)*\.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """A text with its parts put in. `parts`: the SHA-256 of each part's own text, by name."""

    text: str
    parts: Mapping[str, str]


def expand(text: str, *, where: str, read: Read, first_line: int = 1) -> Expanded:
    """Raises ConfigError with file and line for a part that is not there, holds itself, or is too much."""
    work = _Expansion(read=read)
    full = work.expanded(text, where, first_line, ())
    return Expanded(text=full, parts=dict(sorted(work.parts.items())))


def shipped_part(name: str) -> str | None:
    """A part that ships with the package."""
    if not _NAME.fullmatch(name):
        return None
    file = library().joinpath(name)
    return file.read_text(encoding="utf-8") if file.is_file() else None


def reader(folder: Path | None) -> Read:
    """Parts of a folder, then the shipped ones. A link that leads out of the folder is none of its files."""
    if folder is None:
        return shipped_part

    def read(name: str) -> str | None:
        path, base = (folder / name).resolve(), folder.resolve()
        if not path.is_file() or not path.is_relative_to(base):
            return shipped_part(name)
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as exc:
            raise ConfigError(f"the prompt's part {path} cannot be read: {exc}", hint="check the path") from exc

    return read


def library() -> Traversable:
    """The folder of the shipped prompts."""
    return resources.files("answerable.prompts").joinpath("library")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Expansion:
    read: Read
    parts: dict[str, str] = field(default_factory=dict)

    def expanded(self, text: str, where: str, first_line: int, above: tuple[str, ...]) -> str:
        lines = []
        for number, line in enumerate(text.split("\n"), first_line):
            match = _LINE.match(line)
            if match is None and _OTHER.search(line):
                raise _error(f"{where}:{number} includes in a way that is not known")
            lines.append(line if match is None else self._part(match[1] or match[2], f"{where}:{number}", above))
        full = "\n".join(lines)
        if len(full) > MOST_CHARS:
            raise _error(f"{where} has more than {MOST_CHARS:,} characters with all that it includes")
        return full

    def _part(self, name: str, where: str, above: tuple[str, ...]) -> str:
        if not _NAME.fullmatch(name):
            raise _error(f"{where} includes {name!r}, which is no name of a part")
        if name in above:
            raise _error(f"{where} includes {name}, which holds this line: {' > '.join((*above, name))}")
        if len(above) >= MOST_DEEP:
            raise _error(f"{where} includes {name} more than {MOST_DEEP} deep: {' > '.join((*above, name))}")
        text = self.read(name)
        if text is None:
            raise _error(f"{where} includes {name}, which is neither in the folder nor shipped")
        text = text.replace("\r\n", "\n").strip("\n")
        if text.startswith("---\n"):
            raise _error(f"{where} includes {name}, which has front matter: a part is text alone")
        self.parts[name] = sha256_hex(text)
        return self.expanded(text, name, 1, (*above, name))


def _error(message: str) -> ConfigError:
    return ConfigError(
        message, hint='a line of its own: {% include "parts/marked.md" %}, a file beside the prompt'
    )
