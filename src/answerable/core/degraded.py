"""The words for steps that took a cheaper form: in `Answer.degraded`, in traces and in figures; no others.

Whoever takes the cheaper form writes the word; none is ever renamed.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

LEXICAL_ONLY = "lexical_only"
DENSE_ONLY = "dense_only"
AS_WRITTEN = "as_written"
NO_REWRITE = "no_rewrite"
NO_DECOMPOSE = "no_decompose"
NO_RERANK = "no_rerank"
NO_TOKEN_CODES = "no_token_codes"  # noqa: S105 - no password
NO_SECTIONS = "no_sections"
NO_RECORDED_CONFLICTS = "no_recorded_conflicts"
NO_CACHE = "no_cache"
UNGUARDED = "unguarded"
PROVIDER_FALLBACK = "provider_fallback"
PROVIDER_REFUSED = "provider_refused"
PROVIDER_REJECTED = "provider_rejected"
PROVIDER_MISCONFIGURED = "provider_misconfigured"
BUDGET_EXCEEDED = "budget_exceeded"
CACHED_EARLIER = "cached_earlier"
EXTRACTIVE = "extractive"
EXTRACTIVE_LEXICAL_ONLY = "extractive_lexical_only"
CONTINUED_EXTRACTIVELY = "continued_extractively"
CUT_SHORT = "cut_short"
QUOTES_ONLY = "quotes_only"

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        NO_REWRITE: "the model did not say the follow-up alone: rules did",
        NO_DECOMPOSE: "the model did not name the question's parts: rules did",
        AS_WRITTEN: "slips of spelling were not looked up",
        LEXICAL_ONLY: "searched by words alone, without meaning",
        DENSE_ONLY: "searched by meaning alone, without words",
        NO_RERANK: "the fused order stands, nothing was re-ranked",
        NO_TOKEN_CODES: "re-ranked by words and the fused order, without token codes",
        NO_SECTIONS: "passages were not merged into their section",
        NO_RECORDED_CONFLICTS: "conflicts found earlier were not looked up",
        NO_CACHE: "replies given before were not looked up",
        UNGUARDED: "a guard that fails open did not answer in time",
        PROVIDER_FALLBACK: "the first model did not answer, a later one or none did",
        PROVIDER_REFUSED: "the model's content filter refused, and no other was asked",
        PROVIDER_REJECTED: "the model found the request itself at fault, and no other was asked",
        PROVIDER_MISCONFIGURED: "the provider does not take our key, and no other was asked",
        BUDGET_EXCEEDED: "the money for a model is spent",
        CACHED_EARLIER: "no model answered: what was said to the same question earlier, checked anew",
        EXTRACTIVE: "no model answered: exact quotes",
        EXTRACTIVE_LEXICAL_ONLY: "quotes were chosen by words alone",
        CONTINUED_EXTRACTIVELY: "the model broke off, and quotes finish the answer",
        QUOTES_ONLY: "sentences could not be checked: only what is quoted word for word was shown",
        CUT_SHORT: "time was over: the answer ends where it had come to",
    }
)
