"""Requests that TensorFlow Serving answers to itself before it answers others, so that the first user does not wait.

Reference: TensorFlow Serving, "SavedModel Warmup": a TFRecord file of `PredictionLog` messages.
"""

from pathlib import Path

NAME = "assets.extra/tf_serving_warmup_requests"


def write_requests(folder, name, inputs):
    """Writes a request of each signature beside a SavedModel.

    Args:
        folder: The SavedModel's.
        name: What the server calls the model.
        inputs: NumPy arrays by name, by signature.
    """
    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2, prediction_log_pb2

    path = Path(folder, NAME)
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
