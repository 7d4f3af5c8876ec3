"""The page that an attack travels in: a harmless one with the attack at its beginning, middle or end."""

from __future__ import annotations

from answerable.evals.redteam.forms import disguised
from answerable.evals.redteam.pack import Carrier, Trial


def clean(carrier: Carrier) -> str:
    """The page without an attack, as Markdown."""
    return _written(carrier, list(carrier.paragraphs))


def infected(trial: Trial) -> str:
    """The page with the trial's text in its form at its position. Raises ValueError for one that is asked."""
    if trial.carrier is None:
        raise ValueError(f"{trial.id} has no page")
    parts = list(trial.carrier.paragraphs)
    place = {"begin": 0, "middle": len(parts) // 2, "end": len(parts)}[trial.position]
    parts.insert(place, disguised(trial.text, trial.form))
    return _written(trial.carrier, parts)


def _written(carrier: Carrier, parts: list[str]) -> str:
    body = "\n\n".join(parts)
    return f"---\ntitle: {carrier.title}\nstatus: published\n---\n# {carrier.title}\n\n{body}\n"
