"""The README's own commands and its Python run, as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from answerable.testing.projects import PAGES, ProjectFolder
from tests.docs.reading import blocks, indented
from tests.docs.reference import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
QUESTION = "Within how many days of delivery can most items be returned?"


def block_with(text: str) -> str:
    """The one block that holds this text."""
    (found,) = (one for one in [*blocks(README), *indented(README)] if text in one)
    return found


def replaced(block: str, old: str, new: str) -> str:
    assert old in block, f"the README says no more: {old}"
    return block.replace(old, new)


def put_on_path(folder: Path) -> dict[str, str]:
    """A checkout's .venv/bin/answerable as this interpreter runs it, on the PATH; the folder is home."""
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    program = programs / "answerable"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m answerable "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    project = ProjectFolder(folder=folder)
    return {**project.environ(), "HOME": str(folder), "PATH": f"{programs}:{os.environ['PATH']}"}


def run(script: str, folder: Path, environ: dict[str, str]) -> str:
    """A block in a shell that stops at the first failure; gives standard output."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_an_own_project_is_made_filled_and_asked_as_the_readme_says(empty_project):
    block = block_with("answerable init my-assistant")
    block = replaced(block, "answerable up ", "answerable source sync ")  # `up` goes on to serve
    block = replaced(block, '"…"', f'"{QUESTION}"')
    home = empty_project.folder / "home"
    for name, text in PAGES.items():
        empty_project.write(f"home/my-docs/{name}", text)
    environ = {**put_on_path(home), "XDG_CACHE_HOME": str(Path.home() / ".cache")}
    out = run(block, home, environ)
    assert "made my-assistant" in out
    assert "Most items can be returned within 30 days of delivery [1]." in out
    assert re.search(r"^ generate\s", out, re.M), "no step of the trace was shown"
    assert (home / "my-assistant" / "knowledge" / "policies" / "returns.md").is_file()


def test_the_python_of_the_readme_runs(ingested_project):
    source = replaced(block_with("asyncio.run(main())"), "How long can I return headphones?", QUESTION)
    done = subprocess.run(
        [sys.executable, "-c", source],
        cwd=ingested_project.folder,
        env=ingested_project.environ(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("answered Most items can be returned within 30 days of delivery [1].")
    assert "['Most items can be returned within 30 days of delivery.'" in done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_the_curl_of_the_readme_is_answered(ingested_project, tmp_path):
    block = replaced(block_with("curl -s"), "How long is the warranty?", QUESTION)
    server = ingested_project.start("serve", "--port", "0")
    try:
        assert server.stdout is not None
        address = next(line.split()[-1] for line in server.stdout if line.startswith("serving on "))
        block = replaced(block, "localhost:8787", address.removeprefix("http://"))
        out = run(block, ingested_project.folder, put_on_path(tmp_path))
    finally:
        server.terminate()
        server.communicate(timeout=60)
    assert '"outcome":"answered"' in out.replace(" ", "")
    assert "within 30 days of delivery [1]" in out


def test_the_toml_of_the_readme_is_a_configuration(empty_project):
    with_backup = '\n[provider.backup]\nkind = "anthropic"\nmodel = "pinned-model-id"\n'
    block = replaced(block_with("[provider.main]"), '"env:MAIN_KEY"', '"env:MAIN_KEY"') + with_backup
    empty_project.write("readme.toml", block)
    done = empty_project.run("config", "check", "--config", "readme.toml")
    assert done.code == 0, done.err
