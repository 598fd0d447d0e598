"""Requests that TensorFlow Serving runs before it answers others, so that the first user does not wait.

Reference: TensorFlow Serving, "SavedModel Warmup": a TFRecord file of `PredictionLog` messages.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

NAME = "assets.extra/tf_serving_warmup_requests"


def write_requests(folder: Path, name: str, inputs: Mapping[str, Mapping[str, np.ndarray]]) -> None:
    """Write a request for each signature beside a SavedModel.

    Args:
        folder: The SavedModel's folder.
        name: The model's name on the server.
        inputs: For each signature, its inputs by name.
    """
    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2, prediction_log_pb2

    path = folder / NAME
    path.parent.mkdir()
    with tf.io.TFRecordWriter(str(path)) as writer:
        for signature, values in inputs.items():
            request = predict_pb2.PredictRequest()
            request.model_spec.name = name
            request.model_spec.signature_name = signature
            for key, value in values.items():
                request.inputs[key].CopyFrom(tf.make_tensor_proto(value))
            log = prediction_log_pb2.PredictLog(request=request)
            writer.write(prediction_log_pb2.PredictionLog(predict_log=log).SerializeToString())
