"""Which code this is: the package's version, and a hash of files, so that two checkouts of it are told apart."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import answerable
from answerable.core.identity import sha256_hex

ANSWERING = ("adapters", "answer", "core", "guards", "llm", "prompts", "text")  # the packages that make an answer
SCORING = ("answer/verification.py", "evals/metrics", "text")  # those that decide what a score is
MEASURING = (*ANSWERING, "app", "evals")  # and those that score it
_KINDS = (".py", ".sql", ".toml", ".json", ".md", ".npz", ".yaml")


@cache
def code_version(packages: tuple[str, ...]) -> str:
    """Such as 0.1.0+3f9a1c20de77: of every file of these packages that can decide something."""
    root = Path(answerable.__file__).parent
    files = sorted(one for name in packages for one in _within(root / name) if one.suffix in _KINDS)
    whole = "".join(f"{one.relative_to(root).as_posix()}\0{sha256_hex(one.read_bytes())}\0" for one in files)
    return f"{answerable.__version__}+{sha256_hex(whole)[:12]}"


def _within(path: Path) -> list[Path]:
    return [path] if path.is_file() else list(path.rglob("*"))
