"""Every export is run once where nothing of ours is imported, and must give what Keras gives."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from keras import ops

from keras_gans.export import quantization
from keras_gans.export.signature import example_inputs, output_name, to_exported_range
from keras_gans.gans import SequenceGAN
from keras_gans.gans.steady import steady_seeds
from keras_gans.seeds import normal, uniform
from keras_gans.text import UNKNOWN

TOLERANCE = 1e-4
_SAMPLES = 8


class Difference(float):
    """The largest difference of an export from the Keras model.

    Attributes:
        mean: The mean difference; of tokens the share of those that differ.
    """

    def __new__(cls, largest, mean):
        difference = super().__new__(cls, largest)
        difference.mean = float(mean)
        return difference


def checked(kind, path, model, network, quantize=quantization.NONE) -> Difference:
    """Runs an exported file in a clean process and returns the largest difference from the Keras model.

    Every signature is run. Of 8-bit pixels, the difference is how far Keras' are from such as are rounded to them, as parts of
    the range; of tokens, that of their ids; of text, 1 if any differs.

    Args:
        kind: `"saved_model"`, `"tflite"` or `"onnx"`.
        path: The exported file or folder.
        model: The `AdversarialModel` it was made from.
        network: That model's network that was exported.
        quantize: Of a TFLite file: see `keras_gans.export.quantization`.

    Raises:
        ValueError: If the difference is above 1e-4, or the mean difference above what such a quantisation is allowed.
        RuntimeError: If the export does not run, with what it printed.
    """
    inputs = example_inputs(model, _SAMPLES)
    cases = {"serving_default": _default_case(model, network, inputs["serving_default"])}
    if isinstance(model, SequenceGAN) and kind != "onnx":
        cases["generate"] = _text_case(model, network, inputs["generate"])
        if kind == "saved_model" and "complete" in inputs:
            cases["complete"] = _completed_case(model, *cases["generate"])
    elif kind == "saved_model":
        cases |= _sample_cases(model, network, inputs)
    difference = _measured(kind, path, cases)
    if quantize == quantization.NONE:
        if not difference <= TOLERANCE:
            raise ValueError(
                f"The exported {kind} differs from the Keras model by {difference:.2g}, more than {TOLERANCE:g}: it is not "
                "kept."
            )
        return difference
    bound = quantization.allowed(quantize, cases["serving_default"][1][output_name(model)])
    if not difference.mean <= bound:
        raise ValueError(
            f"The {kind} quantised to {quantize} differs from the Keras model by {difference.mean:.2g} on average, more than "
            f"{bound:.2g}, which its samples would show: it is not kept. Choose another --quantize."
        )
    return difference


def _measured(kind, path, cases):
    """Returns the `Difference` of an exported file in some cases: signature -> `(inputs, outputs)`."""
    with tempfile.TemporaryDirectory() as folder:
        reference = Path(folder, "reference.npz")
        np.savez(
            reference,
            **{
                f"{signature}/{role}/{name}": value
                for signature, case in cases.items()
                for role, values in zip(("inputs", "outputs"), case, strict=True)
                for name, value in values.items()
            },
        )
        # -P keeps the script's folder, which is ours, off the path.
        command = [sys.executable, "-P", Path(__file__).with_name("run_export.py"), kind, path, reference]
        process = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if process.returncode:
        raise RuntimeError(f"The exported {kind} does not run:\n{process.stderr.strip()[-2000:]}")
    found = json.loads(process.stdout.splitlines()[-1])
    return Difference(found["largest_difference"], found["mean_difference"])


def _default_case(model, network, inputs):
    return inputs, {output_name(model): to_exported_range(output_name(model), _run(model, network, inputs))}


def _sample_cases(model, network, inputs):
    """Returns inputs and outputs of the signatures that only SavedModels of images, or of other continuous samples, have."""
    seeded = inputs["generate"]
    # Seeds with bits in both halves, too.
    seeded = {**seeded, "seeds": seeded["seeds"] + 2**32 - _SAMPLES // 2}
    latents = normal(seeded["seeds"], model.latent_shape)
    latents *= seeded["truncation"].reshape(-1, *(1 for _ in model.latent_shape))
    samples = _run(model, network, {"latents": latents} | {name: seeded[name] for name in ("labels",) if name in seeded})
    if output_name(model) != "images":
        return {"generate": (seeded, {"samples": samples})}
    pixels = np.clip((samples + 1.0) * 127.5, 0.0, 255.0)
    cases = {"generate": (seeded, {"images": pixels}), "generate_png": (seeded, {"image_bytes": pixels})}
    if "score" in inputs:
        judged = inputs["score"]
        scores = model.score(judged["images"] * 2.0 - 1.0, judged.get("labels"), training=False)
        cases["score"] = judged, {"scores": ops.convert_to_numpy(scores)[:, 0]}
    return cases


def _text_case(model, network, inputs):
    """Returns inputs and outputs of the signature `generate` of a model that writes."""
    conditions = {**inputs, "temperature": inputs["temperature"][:, None]}
    del conditions["seeds"]
    seeds = steady_seeds(model, network, conditions)
    tokens = _run(model, network, {"latents": uniform(seeds, model.latent_shape), **conditions})
    outputs = {"token_ids": tokens}
    if model.tokenizer is not None:
        outputs["text"] = np.array(model.tokenizer.decode(np.where(tokens < model.tokenizer.size, tokens, UNKNOWN)))
    return {**inputs, "seeds": seeds}, outputs


def _completed_case(model, inputs, outputs):
    """Returns the same with the beginning of each text as its prompt: row n's has n words, where these are its first tokens."""
    prompts = []
    for number, (row, text) in enumerate(zip(outputs["token_ids"].tolist(), outputs["text"].tolist(), strict=True)):
        prompt = " ".join(text.split()[:number])
        (tokens,) = model.tokenizer.encode_whole([prompt])
        begins = row[: len(tokens)] == tokens and UNKNOWN not in tokens and len(tokens) < len(row)
        prompts.append(prompt if begins else "")
    return {**inputs, "prompt": np.array(prompts)}, outputs


def _run(model, network, inputs):
    import tensorflow as tf

    given = {name: tf.constant(value) for name, value in inputs.items()}
    function = tf.function(lambda given: model.sample_from(network, given), autograph=False)
    # Called as a function of its own, it would be counted among those that are traced too often.
    return function.get_concrete_function(given)(given).numpy()
