"""Every metric without a model keeps the contract of the port."""

from __future__ import annotations

import pytest

from answerable.evals.metrics.suite import model_free
from answerable.testing.metric import MetricContract


class TestModelFree(MetricContract):
    @pytest.fixture(params=model_free(), ids=lambda metric: metric.name)
    def metric(self, request):
        return request.param
