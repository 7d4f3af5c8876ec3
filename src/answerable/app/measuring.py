"""Scores of every answer that is given, from the metrics that need no model and nothing to compare with."""

from __future__ import annotations

from typing import Any

from answerable.adapters.entry import Measure
from answerable.app.project import Project
from answerable.core.answer import Answer
from answerable.core.query import Query
from answerable.core.rows import score_record


def measuring(project: Project) -> Measure | None:
    """What the journal scores an answer with, or nothing where [eval] production is off. Raises ConfigError."""
    if not project.settings.eval.production:
        return None
    # Only a process that answers needs them: loading them takes a tenth of the start of every other command.
    from answerable.evals.metrics.suite import production, production_case

    metrics = production([project.path(one) for one in project.settings.eval.patterns])

    def measure(query: Query, answer: Answer) -> list[dict[str, Any]]:
        case = production_case(query.text, language=answer.language)
        return [score_record(metric.measure(case, answer)) for metric in metrics]

    return measure
