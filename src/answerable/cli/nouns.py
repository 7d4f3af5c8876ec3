"""The commands by name, each imported when it is called: nobody who asks waits for what evaluates."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

# Name → the modules of this package that register it, in the order of `--help`.
NOUNS = {
    "demo": ("demo",),
    "init": ("scaffold",),
    "up": ("serve",),
    "serve": ("serve",),
    "worker": ("worker",),
    "job": ("job",),
    "ask": ("ask",),
    "search": ("search",),
    "ingest": ("ingest",),
    "source": ("source", "source_runs"),
    "doc": ("doc", "doc_purge"),
    "chunk": ("chunk",),
    "index": ("index",),
    "data": ("data",),
    "quarantine": ("quarantine",),
    "incident": ("incident",),
    "alert": ("alert",),
    "trace": ("trace",),
    "cost": ("cost",),
    "metric": ("metric",),
    "drift": ("drift",),
    "task": ("task",),
    "case": ("case",),
    "review": ("review",),
    "abstain": ("abstain",),
    "eval": ("evals", "gate"),
    "judge": ("judge",),
    "prompt": ("prompt", "prompt_past", "prompt_lint", "prompt_test", "prompt_rollout"),
    "ci": ("ci",),
    "lab": ("lab",),
    "guard": ("guard",),
    "doctor": ("doctor",),
    "drill": ("drill",),
    "redteam": ("redteam",),
    "report": ("report",),
    "db": ("db", "db_retention"),
    "cache": ("cache",),
    "token": ("token",),
    "limits": ("limits",),
    "canary": ("canary", "canary_models"),
    "session": ("session",),
    "person": ("persons", "person_data"),
    "audit": ("audit",),
    "config": ("config",),
    "provider": ("provider",),
    "model": ("model",),
    "dev": ("dev",),
}


class Nouns(TyperGroup):
    """The root group: it knows every name, and builds a command when it is asked for it."""

    def __init__(self, **settings: Any) -> None:  # typer's own arguments, handed on
        super().__init__(**settings)
        self.commands = _Commands()

    def list_commands(self, ctx: Any) -> list[str]:
        """All names; nothing is imported for them."""
        return list(NOUNS)


class _Commands(MutableMapping[str, Any]):
    """By name; what is not there yet is imported."""

    def __init__(self) -> None:
        self.built: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name in NOUNS and name not in self.built:
            self.built[name] = _load(name)
        return self.built[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self.built[name] = command

    def __delitem__(self, name: str) -> None:
        del self.built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(NOUNS)

    def __len__(self) -> int:
        return len(NOUNS)


def _load(name: str) -> Any:
    app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode="markdown")
    for module in NOUNS[name]:
        import_module(f"answerable.cli.{module}").register(app)
    command: Any = typer.main.get_group(app).commands[name]
    if len(NOUNS[name]) > 1:  # what several modules add would else stand in the order of their imports
        command.commands = dict(sorted(command.commands.items()))
    return command
