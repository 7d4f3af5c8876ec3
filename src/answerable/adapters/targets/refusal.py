"""Whether a text that nobody labeled refuses to answer: a guess by its first words; English, German, Spanish."""

from __future__ import annotations

import re

from answerable.core.outcome import Outcome
from answerable.text.sentences import sentences

GUESSED = "outcome_guessed"  # in Answer.degraded: the target did not say how it ended
_FIRST = 2  # sentences: a refusal begins with it, an answer may hold one later

_REFUSALS = re.compile(
    r"""
    \b(?:
      (?:i|we)\s+(?:really\s+|honestly\s+)?(?:do\s*n[o']?t|do\s+not)\s+(?:know|have\s+(?:any\s+|enough\s+|the\s+|that\s+|this\s+)*
          (?:information|details|data|knowledge|access))
    | (?:i|we)(?:\s+am|\s+are|['’]m|['’]re)?\s+(?:not\s+(?:able|sure)|unable|sorry)\b
    | (?:i|we)\s+(?:can\s*not|can['’]?t|could\s*n[o']?t|could\s+not|was\s+unable\s+to|won['’]?t)\s+
          (?:find|answer|help|determine|locate|say|provide|tell|assist|guess)
    | (?:there\s+is|there['’]s)\s+no\s+(?:information|mention|answer)
    | (?:context|documents?|pages?|passages?|sources?)\s+(?:do(?:es)?\s*n[o']?t|do(?:es)?\s+not)\s+
          (?:contain|mention|say|provide|cover|include)
    | no_answer
    | das\s+wei(?:ß|ss)\s+ich\s+(?:leider\s+)?nicht
    | ich\s+(?:wei(?:ß|ss)\s+(?:es\s+|das\s+)?(?:leider\s+)?nicht|habe\s+(?:leider\s+)?keine|
          (?:kann|konnte)\s+(?:\w+\s+){0,6}nicht)
    | (?:dazu|darüber|hierzu)\s+(?:\w+\s+){0,8}keine\s+(?:information|angabe|auskunft)
    | no\s+(?:lo\s+s[eé]|sé)\b
    | no\s+(?:puedo|podemos|he\s+podido|encuentro|encontr[eé]|tengo\s+(?:\w+\s+)?informaci[oó]n|dispongo)
    | lo\s+siento
    )""",
    re.IGNORECASE | re.VERBOSE,
)


def guess_outcome(text: str) -> Outcome:
    """`abstained` where one of the first two sentences says that it cannot say; else `answered`."""
    plain = text.replace("’", "'")
    spans = sentences(plain)[:_FIRST]
    beginning = plain[: spans[-1][1]] if spans else ""
    return Outcome.ABSTAINED if not beginning.strip() or _REFUSALS.search(beginning) else Outcome.ANSWERED
