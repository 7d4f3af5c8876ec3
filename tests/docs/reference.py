"""Generated reference pages: `python -m tests.docs.reference --write`, or without the option to print them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import typer

from answerable.cli.main import app
from answerable.config.explain import Key, keys
from answerable.config.settings import Settings
from tests.docs.metric_page import metric_page
from tests.docs.tables_of_code import api_page, deadlines_page, lint_page

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "reference"
_MADE = "<!-- Made by `python -m tests.docs.reference --write`; do not edit. -->"
_MANY = ("source", "route")  # written [[source]]: several of them
_NAMED = ("provider", "price", "reranker")  # written [provider.NAME]

_CONFIGURATION = f"""{_MADE}

# Configuration

One file, `answerable.toml`, in the project's folder. Every key has a default except those that say required.
An unknown key is an error that names the nearest known one. Paths count from the file's folder.

- A key of the environment goes over the file: `ANSWERABLE_SECTION__KEY`, for example
  `ANSWERABLE_ANSWER__DEADLINE=6s`. Lists and numbers are written as in JSON.
- `answer.deadline` and `provider.timeout` are durations: `200ms`, `4s`, `5m`, `24h`, or a number of seconds.
- A secret is never in the file. It is `env:NAME` or `file:PATH`.

Ask `answerable config explain KEY` and `answerable config check`; for editors there is `answerable config schema`.
"""
_CLI = f"""{_MADE}

# Command line

Results go to standard output, everything else to standard error. Colors need a terminal and no `NO_COLOR`.
A command looks for `answerable.toml` in this folder and upwards. Without one, all defaults count.

| Exit | Means |
|---|---|
| 0 | done; an honest non-answer is a result too |
| 1 | an unexpected error |
| 2 | wrong usage or configuration |
| 3 | not authorized |
| 4 | the database or a model does not answer |
| 5 | partly done: single documents failed, and are named |
| 10 | the gate failed |
| 11 | inconclusive: what was asked cannot be told, certified or gated |
| 12 | findings: cases or criteria that want work |
| 14 | the deadline passed, or the budget is spent |
| 15 | a security finding: an attack got through |
| 130 | interrupted; what was done is kept |

`ANSWERABLE_DEBUG=1` shows the whole traceback of an error.
"""


def configuration_page() -> str:
    """docs/reference/configuration.md out of the settings."""
    parts = [_CONFIGURATION]
    for section, members in _sections().items():
        parts.append(f"## {_heading(section)}\n")
        parts.append("| Key | Kind | Default | Meaning |\n|---|---|---|---|")
        parts += [_key_row(one) for one in members]
        parts.append("")
    return "\n".join(parts)


def cli_page() -> str:
    """docs/reference/cli.md out of the typer app."""
    parts = [_CLI]
    for name, command in commands():
        parts.append(f"## answerable {name}\n")
        parts.append(f"{_paragraphs(command.help or '')}\n")
        if command.params:
            parts.append("| Argument or option | Default | Meaning |\n|---|---|---|")
            parts += [_parameter_row(one) for one in command.params]
            parts.append("")
    return "\n".join(parts)


def commands() -> list[tuple[str, Any]]:
    """Every command with its words, e.g. `source sync`, in the order of `--help`."""
    return list(_leaves("", typer.main.get_command(app)))


def _leaves(prefix: str, group: Any) -> Iterator[tuple[str, Any]]:
    for name, one in group.commands.items():
        if hasattr(one, "commands"):
            yield from _leaves(f"{prefix}{name} ", one)
        else:
            yield f"{prefix}{name}", one


def _sections() -> Mapping[str, list[Key]]:
    found: dict[str, list[Key]] = {}
    for one in keys():
        found.setdefault(one.name.rpartition(".")[0], []).append(one)
    return found


def _heading(section: str) -> str:
    first, _, rest = section.partition(".")
    written = f"{first}.NAME" if first in _NAMED else first
    bracketed = f"[[{written}]]" if first in _MANY and not rest else f"[{'.'.join(filter(None, (written, rest)))}]"
    return f"`{bracketed}`"


def _key_row(key: Key) -> str:
    return f"| `{key.name}` | {_cell(_kind(key))} | {_value(key.default)} | {_cell(key.meaning)} |"


def _kind(key: Key) -> str:
    """The kind without pydantic's machinery, and the bounds that the JSON Schema knows."""
    text = re.sub(r"Optional\[Annotated\[(\w+), .*\]\]", r"\1 or nothing", key.kind)
    text = re.sub(r"Literal\[([^\]]*)\]", lambda found: found[1].replace("'", "").replace(", ", " · "), text)
    text = re.sub(r"tuple\[(.*), \.\.\.\]", r"list of \1", text).replace(" | None", " or nothing")
    text = re.sub(r"dict\[str, (.*)\]", r"table of \1", text).replace(" | list[str]", " or list")
    low, high = _bounds(key.name)
    return f"{text}, {low} to {high}" if low is not None and high is not None else text


def _bounds(name: str) -> tuple[Any, Any]:
    schema = _schema()
    place: Any = schema
    for part in name.split("."):
        place = _resolved(place, schema)
        place = place["properties"][part]
    options = [place, *place.get("anyOf", [])]
    found = next((one for one in options if "minimum" in one), {})
    return found.get("minimum"), found.get("maximum")


@cache
def _schema() -> dict[str, Any]:
    return Settings.model_json_schema()


def _resolved(place: Any, schema: Mapping[str, Any]) -> Any:
    """The object that a part of the schema is about, through references, lists, tables and `or nothing`."""
    while "properties" not in place:
        if "$ref" in place:
            place = schema["$defs"][place["$ref"].rpartition("/")[2]]
        elif "anyOf" in place:
            place = next(one for one in place["anyOf"] if one.get("type") != "null")
        else:
            place = place.get("items") or place["additionalProperties"]
    return place


def _value(default: str) -> str:
    """A default as TOML would write it; a dash where there is none."""
    if default in ("required", "None"):
        return "required" if default == "required" else "–"
    text = default.replace("'", '"')
    text = re.sub(r"^\((.*?),?\)$", r"[\1]", text)
    text = re.sub(r'^\{"(\w+)": (.*)\}$', r"{ \1 = \2 }", text)
    return f"`{({'True': 'true', 'False': 'false'}).get(text, text)}`"


def _parameter_row(one: Any) -> str:
    if one.param_type_name == "argument":
        name = f"`{one.name.upper()}`" + ("" if one.nargs == 1 else " …")
        default = "required" if one.required else _default(one.default)
    else:
        name = ", ".join(f"`{option}`" for option in (*one.opts, *one.secondary_opts))
        default = _default(one.default)
    repeatable = " Repeatable." if one.multiple and "Repeatable" not in (one.help or "") else ""
    return f"| {name} | {default} | {_cell(one.help or '')}{repeatable} |"


def _default(value: Any) -> str:
    if isinstance(value, Enum):
        value = value.value
    if value in (None, "", False):
        return ""
    return f"`{'on' if value is True else value}`"


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


PAGES = {
    "configuration.md": configuration_page,
    "cli.md": cli_page,
    "api.md": api_page,
    "../reliability/deadlines.md": deadlines_page,
    "../prompts/lint.md": lint_page,
    "../monitoring/metrics.md": metric_page,
}


def main() -> None:
    """Write the pages, or print them."""
    for name, make in PAGES.items():
        if "--write" in sys.argv[1:]:
            (FOLDER / name).write_text(make(), encoding="utf-8")
        else:
            sys.stdout.write(make())


if __name__ == "__main__":
    main()
