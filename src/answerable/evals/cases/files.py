"""Case files on the disk: a YAML file a case, or JSONL with a case a line."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from answerable.core.errors import ConfigError
from answerable.core.evaluation import EvalCase
from answerable.evals.cases.problems import Problem, refuse
from answerable.evals.cases.schema import check_case, read_case
from answerable.evals.cases.text import Parsed, TextError, parse_json, parse_yaml
from answerable.evals.cases.writing import edited, fresh, json_line

SUFFIXES = (".yaml", ".yml", ".jsonl")
_MAX_BYTES = 64_000_000  # of one file; a JSONL with a hundred thousand cases is half of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A case with the place it was read from. `line` is 0 where it is the only one in its file."""

    case: EvalCase
    path: Path
    line: int = 0


def load_cases(paths: Sequence[Path]) -> list[EvalCase]:
    """All cases of folders and files, by id. Raises ConfigError naming file, line, key, cause and fix."""
    filed, problems = read_suite(paths)
    if problems:
        raise refuse(problems)
    return [one.case for one in filed]


def read_suite(paths: Sequence[Path]) -> tuple[list[Filed], list[Problem]]:
    """Every case that can be read, by id, and every problem of the others. Raises ConfigError: no such path."""
    filed: list[Filed] = []
    problems: list[Problem] = []
    for path in case_files(paths):
        for one in _read_file(path):
            (filed if isinstance(one, Filed) else problems).append(one)  # type: ignore[arg-type]
    unique, repeated = _unrepeated(sorted(filed, key=lambda one: (one.case.id, str(one.path), one.line)))
    return unique, problems + repeated


def case_files(paths: Sequence[Path]) -> list[Path]:
    """The files with cases in folders, and files named themselves; each once, in order. Raises ConfigError."""
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise ConfigError(
                f"there is no file or folder {path}", hint="[eval] suites names the folders with cases"
            )
        if not path.is_dir() and not (path.is_file() and path.suffix in SUFFIXES):
            raise ConfigError(f"{path} is no case file", hint=f"cases are {', '.join(SUFFIXES)} files")
        found.update(dict.fromkeys(sorted(_inside(path)) if path.is_dir() else [path]))
    return list(found)


def save_case(case: EvalCase, path: Path) -> None:
    """Write the case, all or nothing. In a file that has it already only the lines that changed are touched.

    Raises ConfigError where the case could not be read again, or the file holds another case.
    """
    try:
        check_case(case)
    except ValueError as error:
        raise ConfigError(f"not written: {error}") from error
    text = _jsonl_with(case, path) if path.suffix == ".jsonl" else _yaml_with(case, path)
    if not path.exists() or text != _text(path):
        _write(path, text)


def drop_case(filed: Filed) -> None:
    """Take the case's file, or its line of a JSONL file, away. Raises ConfigError."""
    if filed.path.suffix != ".jsonl":
        filed.path.unlink(missing_ok=True)
        return
    kept = [
        line
        for line in _text(filed.path).split("\n")
        if not line.strip() or parse_json(line).value.get("id") != filed.case.id
    ]
    _write(filed.path, "\n".join(kept))


def _inside(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix in SUFFIXES and path.is_file() and not hidden:
            yield path


def _read_file(path: Path) -> Iterator[Filed | Problem]:
    try:
        text = _text(path)
    except ConfigError as error:
        yield Problem(path=path, cause=str(error).removeprefix(f"{path}: "), fix=error.hint)
        return
    if path.suffix != ".jsonl":
        yield from _read_one(path, text, 0)
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield from _read_one(path, line, number)


def _read_one(path: Path, text: str, line: int) -> Iterator[Filed | Problem]:
    parsed = _parsed(path, text, line)
    if isinstance(parsed, Problem):
        yield parsed
        return
    read = read_case(parsed, path=path, line=line)
    if isinstance(read, list):
        yield from read
    else:
        yield Filed(case=read, path=path, line=line)


def _parsed(path: Path, text: str, line: int) -> Parsed | Problem:
    try:
        return parse_json(text) if line else parse_yaml(text)
    except TextError as error:
        return Problem(path=path, line=line or error.line, key=error.key, cause=str(error), fix=error.fix)


def _unrepeated(filed: list[Filed]) -> tuple[list[Filed], list[Problem]]:
    first: dict[str, Filed] = {}
    repeated = []
    for one in filed:
        other = first.setdefault(one.case.id, one)
        if other is not one:
            where = f"{other.path}:{other.line}" if other.line else str(other.path)
            cause = f"{one.case.id!r} is the id of another case: {where}"
            repeated.append(Problem(path=one.path, line=one.line, key="id", cause=cause, fix="give one a new id"))
    return list(first.values()), repeated


def _yaml_with(case: EvalCase, path: Path) -> str:
    if not path.exists():
        return fresh(case)
    text = _text(path)
    try:
        parsed = parse_yaml(text)
    except TextError as error:
        raise ConfigError(f"{path}: {error}", hint="mend the file first; nothing was written") from error
    if parsed.value.get("id") != case.id:
        raise ConfigError(f"{path} holds another case: {parsed.value.get('id')!r}", hint="nothing was written")
    read = read_case(parsed, path=path)
    if isinstance(read, list):
        raise refuse(read)
    return edited(text, before=read, after=case)


def _jsonl_with(case: EvalCase, path: Path) -> str:
    lines = _text(path).split("\n") if path.exists() else []
    new = json_line(case)
    for index, line in enumerate(lines):
        if line.strip():
            filed = next(_read_one(path, line, index + 1))
            if isinstance(filed, Problem):
                raise refuse([filed])
            if filed.case.id == case.id:
                lines[index] = line if filed.case == case else new
                return "\n".join(lines)
    return "\n".join([*(line for line in lines if line.strip()), new]) + "\n"


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ConfigError(f"{path}: is larger than {_MAX_BYTES:,} bytes", hint="split it into several files")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8: byte {error.start}", hint="save it as UTF-8") from error


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".case-", suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        Path(name).chmod(mode)
        Path(name).replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from error
