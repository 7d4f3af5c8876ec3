"""Which tool's file it is, and the way in and out of each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from answerable.core.errors import ConfigError
from answerable.core.evaluation import EvalCase
from answerable.evals.cases.exchange.brought import Bringing, Written
from answerable.evals.cases.exchange.promptfoo import is_promptfoo, read_promptfoo, write_promptfoo
from answerable.evals.cases.exchange.ragas import FIELD, from_cells, read_ragas, write_ragas
from answerable.evals.cases.exchange.sheet import read_sheet, rows_of, write_sheet
from answerable.evals.cases.text import TextError, parse_json, parse_yaml_value
from answerable.evals.cases.writing import json_line

_SUFFIXES = "promptfoo: .yaml .json; ragas: .jsonl .csv; csv: .csv; jsonl: .jsonl"
_MAX_BYTES = 256_000_000  # of one file to import; results with every output are large


class Kind(StrEnum):
    """A file that cases come from or go to."""

    PROMPTFOO = "promptfoo"
    RAGAS = "ragas"
    CSV = "csv"
    JSONL = "jsonl"


def beside(path: Path) -> Path:
    """Where the second file stands, with what the first cannot carry."""
    return path.with_name(f"{path.stem}.cases.jsonl")


def bring(
    path: Path, *, kind: Kind | None, languages: Sequence[str], taken: Mapping[str, str], question: str = ""
) -> Bringing:
    """Read the cases of another tool's file; its kind is found out where none is given. Raises ConfigError."""
    bringing = Bringing(path=path, languages=tuple(languages), taken=taken)
    text = _text(path)
    if path.suffix.lower() == ".csv" and kind in (None, Kind.CSV, Kind.RAGAS):
        _bring_rows(path, text, bringing, kind)
    elif path.suffix.lower() in (".yaml", ".yml", ".json") and kind in (None, Kind.PROMPTFOO):
        _bring_tests(path, text, bringing, question)
    elif path.suffix.lower() in (".jsonl", ".ndjson") and kind in (None, Kind.JSONL, Kind.RAGAS):
        _bring_lines(path, text, bringing, kind)
    else:
        wanted = f" as {kind}" if kind else ""
        raise ConfigError(
            f"{path}: cannot be read{wanted}", hint="promptfoo: .yaml .json; ragas: .jsonl .csv; csv; jsonl"
        )
    return bringing


def write(cases: Sequence[EvalCase], kind: Kind, *, criteria: Mapping[str, str]) -> Written:
    """The cases as the tool's file. `criteria`: the text of each criterion that has one."""
    if kind is Kind.PROMPTFOO:
        return write_promptfoo(cases, criteria=criteria)
    if kind is Kind.RAGAS:
        return write_ragas(cases)
    if kind is Kind.CSV:
        return write_sheet(cases)
    return Written(text="".join(json_line(one) + "\n" for one in cases))


def _bring_rows(path: Path, text: str, bringing: Bringing, kind: Kind | None) -> None:
    try:
        rows = rows_of(text)
        if kind is Kind.RAGAS or (kind is None and rows and FIELD in rows[0][1]):
            read_ragas([(line, from_cells(row)) for line, row in rows], bringing, beside=_beside(path))
            return
    except ValueError as error:
        raise ConfigError(
            f"{path}: {error}", hint="a header, then a row a case, cells quoted as CSV does"
        ) from error
    read_sheet(rows, bringing)


def _bring_tests(path: Path, text: str, bringing: Bringing, question: str) -> None:
    try:
        given = json.loads(text) if path.suffix.lower() == ".json" else parse_yaml_value(text)
    except (TextError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: {error}", hint="nothing was imported") from error
    if not is_promptfoo(given):
        raise ConfigError(f"{path} is no promptfoo file: it has neither tests nor results")
    read_promptfoo(given, bringing, question=question)


def _bring_lines(path: Path, text: str, bringing: Bringing, kind: Kind | None) -> None:
    rows: list[tuple[int, Mapping[str, Any]]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                rows.append((number, parse_json(line).value))
            except TextError as error:
                bringing.refuse(str(error), key=error.key, line=number, fix=error.fix)
    if kind is Kind.RAGAS or (kind is None and rows and FIELD in rows[0][1]):
        read_ragas(rows, bringing, beside=_beside(path))
        return
    for number, row in rows:
        bringing.take(row, line=number)


def _beside(path: Path) -> list[Mapping[str, Any]]:
    second = beside(path)
    if not second.is_file():
        return []
    try:
        return [parse_json(line).value for line in _text(second).split("\n") if line.strip()]
    except TextError as error:
        raise ConfigError(f"{second}: {error}", hint="export again, or move it away") from error


def _text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():  # a device or a pipe has no end
            raise ConfigError(f"{path} is no file", hint="nothing was imported")
        if path.stat().st_size > _MAX_BYTES:
            raise ConfigError(f"{path} is larger than {_MAX_BYTES:,} bytes", hint="split it")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8: byte {error.start}", hint="save it as UTF-8") from error
