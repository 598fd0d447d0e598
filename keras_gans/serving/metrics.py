"""What Prometheus is told."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest

__all__ = ["CONTENT_TYPE_LATEST", "Metrics"]

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """Counts of a server.

    Args:
        queued: Returns how many requests wait.
        listed: Returns the models that can be used: see `Models.listed`.
    """

    def __init__(self, queued, listed):
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        prefix = "keras_gans_serving"
        self._requests = Counter(
            f"{prefix}_requests",
            "Requests by API (rest or grpc), model, method and HTTP status, for gRPC that of its code.",
            ("api", "model", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            f"{prefix}_request_seconds",
            "Time from a request's head (gRPC: the whole of it) to its answer.",
            ("api", "model", "method"),
            registry=self._registry,
            buckets=_SECONDS,
        )
        self._rows = Histogram(f"{prefix}_batch_rows", "Rows of a call of a graph.", registry=self._registry, buckets=_ROWS)
        Gauge(f"{prefix}_queued_requests", "Requests that wait for a call.", registry=self._registry).set_function(queued)
        self._models = Gauge(
            f"{prefix}_model_available", "1 for each loaded version.", ("model", "version"), registry=self._registry
        )
        self._listed = listed

    def request(self, api: str, model: str, method: str, status: int, seconds: float) -> None:
        """Counts a request that has been answered. `model` is of a known model, or empty, so that labels stay few."""
        self._requests.labels(api, model, method, str(status)).inc()
        self._seconds.labels(api, model, method).observe(seconds)

    def call(self, rows: int) -> None:
        """Counts a call of a graph."""
        self._rows.observe(rows)

    def text(self) -> bytes:
        """Returns all of them in the OpenMetrics format."""
        self._models.clear()
        for model in self._listed():
            for version in model["versions"]:
                self._models.labels(model["name"], str(version)).set(1)
        return generate_latest(self._registry)
