"""Figures as the text that Prometheus reads; a registry of its own for each scrape, nothing global."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from answerable.core.figures import Distribution, Figure, Sample

CONTENT_TYPE = CONTENT_TYPE_LATEST


def exposition(figures: Sequence[Figure], samples: Iterable[Sample]) -> bytes:
    """All figures that have a value, and the process's memory, CPU and files where /proc tells them."""
    by_name: dict[str, list[Sample]] = {}
    for one in samples:
        by_name.setdefault(one.name, []).append(one)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Given(figures=figures, by_name=by_name))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Given(Collector):
    """Hands out what was counted elsewhere."""

    figures: Sequence[Figure]
    by_name: Mapping[str, Sequence[Sample]]

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        for figure in self.figures:
            if samples := self.by_name.get(figure.name):
                yield _family(figure, samples)


def _family(figure: Figure, samples: Sequence[Sample]) -> Metric:
    if figure.kind == "histogram":
        histogram = HistogramMetricFamily(figure.name, figure.meaning, labels=figure.labels)
        for one in samples:
            if isinstance(one.value, Distribution):
                histogram.add_metric(list(one.labels), _buckets(one.value), sum_value=one.value.total)
        return histogram
    kind = CounterMetricFamily if figure.kind == "counter" else GaugeMetricFamily
    family: CounterMetricFamily | GaugeMetricFamily = kind(figure.name, figure.meaning, labels=figure.labels)
    for one in samples:
        if not isinstance(one.value, Distribution):
            family.add_metric(list(one.labels), one.value)
    return family


def _buckets(one: Distribution) -> list[tuple[str, float]]:
    """Cumulative, as the format wants them."""
    bounds = [f"{bound:g}" for bound in one.bounds] + ["+Inf"]
    running, found = 0, []
    for bound, count in zip(bounds, one.counts, strict=True):
        running += count
        found.append((bound, float(running)))
    return found
