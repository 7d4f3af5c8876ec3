"""Where an answer can go wrong: a closed set, in the order of the path from a file to a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Stage(StrEnum):
    """The cause of a failure. `docs/evaluation/failures.md` says the same at more length."""

    CORPUS_MISSING = "corpus_missing"
    STALE_INDEX = "stale_index"
    PARSE = "parse"
    CHUNKING = "chunking"
    FILTER = "filter"
    ACL = "acl"
    RETRIEVAL = "retrieval"
    FUSION = "fusion"
    RERANKER = "reranker"
    CONTEXT = "context"
    ABSTENTION = "abstention"
    PROMPT = "prompt"
    MODEL = "model"
    VERIFICATION = "verification"
    GUARD = "guard"
    POISONED = "poisoned"
    CONFLICT = "conflict"
    EXPECTATION = "expectation"
    NONE = "none"


# What it means, and what to do about it.
EXPLAINED: Mapping[Stage, tuple[str, str]] = MappingProxyType(
    {
        Stage.CORPUS_MISSING: ("no document says it", "write or add the page"),
        Stage.STALE_INDEX: ("the index is not what the source says now", "run `answerable source sync`"),
        Stage.PARSE: ("the file was not read, or not all of it", "see `answerable doc list`; mend the file"),
        Stage.CHUNKING: ("the passage was cut badly", "see `answerable chunk show DOC`; change [chunking], sync"),
        Stage.FILTER: ("a filter keeps the right page out, or lets a wrong one in", "change retrieval.filter"),
        Stage.ACL: ("the page's groups are not the asker's, or are too wide", "change the page's acl, sync"),
        Stage.RETRIEVAL: ("the search does not find the passage", "see retrieval.mode; index the vectors again"),
        Stage.FUSION: ("one arm finds the passage, the fusion loses it", "see retrieval.dense_weight"),
        Stage.RERANKER: ("the passage is found and ranked away", "see retrieval.reranker"),
        Stage.CONTEXT: ("the passage is found and does not fit", "raise retrieval.keep or answer.context_tokens"),
        Stage.ABSTENTION: ("the estimate of answerability is wrong", "see abstain.threshold; calibrate"),
        Stage.PROMPT: ("the prompt leads the model astray", "compare the prompt with the shipped one"),
        Stage.MODEL: ("the passage is there and the model does not use it", "try another model"),
        Stage.VERIFICATION: ("the sentence check holds a right sentence back, or is off", "see answer.verify"),
        Stage.GUARD: ("a guard stops what is right, or lets pass what is not", "see [guard]; read the rule"),
        Stage.POISONED: ("a planted page speaks", "take the page out; lower its source's trust"),
        Stage.CONFLICT: ("another page contradicts the right one", "have the pages' owners agree"),
        Stage.EXPECTATION: ("the case asks for what its own pages do not say", "correct and confirm the case"),
        Stage.NONE: ("nothing wrong was found", "ask again; `answerable trace replay` says what has changed"),
    }
)
