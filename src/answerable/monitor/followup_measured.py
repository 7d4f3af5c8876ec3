"""How often the detector of follow-ups was right on the held-out pairs: what its rates are corrected with.

Made by `python benchmarks/followups.py`; a test compares it with the kept result.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from answerable.monitor.followup import DETECTOR

MEASURED_ON = f"{DETECTOR}, 179 held-out pairs, with vectors"
_CONFUSION: Mapping[tuple[str, str], int] = MappingProxyType(  # (class by hand, class said) → pairs
    {
        ("clarify", "clarify"): 24,
        ("drill_down", "drill_down"): 34,
        ("drill_down", "new_topic"): 3,
        ("new_topic", "drill_down"): 1,
        ("new_topic", "new_topic"): 18,
        ("new_topic", "pushback"): 2,
        ("new_topic", "rephrase"): 3,
        ("pushback", "drill_down"): 3,
        ("pushback", "pushback"): 19,
        ("rephrase", "drill_down"): 3,
        ("rephrase", "new_topic"): 15,
        ("rephrase", "rephrase"): 38,
        ("thanks", "new_topic"): 1,
        ("thanks", "thanks"): 15,
    }
)


def labeled_pairs(class_: str = "rephrase") -> tuple[tuple[bool, bool], ...]:
    """(said to be `class_`, was it) for each pair: what evals.stats.corrected.rogan_gladen wants."""
    return tuple(
        (said == class_, true == class_) for (true, said), count in _CONFUSION.items() for _ in range(count)
    )


def confusion() -> Mapping[tuple[str, str], int]:
    """(class by hand, class said) → pairs; what is not in it did not happen."""
    return _CONFUSION
