"""The table of commands is what the modules really register, and asking for one imports no other."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer

import answerable.cli
from answerable.cli.main import app
from answerable.cli.nouns import NOUNS

FOLDER = Path(answerable.cli.__file__).parent


def registered(module: str) -> set[str]:
    fresh = typer.Typer()
    import_module(f"answerable.cli.{module}").register(fresh)
    groups = {one.name for one in fresh.registered_groups}
    return {name for name in groups | {one.name for one in fresh.registered_commands} if name}


def test_every_module_that_registers_a_command_is_in_the_table():
    said = {path.stem: path.read_text("utf-8") for path in FOLDER.glob("*.py")}
    registering = {name for name, text in said.items() if "def register(app: typer.Typer)" in text}
    assert registering == {module for modules in NOUNS.values() for module in modules}


@pytest.mark.parametrize("module", sorted({first for first, *_ in NOUNS.values()}))  # others add to the first's
def test_a_module_registers_the_names_that_the_table_says(module):
    assert registered(module) == {name for name, modules in NOUNS.items() if module in modules}


def test_the_group_builds_the_command_that_is_asked_for_and_no_other():
    group = typer.main.get_group(app)
    assert group.get_command(None, "doc").name == "doc"
    assert set(group.commands.built) == {"doc"}
    assert group.get_command(None, "nonsense") is None
    assert group.list_commands(None) == list(NOUNS)


def test_to_ask_for_a_page_of_help_loads_neither_the_evaluation_nor_an_array():
    code = (
        "import sys; from answerable.cli.main import app; app(['ask', '--help'], standalone_mode=False);"
        "print(sorted(name for name in ('numpy', 'onnxruntime', 'fastapi', 'answerable.evals', 'psycopg')"
        " if name in sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
