"""What makes a case the same case: its hash, and an id made from its question."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection

from answerable.core.evaluation import EvalCase
from answerable.core.identity import sha256_hex
from answerable.evals.cases.schema import to_mapping

_DECIDING = ("id", "question", "language", "filters", "groups", "history", "expect", "accept_also")
_MAX_ID = 60  # characters of a made id: a file name that fits on a line


def case_hash(case: EvalCase) -> str:
    """64 hex digits of what decides the answer and its scoring; who wrote it, why and when are left out."""
    whole = to_mapping(case)
    deciding = {key: whole[key] for key in _DECIDING}
    return sha256_hex(json.dumps(deciding, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def make_id(category: str, question: str, *, taken: Collection[str] = ()) -> str:
    """A readable id: the category and the question's words, with a number where that is taken."""
    stem = _slug(f"{category} {question}")[:_MAX_ID].strip("-") or "case"
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem}-{number}", number + 1
    return name


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
