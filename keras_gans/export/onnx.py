"""ONNX, which runs on ONNX Runtime, TensorRT, OpenVINO and others.

The converter is tf2onnx, the one that Keras' own `Model.export(format="onnx")` uses on TensorFlow. It is called on the function
that the other formats hold, because Keras exports a network's inputs and outputs as they are: under its own names, images in
[-1, 1], and for text the logits of one token instead of the loop that generates.
"""

import os
from pathlib import Path

from keras_gans.export import parity
from keras_gans.export.parity import Difference
from keras_gans.export.signatures import signatures_of
from keras_gans.files import refuse_existing, replacing

# Of 2022; what is newer adds no operator that is needed, and fewer programs read it.
OPSET = 18


def onnx(model, output: str | os.PathLike, overwrite: bool = False) -> tuple[Path, Difference]:
    """Exports a generator as one ONNX file that takes batches of any size.

    Inputs and outputs are named as in the signature `serving_default` of `saved_model`: `latents` (and `labels`) -> `images` in
    [0, 1]; for text models `latents`, `temperature` `(batch, 1)` (and `labels`) -> `token_ids`. Sizes of images that are free
    in the model are free here. There is no `generate`: opset 18 has no operator that reads the bits of a seed.

    Args:
        model: An `AdversarialModel`.
        output: The file, ending in `.onnx`.
        overwrite: Whether to replace an existing file.

    Returns:
        The file, and the largest difference from Keras' output that a process without keras_gans and TensorFlow found.

    Raises:
        FileExistsError: If the file exists and `overwrite` is false.
        ValueError: If the suffix is another, the packages of the extra `onnx` are missing, an operator has no counterpart in
            ONNX, or the exported model differs from the Keras model by more than 1e-4.
        RuntimeError: If Keras does not run on TensorFlow.
    """
    output = Path(output)
    if output.suffix != ".onnx":
        raise ValueError(f"An ONNX file must end in .onnx; received {output}.")
    refuse_existing(output, overwrite)
    signatures = signatures_of(model)
    content = _convert(signatures)
    with replacing(output) as temporary:
        temporary.write_bytes(content)
        difference = parity.checked("onnx", temporary, signatures)
    return output, difference


def _convert(signatures):
    try:
        import onnxruntime  # noqa: F401  of the check
        import tf2onnx
    except ImportError as error:
        raise ValueError(f"ONNX needs {error.name}, which is not installed: pip install 'keras-gans[onnx]'.") from error
    function = signatures.contents("onnx").functions["serving_default"]
    converted, _ = tf2onnx.convert.from_function(function, function.input_signature, opset=OPSET, custom_op_handlers=HANDLERS)
    for value in (*converted.graph.input, *converted.graph.output):
        sizes = value.type.tensor_type.shape.dim
        for axis, size in enumerate(sizes):
            if size.dim_param:
                size.dim_param = f"{value.name}_{axis}"
        sizes[0].dim_param = "batch"
    return converted.SerializeToString()


def _complementary_error(graph, node, name, arguments):
    """Makes 1 - Erf of Erfc, which GELU is made of and ONNX lacks."""
    import numpy as np

    [x], outputs = node.input, node.output
    dtypes, shapes = [graph.get_dtype(output) for output in outputs], [graph.get_shape(output) for output in outputs]
    graph.remove_node(node.name)
    one = graph.make_const(f"{name}/one", np.float32(1.0))
    error = graph.make_node("Erf", [x], name=f"{name}/erf")
    graph.make_node("Sub", [one.output[0], error.output[0]], name=name, outputs=outputs, dtypes=dtypes, shapes=shapes)


# Of TensorFlow's operators that tf2onnx does not know.
HANDLERS = {"Erfc": (_complementary_error, [])}
