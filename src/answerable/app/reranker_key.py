"""What identifies the configured reranker: a change of it is another system."""

from __future__ import annotations

from pathlib import Path

from answerable.app.project import Project
from answerable.core.identity import sha256_hex


def reranker_key(project: Project) -> str:
    """Its name; of one with a [reranker.NAME] also a hash of its settings and of the file that it names."""
    name = project.settings.retrieval.reranker
    section = project.settings.reranker.get(name)
    if section is None:
        return name
    file = (section.target or "").partition(":")[0] or section.prompt or section.path or ""
    said = section.model_dump_json(exclude={"api_key", "timeout"}) + _content(project.path(file) if file else None)
    return f"{name}@{sha256_hex(said)[:12]}"


def _content(path: Path | None) -> str:
    try:
        return sha256_hex(path.read_bytes()) if path is not None and path.is_file() else ""
    except OSError:
        return ""  # what cannot be read fails where it is used, with its own words
