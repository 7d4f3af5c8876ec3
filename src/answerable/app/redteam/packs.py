"""The packs of a project: the shipped ones, and its own in redteam/packs, which need no new version of ours."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from answerable.app.project import Project
from answerable.core.errors import ConfigError, IntegrityError
from answerable.core.identity import sha256_hex
from answerable.evals.redteam.pack import Pack, parse_pack, read_pack, shipped_packs

FOLDER = "redteam/packs"
LOCK = "packs.lock.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackFolder:
    """Own packs with the hashes that they were added with. A pack of a shipped one's name stands in its place."""

    folder: Path

    def all(self) -> tuple[Pack, ...]:
        """By name. Raises ConfigError for one that cannot be read, IntegrityError for one that was changed."""
        own = {one.name: one for one in self.own()}
        shipped = {one.name: one for one in shipped_packs()}
        return tuple((shipped | own)[name] for name in sorted(shipped | own))

    def own(self) -> tuple[Pack, ...]:
        """Those of the folder."""
        recorded = self._recorded()
        found = []
        for path in sorted(self.folder.glob("*.toml")):
            pack = read_pack(path)
            if recorded.get(path.name) != pack.sha256:
                raise IntegrityError(
                    f"{path} is not as it was added",
                    hint=f"look at it, then: answerable redteam pack add {path}",
                )
            found.append(pack)
        return tuple(found)

    def chosen(self, names: Sequence[str]) -> tuple[Pack, ...]:
        """Those named, or all. Raises ConfigError for a name that there is not."""
        known = {one.name: one for one in self.all()}
        if unknown := [name for name in names if name not in known]:
            raise ConfigError(f"there is no pack {unknown[0]!r}", hint=f"there are: {', '.join(known)}")
        return tuple(known[name] for name in dict.fromkeys(names)) if names else tuple(known.values())

    def add(self, path: Path) -> Pack:
        """Take a file in, and record its hash. Raises ConfigError for one that is no pack, or is older."""
        pack = read_pack(path)
        goal = self.folder / f"{pack.name}.toml"
        if goal.exists() and goal.resolve() != path.resolve():
            old = read_pack(goal)
            if old.date > pack.date:
                raise ConfigError(
                    f"{pack.name} of {old.date} is there, and this one is of {pack.date}",
                    hint=f"take {goal} away first, if you want the older one",
                )
        data = path.read_bytes()
        self.folder.mkdir(parents=True, exist_ok=True)
        goal.write_bytes(data)
        recorded = self._recorded() | {goal.name: sha256_hex(data)}
        text = json.dumps(recorded, indent=2, sort_keys=True) + "\n"
        (self.folder / LOCK).write_text(text, encoding="utf-8")
        return parse_pack(data, where=str(goal))

    def _recorded(self) -> dict[str, str]:
        path = self.folder / LOCK
        if not path.is_file():
            return {}
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return {str(key): str(value) for key, value in found.items()}
        except (ValueError, AttributeError) as error:
            raise IntegrityError(f"{path} cannot be read", hint="add the packs once more") from error


def packs_of(project: Project) -> PackFolder:
    """The project's."""
    return PackFolder(folder=project.path(FOLDER))
