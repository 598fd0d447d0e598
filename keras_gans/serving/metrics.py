"""Metrics for Prometheus."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest

__all__ = ["CONTENT_TYPE_LATEST", "Metrics"]

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """Counters and histograms of a server.

    Args:
        queued: Returns the number of waiting requests.
        listed: Returns the available models; see `Models.listed`.
    """

    def __init__(self, queued: Callable[[], float], listed: Callable[[], list[dict]]):
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        prefix = "keras_gans_serving"
        self._requests = Counter(
            f"{prefix}_requests",
            "Requests by API (rest or grpc), model, method and HTTP status. For gRPC it is the status of the code.",
            ("api", "model", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            f"{prefix}_request_seconds",
            "Time from the head of a request to its response.",
            ("api", "model", "method"),
            registry=self._registry,
            buckets=_SECONDS,
        )
        self._rows = Histogram(f"{prefix}_batch_rows", "Rows in a model call.", registry=self._registry, buckets=_ROWS)
        Gauge(f"{prefix}_queued_requests", "Requests that wait for a model call.", registry=self._registry).set_function(queued)
        self._models = Gauge(
            f"{prefix}_model_available", "1 for each loaded version.", ("model", "version"), registry=self._registry
        )
        self._listed = listed

    def request(self, api: str, model: str, method: str, status: int, seconds: float) -> None:
        """Record an answered request. `model` is the name of a known model, or empty, which keeps the labels few."""
        self._requests.labels(api, model, method, str(status)).inc()
        self._seconds.labels(api, model, method).observe(seconds)

    def call(self, rows: int) -> None:
        """Record a model call."""
        self._rows.observe(rows)

    def text(self) -> bytes:
        """Return all metrics in the OpenMetrics format."""
        self._models.clear()
        for model in self._listed():
            for version in model["versions"]:
                self._models.labels(model["name"], str(version)).set(1)
        return generate_latest(self._registry)
