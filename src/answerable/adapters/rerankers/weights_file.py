"""The file of a learned reranker: its weights, where they come from, and a hash over it all."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from answerable.adapters.embedders.cache import replacing
from answerable.adapters.rerankers.features import FEATURES, VERSION
from answerable.core.errors import ConfigError, IntegrityError
from answerable.core.identity import sha256_hex

_AGAIN = "train it again: `answerable lab rerank --train`"
_Share = Annotated[float, Field(ge=-1.0, le=1.0)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class HeldOut(_Strict):
    """nDCG@10 on questions that a fold had not seen: the base's mean, the learned one's, and their difference."""

    n: int
    clusters: int
    base: _Share
    learned: _Share
    difference: _Share
    low: _Share
    high: _Share
    p: Annotated[float, Field(ge=0.0, le=1.0)]


class WeightsFile(_Strict):
    """What was learned. `weights` has one number a feature; `base` is the reranker whose scores they add to."""

    kind: Literal["answerable-reranker"] = "answerable-reranker"
    format: Literal[1] = 1
    features_version: int = VERSION
    base: str
    weights: dict[str, float]
    pairs_sha256: str  # of the questions, their gold and their candidates' features
    held_out: HeldOut
    made: date

    def write(self, path: Path) -> str:
        """Replace the file, whole or not at all; returns the hash that stands in it."""
        text = self._canonical()
        digest = sha256_hex(text)
        with replacing(path) as temporary:
            value = {**json.loads(text), "sha256": digest}
            temporary.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
        return digest

    @classmethod
    def read(cls, path: Path) -> WeightsFile:
        """Raises ConfigError where it is not there or of another version, IntegrityError where it was changed."""
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
            claimed = value.pop("sha256")
            found = cls.model_validate(value)
        except OSError as exc:
            raise ConfigError(f"cannot read {path}: {exc.strerror}", hint=_AGAIN) from exc
        except (ValueError, KeyError, AttributeError, TypeError) as exc:
            raise IntegrityError(f"{path} is no file of learned weights: {exc}", hint=_AGAIN) from exc
        if sha256_hex(found._canonical()) != claimed:
            raise IntegrityError(f"{path} was changed after it was written", hint=_AGAIN)
        if found.features_version != VERSION or set(found.weights) != set(FEATURES):
            raise ConfigError(f"{path} was learned on other features than this version's", hint=_AGAIN)
        return found

    def _canonical(self) -> str:
        return json.dumps(self.model_dump(mode="json"), sort_keys=True)
