"""ONNX, which runs on ONNX Runtime, TensorRT, OpenVINO and others.

The converter is tf2onnx, which Keras' own `Model.export(format="onnx")` uses on TensorFlow. It converts the function that the
other formats contain. Keras would export the network under its own names, images in [-1, 1], and for text the logits of one
token instead of the loop that generates.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_gans._typing import PathLike
from keras_gans.export.parity import Difference, write_checked
from keras_gans.export.signatures import Signatures, signatures_of
from keras_gans.files import refuse_existing

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel

# From 2022. Later opsets add no operator that is needed, and fewer programs read them.
OPSET = 18


def onnx(model: AdversarialModel, output: PathLike, overwrite: bool = False) -> tuple[Path, Difference]:
    """Export a generator as one ONNX file that takes batches of any size.

    Inputs and outputs have the names of the signature `serving_default` of `saved_model`: `latents` (and `labels`) -> `images`
    in [0, 1]; for text models `latents`, `temperature` `(batch, 1)` (and `labels`) -> `token_ids`. Image sizes that are free in
    the model are free here. There is no `generate`: opset 18 has no operator that reads the bits of a seed.

    Args:
        model: The model to export.
        output: The file, ending in `.onnx`.
        overwrite: Whether to replace an existing file.

    Returns:
        The file, and the largest difference from Keras' output, measured in a process without keras_gans and TensorFlow.

    Raises:
        FileExistsError: If the file exists and `overwrite` is false.
        ValueError: If the file has another suffix, the packages of the extra `onnx` are not installed, an operator has no
            counterpart in ONNX, or the exported model differs from the Keras model by more than 1e-4.
        RuntimeError: If Keras does not run on TensorFlow.
    """
    output = Path(output)
    if output.suffix != ".onnx":
        raise ValueError(f"An ONNX file must end in .onnx; received {output}.")
    refuse_existing(output, overwrite)
    signatures = signatures_of(model)
    content = _convert(signatures)
    return write_checked("onnx", output, signatures, lambda path: path.write_bytes(content))


def _convert(signatures: Signatures) -> bytes:
    try:
        import onnxruntime  # noqa: F401  for the check
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


def _complementary_error(graph: Any, node: Any, name: str, arguments: Any) -> None:
    """Replace Erfc, which GELU uses and ONNX lacks, by 1 - Erf."""
    import numpy as np

    [x], outputs = node.input, node.output
    dtypes, shapes = [graph.get_dtype(output) for output in outputs], [graph.get_shape(output) for output in outputs]
    graph.remove_node(node.name)
    one = graph.make_const(f"{name}/one", np.float32(1.0))
    error = graph.make_node("Erf", [x], name=f"{name}/erf")
    graph.make_node("Sub", [one.output[0], error.output[0]], name=name, outputs=outputs, dtypes=dtypes, shapes=shapes)


# For TensorFlow's operators that tf2onnx does not know.
HANDLERS: dict[str, tuple[Any, list[Any]]] = {"Erfc": (_complementary_error, [])}
