"""Counts and distributions by name and labels, in memory: adding one costs one to two microseconds."""

from __future__ import annotations

from dataclasses import dataclass, field

from answerable.core.figures import NAMED, Distribution, Labels, Sample

MOST = 500  # combinations of labels a figure; what comes after is `other`
OTHER = "other"


@dataclass(slots=True, kw_only=True)
class Counting:
    """Counters and histograms of the list of figures. Raises KeyError for a name that is not in it."""

    most: int = MOST
    _sums: dict[str, dict[Labels, float]] = field(default_factory=dict)
    _distributions: dict[str, dict[Labels, Distribution]] = field(default_factory=dict)

    def add(self, name: str, *labels: str, by: float = 1.0) -> None:
        """Count `by` more."""
        series = self._sums.setdefault(name, {})
        key = self._key(series, labels)
        series[key] = series.get(key, 0.0) + by

    def took(self, name: str, seconds: float, *labels: str) -> None:
        """Count one time."""
        series = self._distributions.setdefault(name, {})
        key = self._key(series, labels)
        one = series.get(key)
        if one is None:
            one = series[key] = Distribution(bounds=NAMED[name].buckets)
        one.take(seconds)

    def samples(self) -> list[Sample]:
        """Everything counted, in no order."""
        sums = [
            Sample(name=name, labels=labels, value=value)
            for name, series in self._sums.items()
            for labels, value in series.items()
        ]
        return sums + [
            Sample(name=name, labels=labels, value=one)
            for name, series in self._distributions.items()
            for labels, one in series.items()
        ]

    def _key(self, series: dict[Labels, float] | dict[Labels, Distribution], labels: Labels) -> Labels:
        return labels if labels in series or len(series) < self.most else (OTHER,) * len(labels)
