"""Where people are in the database, table by table, and the receipt of one who was forgotten."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from answerable.core.identity import sha256_hex

DELETED, PSEUDONYM, KEPT, NONE = "deleted", "pseudonym", "kept", "none"

# Every table of the schema, with what becomes of a person in it and why. A test reads the schema: a table that is
# not here fails it.
TABLES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "principal": (DELETED, "the person, their groups and roles"),
        "api_token": (DELETED, "their credentials"),
        "trace": (DELETED, "their questions, and all that was done for them"),
        "step": (DELETED, "the steps of their traces"),
        "answer": (DELETED, "their answers"),
        "answer_fact": (DELETED, "figures of their answers"),
        "conversation": (DELETED, "their conversations"),
        "turn": (DELETED, "what they and the assistant said"),
        "feedback": (DELETED, "what they thought of their answers"),
        "reply": (DELETED, "cached replies to questions that they asked"),
        "event": (DELETED, "figures of their questions, answers and clicks"),
        "task": (DELETED, "figures of what they wanted"),
        "drift_cell": (NONE, "sums over persons, by six hours"),
        "topic_set": (NONE, "centers of many questions, and words that at least five persons used"),
        "happening": (DELETED, "what names them or their traces; where they acted, a pseudonym"),
        "tally_person": (DELETED, "their hash, with the last of their events or tasks"),
        "rate_meter": (DELETED, "their counters"),
        "walk_window": (DELETED, "their counters"),
        "failed_attempt": (DELETED, "their counters, kept for an hour"),
        "review_hold": (DELETED, "places that they held as a reader"),
        "model_call": (PSEUDONYM, "what was paid stays, without them, their key, trace and question"),
        "review_item": (PSEUDONYM, "the topic of their questions; their seat as a reader"),
        "review_reading": (PSEUDONYM, "words about their answers go; as a reader they become a pseudonym"),
        "quarantine": (PSEUDONYM, "who decided"),
        "conflict": (PSEUDONYM, "who decided"),
        "incident": (PSEUDONYM, "who opened and closed; the question of their answer"),
        "audit": (KEPT, "a chain of hashes: who acted under which id, never what a person asked"),
        "judgment": (KEPT, "by a hash of its case, without a person; goes with retention.messages"),
        "eval_run": (KEPT, "runs over case files, which are files of the project: named on the receipt"),
        "eval_row": (KEPT, "results of case files, which are files of the project: named on the receipt"),
        "budget_period": (KEPT, "sums of money, by the id of a credential that is gone"),
        "budget_hold": (KEPT, "sums of money under way, for minutes"),
        "alert": (NONE, "what is wrong, in figures; who looked after it stands in the audit log"),
        "alert_hour": (NONE, "counts by the hour"),
        "alert_watch": (NONE, "where the evaluation stands"),
        "alert_silence": (NONE, "rules that are silent; who said so stands in the audit log"),
        "notice": (NONE, "messages that wait to be sent, without a person"),
        "tally": (NONE, "counts"),
        "tally_cell": (NONE, "what parts counts"),
        "tally_touched": (NONE, "days"),
        "review_batch": (NONE, "counts"),
        "person_key": (NONE, "keys of pseudonyms, of everybody at a time"),
        "job_run": (NONE, "names of jobs, times and counts"),
        "procrastinate_jobs": (NONE, "names of jobs and times"),
        "procrastinate_events": (NONE, "times of jobs"),
        "procrastinate_periodic_defers": (NONE, "times of schedules"),
        "procrastinate_workers": (NONE, "times of processes"),
        "document": (NONE, "the sources, not their readers"),
        "document_version": (NONE, "the sources"),
        "chunk": (NONE, "the sources"),
        "embedding": (NONE, "the sources"),
        "embedding_model": (NONE, "names of models"),
        "embedding_cache": (NONE, "vectors of the sources"),
        "posting_block": (NONE, "words of the sources"),
        "posting_fresh": (NONE, "words of the sources"),
        "posting_gone": (NONE, "words of the sources"),
        "posting_segment": (NONE, "words of the sources"),
        "index_size": (NONE, "counts"),
        "index_generation": (NONE, "names of indexes"),
        "source": (NONE, "names of sources"),
        "source_file": (NONE, "files of the sources"),
        "ingest_run": (NONE, "counts"),
        "run_change": (NONE, "earlier texts of the sources"),
        "token_code": (NONE, "codes of the sources"),
        "token_cache": (NONE, "codes of the sources"),
        "vector_set": (NONE, "ids of the sources"),
        "word": (NONE, "words of the sources"),
        "word_bucket": (NONE, "words of the sources"),
        "word_mark": (NONE, "counts"),
        "schema_migration": (NONE, "versions of the schema"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What forgetting did, or would do (`dry`): rows by table, lines of files.

    `named`: files that name the person, for somebody to edit.
    """

    person: str
    by: str
    dry: bool
    rows: Mapping[str, int]
    files: Mapping[str, int]
    named: tuple[str, ...]
    at: datetime
    pseudonym: str

    @property
    def total(self) -> int:
        """Rows and lines."""
        return sum(self.rows.values()) + sum(self.files.values())

    def receipt(self) -> dict[str, object]:
        """For the audit log: nothing in it is the person's. `hash` is of all else in it."""
        said: dict[str, object] = {
            "at": self.at.astimezone(UTC).isoformat(timespec="seconds"),
            "by": self.by,
            "pseudonym": self.pseudonym,
            "rows": {name: count for name, count in self.rows.items() if count},
            "files": sum(self.files.values()),
            "named": len(self.named),
        }
        return said | {"hash": sha256_hex(json.dumps(said, sort_keys=True, ensure_ascii=False))}
