"""A project: its configuration and the folder that relative paths count from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from answerable.config import Settings, find_config, load
from answerable.config.values import resolve
from answerable.core.errors import ConfigError
from answerable.prompts.collection import Prompts


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Settings with their place. `config` is None where there is no file: all defaults, in this folder."""

    settings: Settings
    base: Path
    config: Path | None = None
    home: Path | None = None  # where secrets and what the project makes lie, if not in `base`
    scratch: Path | None = None  # where what it makes lies, for a copy that is thrown away

    @classmethod
    def open(cls, config: Path | None = None) -> Project:
        """The project of a configuration file, or the nearest one upwards, or none. Raises ConfigError."""
        if config is not None and not config.is_file():
            raise ConfigError(f"there is no file {config}", hint="make a project with `answerable init DIR`")
        found = (config or find_config(Path.cwd())) if config is None else config
        base = found.resolve().parent if found else Path.cwd()
        return cls(settings=load(found), base=base, config=found)

    @property
    def state(self) -> Path:
        """Where the project keeps what it makes: the embedded database, spools, caches."""
        return self.scratch or (self.home or self.base) / ".answerable"

    @property
    def prompts(self) -> Prompts:
        """What serves: files that the configuration names, over those of the folder, over the shipped ones."""
        reranker = self.settings.reranker.get(self.settings.retrieval.reranker)
        told = {"answer": self.settings.answer.prompt, "rerank": reranker.prompt if reranker else None}
        named = {id_: self.path(path) for id_, path in told.items() if path}
        return replace(self.prompt_folder, named=named)

    @property
    def prompt_folder(self) -> Prompts:
        """The same without what the configuration names."""
        return Prompts(folder=self.base / "prompts")

    def path(self, relative: str) -> Path:
        """A path of the configuration."""
        return (self.base / relative).expanduser()

    def secret(self, reference: str | None) -> str | None:
        """What a reference stands for. Raises ConfigError."""
        return resolve(reference, base=self.home or self.base) if reference else None
