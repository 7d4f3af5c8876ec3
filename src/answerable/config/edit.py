"""Adding to the configuration file without disturbing what a person wrote in it."""

from __future__ import annotations

import json
from pathlib import Path

from answerable.config.load import load
from answerable.core.errors import ConfigError


def append_source(config: Path, *, name: str, folder: Path, trust: str, owner: str) -> None:
    """Append a [[source]]; a file that would not load any more stays as it was. Raises ConfigError."""
    before = config.read_text(encoding="utf-8")
    try:
        uri = folder.relative_to(config.parent.resolve()).as_posix()
    except ValueError:
        uri = folder.as_posix()
    lines = ["", "[[source]]", f"id = {json.dumps(name)}", 'type = "folder"', f"uri = {json.dumps(uri)}"]
    lines.append(f"trust = {json.dumps(trust)}")
    if owner:
        lines.append(f"owner = {json.dumps(owner)}")
    _write(config, before.rstrip("\n") + "\n" + "\n".join(lines) + "\n")
    try:
        load(config)
    except ConfigError:
        _write(config, before)
        raise


def _write(path: Path, text: str) -> None:
    """All of it or none of it."""
    temporary = path.with_suffix(".toml.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
