"""The dashboard for Grafana, ops/dashboard.json: `python -m tests.docs.dashboard --write`."""

from __future__ import annotations

import json
import sys
from typing import Any

from tests.docs.reference import ROOT

FILE = ROOT / "src" / "answerable" / "cli" / "templates" / "ops" / "dashboard.json"
_W = "$__rate_interval"
_ANSWERS = f"sum(rate(answerable_answers_total[{_W}]))"


def _share(of: str) -> str:
    return f"{of} / {_ANSWERS}"


def _p(quantile: float, name: str, by: str = "") -> str:
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({quantile}, sum by ({labels}) (rate({name}_bucket[{_W}])))"


# Row → panels: title, unit, what it says, queries as (expression, legend).
ROWS: dict[str, list[tuple[str, str, str, list[tuple[str, str]]]]] = {
    "Answers": [
        ("Questions a minute, by outcome", "short", "What came of them.",
         [(f"sum by (outcome) (rate(answerable_answers_total[{_W}])) * 60", "{{outcome}}")]),
        ("Questions without an answer, by reason", "percentunit", "Of all questions.",
         [(f"sum by (reason) (rate(answerable_refusals_total[{_W}])) / scalar({_ANSWERS})", "{{reason}}")]),
        ("Time to the whole answer", "s", "Half, 95 % and 99 % are faster.",
         [(_p(0.5, "answerable_answer_seconds"), "p50"), (_p(0.95, "answerable_answer_seconds"), "p95"),
          (_p(0.99, "answerable_answer_seconds"), "p99")]),
        ("Time to the first sentence", "s", "What people wait for.",
         [(_p(0.5, "answerable_answer_first_text_seconds"), "p50"),
          (_p(0.95, "answerable_answer_first_text_seconds"), "p95")]),
        ("Out of time, uncited, stale", "percentunit", "Of all questions.",
         [(_share(f"sum(rate(answerable_deadline_hits_total[{_W}]))"), "out of time"),
          (_share(f"sum(rate(answerable_answers_uncited_total[{_W}]))"), "no source"),
          (_share(f"sum(rate(answerable_answers_stale_total[{_W}]))"), "cite a page past its review")]),
        ("Sentences without support", "percentunit", "Withheld, and shown all the same, of all sentences.",
         [(f'sum by (what) (rate(answerable_sentences_total{{what!="supported"}}[{_W}])) '
           f"/ scalar(sum(rate(answerable_sentences_total[{_W}])))", "{{what}}")]),
    ],
    "People": [
        ("Votes of the last day", "short", "Counts: few of them are no share.",
         [("sum by (value) (increase(answerable_feedback_total[1d]))", "{{value}}")]),
        ("Persons wanted", "short", "Escalations of the last day, by what triggered them.",
         [("sum by (trigger) (increase(answerable_escalations_total[1d]))", "{{trigger}}")]),
        ("What turns are", "short", "Turns an hour, by what they are to the one before.",
         [("sum by (class) (increase(answerable_follow_ups_total[1h]))", "{{class}}")]),
        ("Guards", "short", "What guards did in the last hour.",
         [("sum by (guard, action) (increase(answerable_guard_hits_total[1h]))", "{{guard}} {{action}}")]),
    ],
    "Models and money": [
        ("Calls that fail", "percentunit", "Of the calls of a provider.",
         [(f'sum by (provider) (rate(answerable_model_calls_total{{outcome=~"transient|permanent"}}[{_W}])) '
           f'/ sum by (provider) (rate(answerable_model_calls_total{{outcome!="hit"}}[{_W}]))', "{{provider}}")]),
        ("Cheaper forms", "percentunit", "Of all answers.",
         [(f"sum by (word) (rate(answerable_answers_degraded_total[{_W}])) / scalar({_ANSWERS})", "{{word}}")]),
        ("Time to a model's first text", "s", "95 % are faster.",
         [(_p(0.95, "answerable_model_first_text_seconds", "provider"), "{{provider}}")]),
        ("Tokens a minute", "short", "By kind.",
         [(f"sum by (kind) (rate(answerable_model_tokens_total[{_W}])) * 60", "{{kind}}")]),
        ("Money an hour", "short", "Of calls that have a price, by use.",
         [(f"sum by (use, currency) (rate(answerable_model_cost_total[{_W}])) * 3600", "{{use}} {{currency}}")]),
        ("Budgets", "percentunit", "Spent and held, of what may be spent.",
         [("max by (scope, tenant) (answerable_budget_spent + answerable_budget_held) "
           "/ max by (scope, tenant) (answerable_budget_limit)", "{{tenant}} {{scope}}")]),
    ],
    "What stands": [
        ("The index", "short", "Passages; documents, and those past their review.",
         [("max(answerable_index_chunks)", "passages"), ("max(answerable_documents)", "documents"),
          ("max(answerable_documents_stale)", "past their review")]),
        ("How fresh", "s", "Since a source was synced; from a change to its passages (95 %).",
         [("max by (source) (answerable_source_age_seconds)", "{{source}}"),
          ("max(answerable_index_lag_seconds)", "change to passage")]),
        ("What waits for a person", "short", "Conflicts, quarantine.",
         [("max(answerable_conflicts_open)", "conflicts"), ("max(answerable_quarantine_open)", "in quarantine")]),
        ("Reviews overdue", "s", "The oldest batch that is not read.",
         [("max(answerable_review_overdue_seconds)", "overdue")]),
        ("What waits on disk", "short", "Files, by what is in them.",
         [("sum by (what) (answerable_spool_files)", "{{what}}")]),
        ("Jobs", "s", "Time since each was last done.",
         [("min by (job) (answerable_job_last_success_age_seconds)", "{{job}}")]),
        ("Telemetry that is lost", "short", "In the last hour, by why.",
         [("sum by (signal, reason) (increase(answerable_telemetry_dropped_total[1h]))",
           "{{signal}} {{reason}}")]),
        ("Load", "short", "Questions under way, waiting and allowed.",
         [("sum(answerable_admission_under_way)", "under way"), ("sum(answerable_admission_waiting)", "waiting"),
          ("sum(answerable_admission_allowed)", "allowed")]),
        ("Turned away a minute", "short", "For load, and for limits.",
         [(f"sum by (reason) (rate(answerable_admission_refused_total[{_W}])) * 60", "{{reason}}"),
          (f"sum by (scope) (rate(answerable_toll_refused_total[{_W}])) * 60", "limit of a {{scope}}")]),
    ],
}  # fmt: skip
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def expressions() -> list[str]:
    """Every query."""
    return [query for panels in ROWS.values() for *_, queries in panels for query, _ in queries]


