"""Words that a text for people outside of the team does without: the trade's own, and those that praise."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Names of metrics and of machinery.
TRADE = (
    "abstain", "abstention", "accuracy", "agentic", "aurc", "baseline", "bleu", "brier", "calibration", "chunk",
    "cohort", "confidence interval", "confidence level", "context window", "cosine", "embedding", "eval", "f1",
    "faithfulness", "false positive", "fine-tune", "generative", "groundedness", "guardrail", "hallucination",
    "inference", "kappa", "latency", "llm", "mean", "median", "metric", "ndcg", "nlp", "p-value", "p50", "p95",
    "p99", "percentile", "perplexity", "ppi", "precision", "prompt", "quantile", "rag", "recall", "rerank",
    "reranker", "retrieval", "retrieve", "rouge", "semantic", "significant", "statistically", "token", "top-k",
    "transformer", "true positive", "variance", "vector", "wilson",
)  # fmt: skip
# What nobody measured.
PRAISE = (
    "amazing", "best", "best-in-class", "breakthrough", "cutting-edge", "excellent", "fastest", "flawless",
    "game-changer", "greatest", "groundbreaking", "guaranteed", "incredible", "industry-leading", "leading",
    "magic", "most advanced", "never fails", "outstanding", "perfect", "perfectly", "powerful", "remarkable",
    "revolutionary", "seamless", "smart", "smartest", "state-of-the-art", "superior", "unmatched",
    "unparalleled", "world-class",
)  # fmt: skip


def found_in(text: str, words: Iterable[str] = (*TRADE, *PRAISE)) -> list[str]:
    """Those that stand in the text as words of their own (a plural s counts), in the list's order."""
    lower = text.lower()
    return [word for word in words if re.search(rf"(?<![\w-]){re.escape(word)}s?(?![\w-])", lower)]
