"""What a run is going to ask, and the keys by which its rows are known again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from answerable.core.evaluation import EvalCase
from answerable.core.identity import sha256_hex
from answerable.evals.cases.identity import case_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One case to be asked once."""

    case: EvalCase
    repeat: int  # 0-based
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Cases, how often, and of what. `fingerprint` names everything that decides an answer, part by part."""

    suite: str
    target: str
    cases: tuple[EvalCase, ...]
    repeats: int
    fingerprint: Mapping[str, str]

    @property
    def id(self) -> str:
        """64 hex digits: the same cases, repeats and fingerprint are the same plan."""
        keys = [one.key for one in self.asked()]
        return _hash({"target": self.target, "keys": keys})

    def asked(self) -> Iterator[Asked]:
        """Every case once, then every case again: a run that stops early has seen as many cases as it could."""
        hashes = [case_hash(case) for case in self.cases]
        for repeat in range(self.repeats):
            for case, of_case in zip(self.cases, hashes, strict=True):
                yield Asked(case=case, repeat=repeat, key=row_key(of_case, self.fingerprint, repeat))


def row_key(of_case: str, fingerprint: Mapping[str, str], repeat: int) -> str:
    """64 hex digits of the case's hash, the fingerprint and the repeat: equal keys, equal rows."""
    return _hash({"case": of_case, "fingerprint": dict(fingerprint), "repeat": repeat})


def _hash(value: object) -> str:
    return sha256_hex(json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")))
