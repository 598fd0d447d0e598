"""What the REST and the gRPC API share: the models, the batcher that runs them, limits, measures, and answers about models."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import numpy as np

from keras_gans.serving.batching import Batcher
from keras_gans.serving.body import Bodies
from keras_gans.serving.errors import ServingError
from keras_gans.serving.metrics import Metrics
from keras_gans.serving.servable import Signature

SIGNATURE_DEF = "signature_def"


class Service:
    """Answers in TensorFlow Serving's messages.

    Args:
        models: The `Models` to serve.
        settings: The server's `Settings`.

    Attributes:
        models, settings: What was given.
        metrics: The `Metrics` to tell of each answer.
        bodies: The `Bodies` that limit what requests take of memory.
    """

    def __init__(self, models, settings):
        self.models, self.settings = models, settings
        self._batcher = Batcher(
            settings.inference_threads,
            settings.max_batch_size,
            settings.batch_timeout_ms / 1000,
            settings.max_queue,
            lambda rows: self.metrics.call(rows),
        )
        self.metrics = Metrics(lambda: self._batcher.queued, models.listed)
        self.bodies = Bodies(settings.max_body, settings.client_timeout)

    @contextlib.asynccontextmanager
    async def limited(self) -> AsyncIterator[None]:
        """Gives what the block awaits `--request_timeout`, and raises a `ServingError` then."""
        seconds = self.settings.request_timeout
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError as error:
            raise ServingError("DEADLINE_EXCEEDED", f"The request took longer than {seconds:g} seconds.") from error

    async def run(self, signature: Signature, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Returns a signature's outputs: see `Batcher.run`."""
        signature.check_shapes({name: array.shape for name, array in arrays.items()})
        return await self._batcher.run(signature, arrays)

    def status(self, name: str, version: int | None = None, label: str | None = None):
        """Returns the `GetModelStatusResponse` of a model; raises as `Models.states` does."""
        from tensorflow.core.protobuf import error_codes_pb2
        from tensorflow_serving.apis import get_model_status_pb2

        response = get_model_status_pb2.GetModelStatusResponse()
        for number, state in self.models.states(name, version, label).items():
            status = response.model_version_status.add(version=number)
            status.state = get_model_status_pb2.ModelVersionStatus.State.Value(state.state)
            status.status.error_code = error_codes_pb2.Code.Value(state.code)
            status.status.error_message = state.message
        return response

    def metadata(self, name: str, version: int | None = None, label: str | None = None):
        """Returns the `GetModelMetadataResponse` of a model; raises as `Models.using` does."""
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
        """Counts a request; models that there are not are not told apart, so that there are few counts."""
        self.metrics.request(api, model if self.models.known(model) else "", method, status, seconds)

    def close(self) -> None:
        """Takes no more work."""
        self._batcher.close()
