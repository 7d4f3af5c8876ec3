"""The files of a model that the configuration pins on the hub: where they are kept, and how they get there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from answerable.adapters.embedders.cache import default_cache_folder
from answerable.adapters.embedders.pull import HUB, fetch
from answerable.app.project import Project
from answerable.config.reranking import RerankerSection
from answerable.core.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedFiles:
    """One exact state of a repository: file → SHA-256, kept in `folder`."""

    repository: str
    revision: str
    files: Mapping[str, str]
    folder: Path

    def path(self, ending: str) -> Path:
        """The pinned file that ends so."""
        return self.folder / next(name for name in self.files if name.endswith(ending))


def pinned_files(name: str, section: RerankerSection) -> PinnedFiles:
    """Where the reranker's files are, or will be. Raises ConfigError where it is not pinned on the hub."""
    if section.kind != "cross-encoder" or not section.model or not section.revision:
        raise ConfigError(
            f"reranker {name!r} has no files on the hub",
            hint=f"set model, revision and sha256 in [reranker.{name}] with kind = cross-encoder",
        )
    folder = default_cache_folder() / "models" / section.model.replace("/", "--") / section.revision[:12]
    return PinnedFiles(repository=section.model, revision=section.revision, files=section.sha256, folder=folder)


async def pull_reranker(project: Project, name: str, *, base_url: str = "") -> Path:
    """Download a configured reranker's files, check their hashes and keep them; returns their folder.

    Raises ConfigError for an unknown name, Unreachable and IntegrityError as `pull.fetch` does.
    """
    section = project.settings.reranker.get(name)
    if section is None:
        raise ConfigError(f"there is no [reranker.{name}]", hint="name one of the configuration's")
    pinned = pinned_files(name, section)
    await fetch(pinned.folder, pinned, base_url=base_url or HUB)
    return pinned.folder
