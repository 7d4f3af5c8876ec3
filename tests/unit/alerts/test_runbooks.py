"""Every rule has a page, and every command on it is one that there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from answerable.cli.nouns import NOUNS, _load
from answerable.monitor.alerts.rules import RULES

ROOT = Path(__file__).parents[3]
PARTS = ("## What it means", "## How to see it", "## First three moves", "## Silence it", "## When to roll back")
_BLOCK, _INLINE = re.compile(r"```sh\n(.*?)```", re.S), re.compile(r"`(answerable [^`]+)`", re.S)


def commands(text: str) -> list[str]:
    blocks = [
        line for block in _BLOCK.findall(text) for line in block.splitlines() if line.startswith("answerable")
    ]
    inline = [" ".join(one.split()) for one in _INLINE.findall(_BLOCK.sub("", text))]
    return [*blocks, *inline]


def parse(line: str) -> None:
    """Raises what the command line would say of it; a command that is only named may lack its arguments."""
    noun, *rest = shlex.split(line, comments=True)[1:]
    command = _load(noun)
    while getattr(command, "commands", None) and rest:
        assert rest[0] in command.commands, f"{line}: there is no {rest[0]!r}"
        command, rest = command.commands[rest[0]], rest[1:]
    try:
        command.make_context(line, list(rest))
    except Exception as error:  # typer brings its own click along: its classes are told by their names
        if type(error).__name__ != "MissingParameter":
            raise


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_a_page_with_commands_that_there_are(rule):
    text = (ROOT / rule.runbook).read_text("utf-8")
    assert text.startswith(f"# {rule.title}\n")
    assert [part for part in PARTS if part not in text] == []
    found = commands(text)
    assert len(found) >= 4
    for line in found:
        parse(line)


def test_a_command_that_is_not_there_would_be_seen():
    with pytest.raises(AssertionError):
        parse("answerable alert forget")
    with pytest.raises(Exception, match="No such option"):
        parse("answerable alert list --nothing")
    assert "alert" in NOUNS
