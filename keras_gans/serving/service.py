"""What the REST and gRPC APIs share: models, batching, limits, metrics, and status and metadata responses."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import numpy as np

from keras_gans.serving.batching import Batcher
from keras_gans.serving.body import SMALL, Bodies
from keras_gans.serving.errors import ServingError
from keras_gans.serving.metrics import Metrics
from keras_gans.serving.models import Models
from keras_gans.serving.servable import Signature
from keras_gans.serving.settings import Settings
from keras_gans.serving.signing import OutputSigner

if TYPE_CHECKING:
    from tensorflow_serving.apis.get_model_metadata_pb2 import GetModelMetadataResponse
    from tensorflow_serving.apis.get_model_status_pb2 import GetModelStatusResponse

SIGNATURE_DEF = "signature_def"


class Service:
    """Runs models and describes them in TensorFlow Serving's messages.

    Args:
        models: The `Models` to serve.
        settings: The server's `Settings`.

    Attributes:
        models, settings: The arguments.
        metrics: The `Metrics` that record each request.
        bodies: The `Bodies` that limit how much request data is in memory.
    """

    def __init__(self, models: Models, settings: Settings):
        self.models, self.settings = models, settings
        self.metrics = Metrics(lambda: self._batcher.queued, models.listed)
        self._batcher = Batcher(
            settings.inference_threads,
            settings.max_batch_size,
            settings.batch_timeout_ms / 1000,
            settings.max_queue,
            self.metrics.call,
        )
        self._signer = None if settings.sign is None else OutputSigner(settings.sign)
        self.bodies = Bodies(settings.max_body, settings.client_timeout)
        self._large = asyncio.Semaphore(1)

    @contextlib.asynccontextmanager
    async def limited(self) -> AsyncIterator[None]:
        """Raise a `ServingError` if the block takes longer than `--request_timeout`."""
        seconds = self.settings.request_timeout
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError as error:
            raise ServingError("DEADLINE_EXCEEDED", f"The request took longer than {seconds:g} seconds.") from error

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Let one block at a time decode a large request, which takes many times its size in memory.

        The decoders keep Python's lock for tenths of a second. So there is a break as long as that before the next one, in
        which the event loop gets on with the requests of others.
        """
        loop = asyncio.get_running_loop()
        await self._large.acquire()
        began = loop.time()
        try:
            yield
        finally:
            loop.call_later(loop.time() - began, self._large.release)

    async def run(self, signature: Signature, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the outputs of a signature, their files signed if that is wanted; see `Batcher.run`."""
        signature.check_shapes({name: array.shape for name, array in arrays.items()})
        outputs = await self._batcher.run(signature, arrays)
        return outputs if self._signer is None else await asyncio.to_thread(self._signer.sign, outputs)

    def status(self, name: str, version: int | None = None, label: str | None = None) -> GetModelStatusResponse:
        """Return the status of a model's versions; raise what `Models.states` raises."""
        from tensorflow.core.protobuf import error_codes_pb2
        from tensorflow_serving.apis import get_model_status_pb2

        response = get_model_status_pb2.GetModelStatusResponse()
        for number, state in self.models.states(name, version, label).items():
            status = response.model_version_status.add(version=number)
            status.state = get_model_status_pb2.ModelVersionStatus.State.Value(state.state)
            status.status.error_code = error_codes_pb2.Code.Value(state.code)
            status.status.error_message = state.message
        return response

    def metadata(self, name: str, version: int | None = None, label: str | None = None) -> GetModelMetadataResponse:
        """Return the signatures of a model; raise what `Models.using` raises."""
        from tensorflow_serving.apis import get_model_metadata_pb2

        with self.models.using(name, version, label) as servable:
            response = get_model_metadata_pb2.GetModelMetadataResponse()
            response.model_spec.name = servable.name
            response.model_spec.version.value = servable.version
            signatures = get_model_metadata_pb2.SignatureDefMap()
            for key, definition in servable.definitions.items():
                signatures.signature_def[key].CopyFrom(definition)
        response.metadata[SIGNATURE_DEF].Pack(signatures)
        return response

    def answered(self, api: str, model: str, method: str, status: int, seconds: float) -> None:
        """Record a request. Unknown models share one counter, so that clients cannot create counters."""
        self.metrics.request(api, model if self.models.known(model) else "", method, status, seconds)

    def close(self) -> None:
        """Stop accepting work."""
        self._batcher.close()


def is_large(arrays: dict[str, np.ndarray]) -> bool:
    """Return whether converting these arrays would keep the event loop busy for too long."""
    return sum(array.size for array in arrays.values()) > SMALL // 4
