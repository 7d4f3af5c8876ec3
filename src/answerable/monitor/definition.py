"""What a metric is made of: its numbers, how each is reckoned, and what its interval is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from answerable.core.errors import ConfigError

DIMENSIONS: Mapping[str, str] = MappingProxyType(
    {
        "prompt": "the prompt's id",
        "prompt.version": "id@version",
        "prompt.sha256": "the first 12 digits of the hash of the prompt's text with its includes",
        "rollout": "the arm: stable or candidate; empty where no rollout was under way",
        "language": "of the answer",
        "model": "that answered, as provider/model",
        "channel": "where it was asked: page, widget, api",
        "topic": "what it was about",
        "day": "in UTC",
    }
)
BY_ANSWER = ("prompt", "prompt.version", "prompt.sha256", "rollout", "language", "model", "day")
BY_TASK = ("prompt", "prompt.version", "rollout", "language", "model", "channel", "topic", "day")
FEW = 30  # below it a share is k of n, without a percentage
FEW_PERSONS = 5  # below it a breakdown says nothing of what people did


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One number of a metric. `kind` says what it is, and so how its interval is made (see INTERVALS)."""

    name: str
    says: str
    formula: str
    kind: str  # a key of INTERVALS
    unit: str = ""  # ms | s | minutes | tokens | money | "" (shares in [0, 1], counts)
    items: str = ""  # which raw items are behind it, as `metric show NAME --items` takes it


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A metric: several numbers that must be read together. `charted` are those that are drawn."""

    name: str
    says: str
    parts: tuple[Part, ...]
    charted: tuple[str, ...]
    of: str  # what n counts
    source: str  # which tables it is read from
    caveats: tuple[str, ...]
    personal: bool = False  # what people did: a breakdown of fewer than FEW_PERSONS is not shown
    dimensions: tuple[str, ...] = BY_ANSWER
    usual_by: tuple[str, ...] = ()  # how it is parted when nobody says

    def part(self, name: str) -> Part:
        """By name. Raises ConfigError for one that there is not; of reviews every criterion is one."""
        for one in self.parts:
            if one.name == name:
                return one
        known = ", ".join(one.name for one in self.parts)
        raise ConfigError(f"{self.name} has no part {name!r}", hint=f"one of {known}")

    def parted(self, by: Sequence[str]) -> tuple[str, ...]:
        """The dimensions, each once. Raises ConfigError for one that it is not parted by."""
        if unknown := [name for name in by if name not in self.dimensions]:
            raise ConfigError(
                f"{self.name} is not parted by {unknown[0]!r}", hint=f"by {', '.join(self.dimensions)}"
            )
        return tuple(dict.fromkeys(by))


INTERVALS: Mapping[str, str] = MappingProxyType(
    {
        "share": "95 %, Wilson (1927); statements of one answer stand or fall together: at their effective "
        "number (Kish 1965, Survey Sampling, section 8.2; Korn and Graubard 1998)",
        "people": "95 %, weighted by each answer's chance of being drawn (Hájek 1971), Wilson at the "
        "effective number",
        "quantile": "95 %, from order statistics (David and Nagaraja 2003, section 7.1), for any distribution; "
        "an end is open where n is too small for it",
        "mean": "95 %, percentile bootstrap by whole days; by answers where there are fewer than 5 days",
        "sum": "counted, not estimated: none",
        "corrected": "95 %, PPI++ (Angelopoulos, Duchi and Zrnic 2023, arXiv:2311.01453) from 200 labels on, "
        "Wilson at the number of labels that its variance is worth; with fewer the people's sample alone, Wilson",
        "detected": "95 %, corrected for what the detector misses and makes up (Rogan and Gladen 1978), with the "
        "interval of Lang and Reiczigel 2014, which holds the uncertainty of all three rates",
        "harm": "95 %, strata weighted by their share, Wilson at the number of answers that the variance is "
        "worth; where none was found the exact upper bound of each stratum, 1 - 0.05^(1/n), weighted",
        "combined": "95 %, normal, from the sum of the variances of its parts",
        "ratio": "95 %, on the logarithm (Katz and others 1978)",
        "bins": "95 %, from order statistics over bins 5 % wide: the value is good to 2.5 %",
    }
)


def share(name: str, says: str, formula: str, items: str = "") -> Part:
    """k of n."""
    return Part(name=name, says=says, formula=formula, kind="share", items=items)


def people(name: str, says: str, formula: str) -> Part:
    """What people say of a sample."""
    return Part(name=name, says=says, formula=formula, kind="people")


def quantile(name: str, says: str, formula: str, unit: str) -> Part:
    """A value that a share of all do not exceed."""
    return Part(name=name, says=says, formula=formula, kind="quantile", unit=unit)


def counted(name: str, says: str, unit: str = "", formula: str = "counted", items: str = "") -> Part:
    """A number without an interval."""
    return Part(name=name, says=says, formula=formula, kind="sum", unit=unit, items=items)


def estimated(name: str, says: str, formula: str, kind: str, unit: str = "") -> Part:
    """A number of another kind of INTERVALS."""
    return Part(name=name, says=says, formula=formula, kind=kind, unit=unit)
