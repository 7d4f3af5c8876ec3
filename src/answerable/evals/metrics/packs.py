"""A pack of known-bad patterns: a YAML file of rules, each a few phrases or one bounded expression.

Expressions are refused where they could backtrack without bound: no back-references, no repeat inside a long one,
no `+` or `*`, and few enough ways to match that the worst answer takes half a second, the usual one a millisecond.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from answerable.core.errors import ConfigError

MOST_WAYS = 2_000  # in which an expression may match from one place
UNBOUNDED = 20_000  # how many repeats `+` and `*` are: all that is read of an answer, from every place in it
_SHIPPED = "patterns-1.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One known-bad pattern."""

    id: str
    why: str
    expression: re.Pattern[str]
    unless_quoted: bool = False

    def find(self, text: str) -> str:
        """The first hit's words, or nothing."""
        match = self.expression.search(text)
        return match.group() if match else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A file of rules."""

    name: str
    version: int
    rules: tuple[Rule, ...]


class _RuleRow(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    why: Annotated[str, Field(min_length=1)]
    phrases: tuple[Annotated[str, Field(min_length=2)], ...] = ()
    expression: str = ""
    unless_quoted: bool = False

    @model_validator(mode="after")
    def _one_form(self) -> _RuleRow:
        if bool(self.phrases) == bool(self.expression):
            raise ValueError("give either phrases or an expression")
        return self


class _PackFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[str, Field(min_length=1)]
    version: Annotated[int, Field(ge=1)]
    rules: tuple[_RuleRow, ...]


@cache
def shipped() -> Pack:
    """The pack that comes with the product."""
    text = resources.files("answerable.evals.library").joinpath(_SHIPPED).read_text("utf-8")
    return _parsed(text, _SHIPPED)


def read_pack(path: Path) -> Pack:
    """A pack of your own. Raises ConfigError that names the file, and the rule where it is one."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}", hint="check [eval] patterns") from error
    return _parsed(text, str(path))


def _parsed(text: str, name: str) -> Pack:
    try:
        rows = _PackFile.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigError(
            f"{name}: not YAML: {error}", hint="see docs/evaluation/metrics.md for the form"
        ) from error
    except ValidationError as error:
        raise _wrong_form(name, text, error) from error
    ids = [row.id for row in rows.rules]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise ConfigError(f"{name}: rule {twice[0]}: the id is there twice", hint="give each rule its own id")
    return Pack(name=rows.name, version=rows.version, rules=tuple(_rule(row, name) for row in rows.rules))


def _wrong_form(name: str, text: str, error: ValidationError) -> ConfigError:
    first = error.errors()[0]
    where = [str(one) for one in first["loc"]]
    if len(where) > 1 and where[0] == "rules":
        where[:2] = [f"rule {_id_of(text, int(where[1]))}"]
    return ConfigError(
        f"{name}: {' → '.join(where) or 'file'}: {first['msg']}",
        hint="see docs/evaluation/metrics.md for the form",
    )


def _id_of(text: str, place: int) -> str:
    row = yaml.safe_load(text)["rules"][place]
    return str(row["id"]) if isinstance(row, dict) and "id" in row else f"number {place + 1}"


def _rule(row: _RuleRow, name: str) -> Rule:
    source = row.expression or "|".join(_phrase(one) for one in row.phrases)
    try:
        compiled = re.compile(source, re.I)
    except (re.error, OverflowError, RecursionError) as error:
        raise ConfigError(f"{name}: rule {row.id}: not an expression: {error}", hint="mend it") from error
    if row.expression and (fault := _fault(row.expression)):
        hint = "bound it: `.{0,40}` in the place of `.*`, `[0-9]{1,12}` in the place of `[0-9]+`"
        raise ConfigError(f"{name}: rule {row.id}: {fault}", hint=hint)
    return Rule(id=row.id, why=row.why, expression=compiled, unless_quoted=row.unless_quoted)


def _phrase(phrase: str) -> str:
    """Whole words, any apostrophe; the text's blanks are single."""
    words = re.escape(" ".join(phrase.split())).replace("'", "['’]")
    return rf"(?<!\w){words}(?!\w)"


def _fault(expression: str) -> str:
    """Why an expression may take too long, or nothing."""
    parser: Any = importlib.import_module("re._parser")  # the only place that knows an expression's structure
    try:
        ways = _ways(parser.parse(expression))
    except _RefusedError as refused:
        return str(refused)
    return "" if ways <= MOST_WAYS else "it can match in too many ways"


class _RefusedError(ValueError):
    """An expression holds what cannot be bounded."""


def _ways(items: Any) -> int:
    """An upper bound on the ways in which a sequence can match from one place."""
    total = 1
    for operation, argument in items:
        total = min(total * _ways_of(str(operation), argument), 10**9)
    return total


def _ways_of(operation: str, argument: Any) -> int:
    match operation:
        case "GROUPREF" | "GROUPREF_EXISTS":
            raise _RefusedError("back-references are not allowed")
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, most, inner = argument
            return _ways_of_repeat(int(least), int(most), _ways(inner))
        case "SUBPATTERN":
            return _ways(argument[3])
        case "BRANCH":
            return sum(_ways(one) for one in argument[1])
        case "ASSERT" | "ASSERT_NOT":
            return _ways(argument[1])
        case "ATOMIC_GROUP":
            return _ways(argument)
        case _:
            return 1


def _ways_of_repeat(least: int, most: int, inner: int) -> int:
    """Σ inner^n over the numbers of repeats."""
    if inner > 1 and most > 10:
        raise _RefusedError("a repeat inside a long repeat is not allowed")
    most = min(most, UNBOUNDED)
    return most - least + 1 if inner == 1 else sum(inner**n for n in range(least, most + 1))
