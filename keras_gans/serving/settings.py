"""The settings of a server, with their defaults."""

import os
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """See `keras-gans serve --help` for what each means."""

    host: str = "127.0.0.1"
    port: int = 8501
    grpc_port: int | None = None
    max_batch_size: int = 64
    batch_timeout_ms: float = 0.0
    # Each call uses all cores; several at a time keep a slow model from holding up the others.
    inference_threads: int = max(1, min(4, (os.cpu_count() or 1) // 2))
    max_queue: int = 1000
    max_rows: int = 256
    max_body_mb: float = 4.0
    request_timeout: float = 30.0
    client_timeout: float = 10.0
    stop_timeout: float = 30.0
    poll_seconds: float = 1.0
    load_timeout: float = 120.0
    trust: bool = False
    sign: str | None = None
    allow_nan: bool = False
    cors: bool = False
    allowed_hosts: Sequence[str] = ()

    @property
    def max_body(self) -> int:
        """Size of the largest request body, in bytes."""
        return int(self.max_body_mb * 2**20)
