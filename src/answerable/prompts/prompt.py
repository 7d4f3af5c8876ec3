"""A prompt as its file has it: who it is, what it needs and whose words that is, and the two parts for a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from answerable.prompts.fence import Style

USER_PART = "--- user ---"  # the line between the system part and the user part
FAILURES = ("empty_context", "language", "adversarial", "contradiction", "multi_step")
"""The five classic failures; a prompt's contract says of each how it is handled."""


class Trust(StrEnum):
    """Whose words a value is. What users and documents say is shown as data, behind a fence."""

    SYSTEM = "system"  # made by this program: a day, a language's code, a token
    OPERATOR = "operator"  # of those who run the assistant: its scope, a criterion
    USER = "user"  # of whoever asks
    DOCUMENT = "document"  # found in a document, or said by a model


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A value that a prompt needs."""

    name: str
    trust: Trust

    @property
    def fenced(self) -> bool:
        """Whether it is data that may try to be more."""
        return self.trust in (Trust.USER, Trust.DOCUMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """Unrendered. `sha256` is of the file and all that it includes, line ends as \\n: the same on every system."""

    id: str
    version: str
    owner: str
    purpose: str
    inputs: tuple[Input, ...]  # every one is used in the body, and nothing else is
    body: str
    sha256: str
    route: str = "answer"
    handles: Mapping[str, str] = field(default_factory=dict)  # failure → how it is handled
    change: str = ""  # what this version does that the one before did not
    temperature: float | None = None  # None: the configuration's
    max_output_tokens: int | None = None
    source: str = ""  # the file's text
    text: str = ""  # the same with all that it includes: what `sha256` is of
    where: str = ""  # the file, for people
    includes: Mapping[str, str] = field(default_factory=dict)  # name → sha256

    @property
    def ref(self) -> str:
        """`id@version`."""
        return f"{self.id}@{self.version}"

    @property
    def names(self) -> frozenset[str]:
        """Of its inputs."""
        return frozenset(one.name for one in self.inputs)

    @property
    def style(self) -> Style:
        """How its untrusted values are fenced: by marks where it tells its model a token, else by tags."""
        return Style.MARKS if Style.MARKS in self.names else Style.TAGS

    @property
    def system(self) -> str:
        """The template of the system part."""
        return self.body.partition(f"\n{USER_PART}\n")[0].strip()

    @property
    def user(self) -> str:
        """The template of the user part."""
        return self.body.partition(f"\n{USER_PART}\n")[2].strip()