def dashboard() -> dict[str, Any]:
    """As Grafana imports it."""
    panels: list[dict[str, Any]] = []
    y = 0
    for row, shown in ROWS.items():
        panels.append(_box(len(panels), row, {"h": 1, "w": 24, "x": 0, "y": y}, "row") | {"collapsed": False})
        y += 1
        for number, (title, unit, says, queries) in enumerate(shown):
            place = {"h": 8, "w": 12, "x": 12 * (number % 2), "y": y + 8 * (number // 2)}
            panels.append(_box(len(panels), title, place, "timeseries") | _graph(unit, says, queries))
        y += 8 * ((len(shown) + 1) // 2)
    return {
        "uid": "answerable",
        "title": "answerable",
        "tags": ["answerable"],
        "schemaVersion": 39,
        "editable": True,
        "time": {"from": "now-24h", "to": "now"},
        "refresh": "1m",
        "templating": {"list": [
            {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"}
        ]},
        "panels": panels,
    }  # fmt: skip


def _box(number: int, title: str, place: dict[str, int], kind: str) -> dict[str, Any]:
    return {"id": number + 1, "type": kind, "title": title, "gridPos": place}


def _graph(unit: str, says: str, queries: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "description": says,
        "datasource": _SOURCE,
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "targets": [
            {"refId": chr(65 + n), "expr": query, "legendFormat": legend, "datasource": _SOURCE}
            for n, (query, legend) in enumerate(queries)
        ],
    }


def text() -> str:
    """The file."""
    return json.dumps(dashboard(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    if "--write" in sys.argv:
        FILE.write_text(text(), "utf-8")
    else:
        sys.stdout.write(text())
