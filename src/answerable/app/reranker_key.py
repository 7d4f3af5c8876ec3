"""What identifies the configured reranker: a change of it is another system."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from answerable.adapters.rerankers.weights_file import WeightsFile
from answerable.app.project import Project
from answerable.config.reranking import RerankerSection
from answerable.core.errors import ConfigError, IntegrityError
from answerable.core.identity import sha256_hex


def reranker_key(project: Project) -> str:
    """Its name; of one with a [reranker.NAME] also a hash of its settings and of all that it orders by.

    That is the file or the folder that it names, the models of its route, and what its weights were learned on.
    """
    name = project.settings.retrieval.reranker
    return _key(project, name)


def _key(project: Project, name: str) -> str:
    section = project.settings.reranker.get(name)
    return f"{name}@{sha256_hex(_said(project, section))[:12]}" if section else name


def _said(project: Project, section: RerankerSection) -> str:
    file = (section.target or "").partition(":")[0] or section.prompt or section.path or ""
    said = section.model_dump_json(exclude={"api_key", "timeout"}) + (_content(project.path(file)) if file else "")
    if section.kind == "llm":
        shipped_or_own = "" if section.prompt else project.prompt_folder.get("rerank").sha256
        return said + " ".join([*_models(project), shipped_or_own])
    if section.kind == "learned":
        return said + _base(project, project.path(file))
    return said


def _models(project: Project) -> Iterator[str]:
    """Of the route for rerank, in order."""
    route = project.settings.routed("rerank")
    for name in route.chain if route else ():
        known = project.settings.provider.get(name)
        yield f"{name}:{known.kind} {' '.join(known.addresses)} {known.model}" if known else name


def _base(project: Project, path: Path) -> str:
    """The key of the reranker that the weights add to; one that was learned itself is refused where it is made."""
    try:
        base = WeightsFile.read(path).base
    except (ConfigError, IntegrityError):
        return ""
    section = project.settings.reranker.get(base)
    return base if section and section.kind == "learned" else _key(project, base)


def _content(path: Path) -> str:
    """Of a folder, every file in it by name. What cannot be read fails where it is used, with its own words."""
    try:
        files = [one for one in sorted(path.rglob("*")) if one.is_file()] if path.is_dir() else [path]
        stats = [one.stat() for one in files]
        hashes = [_hash(one, of.st_size, of.st_mtime_ns) for one, of in zip(files, stats, strict=True)]
    except OSError:
        return ""
    if not path.is_dir():
        return hashes[0]
    named = zip((one.relative_to(path).as_posix() for one in files), hashes, strict=True)
    return " ".join(f"{name}={digest}" for name, digest in named)


@lru_cache(maxsize=256)
def _hash(path: Path, size: int, modified_ns: int) -> str:
    """Of a file as it is now: a model of 100 MB takes 0.2 s, so that it is read once."""
    return sha256_hex(path.read_bytes())
