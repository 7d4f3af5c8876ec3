"""Files of behavior cases: a project's prompts/tests/ID.yaml and prompts/tests/ID/*.yaml, and the shipped ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from answerable.core.errors import ConfigError
from answerable.evals.behavior.case import BehaviorCase
from answerable.evals.behavior.schema import CasesFile, to_case
from answerable.evals.cases.explaining import explain
from answerable.evals.cases.problems import Problem
from answerable.evals.cases.text import Parsed, TextError, parse_yaml

_SUFFIXES = (".yaml", ".yml")
_SHOWN = 5  # problems in one error
_MAX_BYTES = 2_000_000  # of one file


def cases_in(folder: Path | None, prompt_id: str) -> tuple[BehaviorCase, ...]:
    """A prompt's cases: those in the folder (`prompts/tests`), else the shipped ones, else none; in file order.

    Raises ConfigError naming file, line, key, cause and fix.
    """
    own = case_paths(folder, prompt_id) if folder else []
    if own:
        return _read([(str(path), _text(path)) for path in own], prompt_id)
    return shipped_cases(prompt_id)


def shipped_cases(prompt_id: str) -> tuple[BehaviorCase, ...]:
    """The cases that ship with the package for a shipped prompt; none for another one."""
    entry = resources.files("answerable.prompts").joinpath("tests", f"{prompt_id}.yaml")
    if not entry.is_file():
        return ()
    return _read([(f"shipped tests/{prompt_id}.yaml", entry.read_text(encoding="utf-8"))], prompt_id)


def case_paths(folder: Path, prompt_id: str) -> list[Path]:
    """The files of a prompt's cases in a folder, in order; none where there are none."""
    alone = [path for suffix in _SUFFIXES if (path := folder / f"{prompt_id}{suffix}").is_file()]
    inside = (
        path
        for path in (folder / prompt_id).glob("*")
        if path.suffix in _SUFFIXES and not path.name.startswith(".")
    )
    return [*alone, *sorted(inside)]


def _read(texts: Iterable[tuple[str, str]], prompt_id: str) -> tuple[BehaviorCase, ...]:
    cases: list[BehaviorCase] = []
    problems: list[Problem] = []
    for where, text in texts:
        read = _read_file(where, text, prompt_id)
        if isinstance(read, list):
            problems.extend(read)
        else:
            cases.extend(read)
    problems.extend(_repeated(cases))
    if problems:
        raise _refusal(problems)
    return tuple(cases)


def _read_file(where: str, text: str, prompt_id: str) -> tuple[BehaviorCase, ...] | list[Problem]:
    try:
        parsed = parse_yaml(text)
        given = CasesFile.model_validate(parsed.value)
    except TextError as error:
        return [Problem(path=Path(where), line=error.line, key=error.key, cause=str(error), fix=error.fix)]
    except ValidationError as error:
        return [_problem(where, parsed, one) for one in error.errors() if one["loc"] != ("cases",)] or [
            Problem(path=Path(where), cause="has no cases", fix="cases: [{id: …, category: …, expect: …}]")
        ]
    if given.prompt not in (None, prompt_id):
        cause = f"holds cases of {given.prompt!r}, and its place says {prompt_id!r}"
        return [Problem(path=Path(where), line=parsed.line(("prompt",)), key="prompt", cause=cause, fix="move it")]
    return tuple(
        to_case(case, where=f"{where}:{parsed.line(('cases', place))}") for place, case in enumerate(given.cases)
    )


def _problem(where: str, parsed: Parsed, error: Any) -> Problem:
    location = [part for part in error["loc"] if part != "[key]"]
    cause, fix = explain(error, location, model=CasesFile)
    key = ".".join(map(str, location))
    return Problem(path=Path(where), line=parsed.line(location), key=key, cause=cause, fix=fix)


def _repeated(cases: Sequence[BehaviorCase]) -> list[Problem]:
    first: dict[str, BehaviorCase] = {}
    found = []
    for case in cases:
        other = first.setdefault(case.id, case)
        if other is not case:
            where, _, line = case.where.rpartition(":")
            cause = f"{case.id!r} is the id of another case: {other.where}"
            found.append(Problem(path=Path(where), line=int(line), key="id", cause=cause, fix="give one a new id"))
    return found


def _refusal(problems: Sequence[Problem]) -> ConfigError:
    lines = [str(one) for one in problems[:_SHOWN]]
    if len(problems) > _SHOWN:
        lines.append(f"and {len(problems) - _SHOWN} more")
    return ConfigError("\n".join(lines), hint=problems[0].fix or "docs/prompts/behavior.md shows a case")


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ConfigError(
                f"{path} is larger than {_MAX_BYTES:,} bytes", hint="split it: prompts/tests/ID/*.yaml"
            )
        return path.read_bytes().decode("utf-8-sig")
    except OSError as exc:
        raise ConfigError(f"{path} cannot be read: {exc.strerror}", hint="check its rights") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path} is not UTF-8: byte {exc.start}", hint="save it as UTF-8") from exc
