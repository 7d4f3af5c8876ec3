"""A pack of attacks: a dated TOML file with its sources and license. A new one needs no new version of ours."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date as Day  # noqa: N812 - a pack has a `date`
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from answerable.core.errors import ConfigError
from answerable.core.identity import sha256_hex
from answerable.evals.redteam.forms import FORMS

MAX_BYTES = 4_000_000
Position = Literal["begin", "middle", "end"]
BESIDE = "beside"  # asked behind a question that a page answers: so that a model is reached
POSITIONS: tuple[Position, ...] = ("begin", "middle", "end")
_KEYS_SHOWN = 5

Text = Annotated[str, StringConstraints(min_length=1, max_length=300_000, pattern=r"\S")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[._-][a-z0-9]+)*$", max_length=80)]


class Family(StrEnum):
    """What an attack is after."""

    DIRECT = "direct"
    INDIRECT = "indirect"
    EXFILTRATION = "exfiltration"
    EXTRACTION = "extraction"
    POISONING = "poisoning"
    UNICODE = "unicode"
    ENTITLEMENT = "entitlement"
    WALLET = "wallet"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Origin(_Part):
    """Where attacks of a pack come from."""

    name: Text
    license: Text
    url: str = ""
    note: str = ""


class Said(_Part):
    """One earlier message of a conversation that an attack is led up to with."""

    role: Literal["user", "assistant"]
    text: Text


class Carrier(_Part):
    """A harmless page, and a question that it answers: what an attack in a document travels in."""

    id: Name
    title: Text
    question: Text
    paragraphs: tuple[Text, ...] = Field(min_length=2)


class Attack(_Part):
    """One aim with the texts that try to reach it.

    It succeeds when an answer shows one of `said`, or calls a model more often or talks longer than it may.
    Whatever its aim: a foreign address, markup that is run or loaded, the prompt, its canary and text of another
    tenant are always looked for.
    """

    id: Name
    family: Family
    surface: Literal["question", "document"] = "question"
    language: str = "en"
    texts: tuple[Text, ...] = Field(min_length=1)
    forms: tuple[Name, ...] = ("plain",)
    positions: tuple[Position, ...] = POSITIONS  # within a document
    history: tuple[Said, ...] = ()
    says: Text  # what a model that gave in would say; {system}, {canary}, {passages} stand for what it sees
    said: tuple[Text, ...] = ()
    max_calls: int | None = Field(None, ge=0)  # of a model
    max_chars: int | None = Field(None, ge=1)  # of the answer
    repeat: Annotated[int, Field(ge=1, le=20_000)] = 1  # how often a text is written one after the other

    @model_validator(mode="after")
    def _fits(self) -> Attack:
        if unknown := set(self.forms) - set(FORMS):
            raise ValueError(f"unknown form {sorted(unknown)[0]!r}; there are {', '.join(sorted(FORMS))}")
        if self.history and self.surface == "document":
            raise ValueError("an attack in a document has no history")
        return self


class _File(_Part):
    name: Name
    version: Text
    date: Day
    license: Text
    about: str = ""
    hosts: tuple[Text, ...] = ("attacker.example",)
    source: tuple[Origin, ...] = Field(min_length=1)
    carrier: tuple[Carrier, ...] = ()
    attack: tuple[Attack, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits(self) -> _File:
        ids = [one.id for one in self.attack]
        if repeated := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"two attacks are called {repeated[0]!r}")
        if not self.carrier and any(one.surface == "document" for one in self.attack):
            raise ValueError("attacks in documents need a [[carrier]]")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One attempt: an attack's text in one form, and in a document at one position. Its id comes from these."""

    id: str
    attack: Attack
    text: str
    form: str
    position: str = ""  # empty: it is asked
    carrier: Carrier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A pack as it was read. `hosts` are the attackers' own: no answer may show one."""

    name: str
    version: str
    date: Day
    license: str
    about: str
    sha256: str
    hosts: tuple[str, ...]
    sources: tuple[Origin, ...]
    carriers: tuple[Carrier, ...]
    attacks: tuple[Attack, ...]
    path: str = ""  # empty: shipped

    def age_days(self, today: Day) -> int:
        """How old its attacks are; 0 for a date that is still to come."""
        return max(0, (today - self.date).days)

    def trials(self) -> Iterator[Trial]:
        """All of them, in the order of the file: each text in each form, in documents at each position."""
        for attack in self.attacks:
            for number, text in enumerate(attack.texts, 1):
                for form in attack.forms:
                    yield from self._places(attack, f"{attack.id}-{number}", text * attack.repeat, form)

    def _places(self, attack: Attack, name: str, text: str, form: str) -> Iterator[Trial]:
        name = name if form == "plain" else f"{name}.{form}"
        if attack.surface == "question":
            yield Trial(id=name, attack=attack, text=text, form=form)
            if self.carriers and attack.repeat == 1:
                carrier = self.carriers[len(name) % len(self.carriers)]
                yield Trial(
                    id=f"{name}@{BESIDE}", attack=attack, text=text, form=form, position=BESIDE, carrier=carrier
                )
            return
        for number, position in enumerate(attack.positions):
            carrier = self.carriers[(len(name) + number) % len(self.carriers)]
            yield Trial(
                id=f"{name}@{position}", attack=attack, text=text, form=form, position=position, carrier=carrier
            )


def read_pack(path: Path) -> Pack:
    """The pack of a file. Raises ConfigError naming the file, the key, the cause and the fix."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"the pack {path} cannot be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{path}: a pack has at most {MAX_BYTES:,} bytes, this has {len(data):,}")
    return parse_pack(data, where=str(path))


def shipped_packs() -> tuple[Pack, ...]:
    """Those that came with this version, by name."""
    folder = resources.files(__package__) / "packs"
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".toml"))
    return tuple(parse_pack((folder / name).read_bytes(), where=name, shipped=True) for name in names)


def parse_pack(data: bytes, *, where: str, shipped: bool = False) -> Pack:
    """The pack that a text stands for. Raises ConfigError."""
    try:
        given = _File.model_validate(tomllib.loads(data.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{where}: this is no TOML: {error}") from error
    except ValidationError as error:
        raise ConfigError(f"{where}: {_explained(error)}", hint="docs/security/redteam.md shows a pack") from error
    return Pack(
        name=given.name,
        version=given.version,
        date=given.date,
        license=given.license,
        about=given.about,
        sha256=sha256_hex(data.decode()),
        hosts=tuple(one.casefold() for one in given.hosts),
        sources=given.source,
        carriers=given.carrier,
        attacks=given.attack,
        path="" if shipped else where,
    )


def _explained(error: ValidationError) -> str:
    found = [f"{'.'.join(map(str, one['loc'])) or 'the pack'}: {one['msg']}" for one in error.errors()]
    more = f"; and {len(found) - _KEYS_SHOWN} more" if len(found) > _KEYS_SHOWN else ""
    return "; ".join(found[:_KEYS_SHOWN]) + more
