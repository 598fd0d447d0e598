#!/usr/bin/env python3
"""Asks a server for a sample over gRPC (`pip install tensorflow-serving-api`): client.py MODEL [HOST:PORT].

Prints text, or writes MODEL.png or MODEL.wav.
"""

import base64
import json
import sys
from pathlib import Path

import grpc
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

TYPES = {"seeds": "int64", "labels": "int32", "temperature": "float32", "truncation": "float32"}

name = sys.argv[1]
address = sys.argv[2] if len(sys.argv) > 2 else "localhost:8500"
example = json.loads(Path(__file__).with_name(f"{name}.json").read_text())
request = predict_pb2.PredictRequest()
request.model_spec.name = name
request.model_spec.signature_name = example["signature_name"]
for key in example["instances"][0]:
    rows = [row[key] for row in example["instances"]]
    if isinstance(rows[0], dict):  # a file
        request.inputs[key].CopyFrom(tf.make_tensor_proto([base64.b64decode(row["b64"]) for row in rows]))
        continue
    dtype = TYPES.get(key, "uint8" if isinstance(rows[0], list) else "int32")  # an image, or a class
    request.inputs[key].CopyFrom(tf.make_tensor_proto(rows, dtype))
with grpc.insecure_channel(address) as channel:
    outputs = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict(request, timeout=10).outputs
files = {"image_bytes": f"{name}.png", "wav_bytes": f"{name}.wav"}
if found := [key for key in files if key in outputs]:
    Path(files[found[0]]).write_bytes(outputs[found[0]].string_val[0])
    print(f"Wrote {files[found[0]]}.")
else:
    for line in tf.make_ndarray(outputs["text" if "text" in outputs else next(iter(outputs))]):
        print(line.decode() if isinstance(line, bytes) else line)
