"""git itself, run in a folder: the one place that starts it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from answerable.core.errors import ConfigError

_TIMEOUT_S = 60.0
_FIXED = (
    f"core.hooksPath={os.devnull}",  # a person's hooks are for what that person does by hand
    "core.fsmonitor=false",  # a program that the repository names
    "core.quotePath=false",
    "color.ui=false",
    "log.showSignature=false",
)
# Kept of GIT_*: who commits, and where git's own settings lie. The rest may point at another repository,
# as it does inside a hook, or change what is printed.
_CONFIGURED = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM")
_WHO = tuple(f"GIT_{who}_{what}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL"))
_KEPT = frozenset((*_CONFIGURED, *_WHO))


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """git in a folder: in English, asking nobody, without hooks, names of files taken as they stand, and touching
    no index that it need not."""

    folder: Path
    timeout_s: float = _TIMEOUT_S

    def run(self, *arguments: str, data: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
        """What it printed. Raises ConfigError where it refuses, takes too long, or cannot be started."""
        what = f"git {arguments[0]}"
        if not self.folder.is_dir():
            raise ConfigError(f"{what}: there is no folder {self.folder}")
        try:
            done = subprocess.run(  # noqa: S603 - arguments are ours, and no shell reads them
                ["git", *(part for one in _FIXED for part in ("-c", one)), *arguments],  # noqa: S607 - the person's own
                cwd=self.folder,
                input=data,
                env={**_environment(), **(env or {})},
                capture_output=True,
                timeout=self.timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ConfigError(f"{what}: took longer than {self.timeout_s:g} s") from error
        except FileNotFoundError as error:
            raise ConfigError("there is no git on this machine", hint="install git") from error
        except (OSError, ValueError) as error:  # not to be started; a zero byte in an argument
            raise ConfigError(f"{what}: cannot be run: {error}") from error
        if done.returncode:
            raise ConfigError(f"{what}: {done.stderr.decode(errors='replace').strip() or 'refused'}")
        return done.stdout

    def text(self, *arguments: str, data: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """The same as text. A name that is not UTF-8 is as Python has it in paths (surrogates)."""
        return self.run(*arguments, data=data, env=env).decode(errors="surrogateescape")

    def line(self, *arguments: str, data: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """The same without blanks around it."""
        return self.text(*arguments, data=data, env=env).strip()

    def asked(self, *arguments: str) -> str | None:
        """The text; None where git refuses, or there is none."""
        try:
            return self.text(*arguments)
        except ConfigError:
            return None


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in _KEPT or not name.startswith("GIT_")}
    quiet = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_LITERAL_PATHSPECS": "1"}
    return {**kept, **quiet}
