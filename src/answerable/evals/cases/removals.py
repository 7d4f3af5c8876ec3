"""Why cases were taken out: a line for each in removed.jsonl, so that none just disappears."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from answerable.core.errors import ConfigError
from answerable.evals.cases.files import Filed, drop_case
from answerable.evals.cases.writing import json_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """One case that was taken out, with who did and why."""

    id: str
    reason: str
    by: str
    on: date


def remove_case(filed: Filed, removal: Removal, log: Path) -> None:
    """Write down why, with the whole case, then take its file or line away. Raises ConfigError: no reason."""
    if not removal.reason.strip():
        raise ConfigError(
            "a case is not removed without a reason", hint="--reason 'The product was discontinued.'"
        )
    line = {
        "id": removal.id,
        "reason": removal.reason.strip(),
        "by": removal.by,
        "date": removal.on.isoformat(),
        "case": json.loads(json_line(filed.case)),
    }
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    except OSError as error:
        raise ConfigError(f"{log}: cannot be written: {error.strerror}; nothing was removed") from error
    drop_case(filed)
