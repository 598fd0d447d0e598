"""Small SavedModels with the signatures that exports have, made by hand: what they return can be told from their inputs."""

import shutil
from pathlib import Path

import numpy as np

SEEDS = "seeds must be integers from 0 to 2^63 - 1."
UNSEEN = "The prompt holds what the model has never seen."
SIZE = 4
LATENTS = 3


def image_of(seed, truncation=1.0, label=0, version=1):
    """Returns the uint8 image `(4, 4, 1)` that the model of `write_images` generates."""
    value = (seed * 37 % 199 + version * 11 + label * 5) * truncation
    return np.full((SIZE, SIZE, 1), int(value) % 256, "uint8") + np.arange(SIZE, dtype="uint8")[:, None, None]


def write_images(folder, version=1, conditional=False, classes=()):
    """Writes a model of images as `keras-gans export` does; its version changes what it generates."""
    import tensorflow as tf

    specs = {"seeds": tf.int64, "truncation": tf.float32} | ({"labels": tf.int32} if conditional else {})
    weights = tf.reshape(tf.range(LATENTS * SIZE * SIZE, dtype=tf.float32), (LATENTS, -1)) / 100

    def generate(seeds, truncation, labels=None):
        checked = tf.debugging.assert_non_negative(seeds, SEEDS)
        with tf.control_dependencies([checked] if checked is not None else []):
            value = tf.cast(seeds * 37 % 199 + version * 11, tf.float32)
        if labels is not None:
            value += tf.cast(labels, tf.float32) * 5
        value = tf.cast(value * truncation, tf.int32) % 256
        rows = tf.reshape(tf.range(SIZE), (1, SIZE, 1, 1))
        return {"images": tf.cast(tf.reshape(value, (-1, 1, 1, 1)) + rows, tf.uint8) * tf.ones((1, 1, SIZE, 1), tf.uint8)}

    def generate_png(**inputs):
        images = generate(**inputs)["images"]
        return {"image_bytes": tf.map_fn(tf.io.encode_png, images, fn_output_signature=tf.string)}

    def serve(latents, labels=None):
        images = tf.sigmoid(tf.reshape(latents @ weights, (-1, SIZE, SIZE, 1)))
        return {"images": images if labels is None else images / (1.0 + tf.cast(tf.reshape(labels, (-1, 1, 1, 1)), tf.float32))}

    def score(images):
        return {"scores": tf.reduce_mean(images, axis=(1, 2, 3))}

    def function(wrapped, types, shapes=()):
        signature = [tf.TensorSpec(dict(shapes).get(name, (None,)), dtype, name=name) for name, dtype in types.items()]
        names = list(types)
        return tf.function(
            lambda *values: wrapped(**dict(zip(names, values, strict=True))), input_signature=signature, autograph=False
        )

    labels = {"labels": tf.int32} if conditional else {}
    signatures = {
        "serving_default": function(serve, {"latents": tf.float32, **labels}, [("latents", (None, LATENTS))]),
        "generate": function(generate, specs),
        "generate_png": function(generate_png, specs),
        "score": function(score, {"images": tf.float32}, [("images", (None, SIZE, SIZE, 1))]),
    }
    return _save(folder, version, signatures, {"labels.txt": classes} if classes else {})


def write_text(folder, version=1):
    """Writes a text model: seeds and a temperature to sentences, which may begin with a prompt."""
    import tensorflow as tf

    words = tf.constant(["", "a", "man", "eats", "soup", "größer"])

    def generate(seeds, temperature):
        tf.debugging.assert_non_negative(seeds, SEEDS)
        tf.debugging.assert_positive(temperature, "temperature must be above 0.")
        tokens = tf.cast((seeds[:, None] + tf.range(1, 5, dtype=tf.int64)) % 5 + 1, tf.int32)
        return {"token_ids": tokens, "text": tf.strings.reduce_join(tf.gather(words, tokens), axis=1, separator=" ")}

    def complete(seeds, temperature, prompt):
        outputs = generate(seeds, temperature)
        tf.debugging.Assert(tf.reduce_all(~tf.strings.regex_full_match(prompt, ".*zebra.*")), [UNSEEN])
        return {**outputs, "text": tf.strings.strip(tf.strings.join([prompt, outputs["text"]], " "))}

    def serve(latents, temperature):
        return {"token_ids": tf.cast(latents * 4 + 1 + 0 * temperature, tf.int32)}

    seeded = [tf.TensorSpec((None,), tf.int64, "seeds"), tf.TensorSpec((None,), tf.float32, "temperature")]
    signatures = {
        "generate": tf.function(generate, input_signature=seeded),
        "complete": tf.function(complete, input_signature=[*seeded, tf.TensorSpec((None,), tf.string, "prompt")]),
        "serving_default": tf.function(
            serve,
            input_signature=[
                tf.TensorSpec((None, 4), tf.float32, "latents"),
                tf.TensorSpec((None, 1), tf.float32, "temperature"),
            ],
        ),
    }
    return _save(folder, version, signatures, {"vocabulary.txt": ("", "a", "man", "eats", "soup", "größer")})


def answer_to(seed, context):
    """Returns what the model of `write_replies` answers."""
    return f"answer {seed} to {context.replace(chr(9), ' / ')}"


def write_replies(folder, version=1):
    """Writes a model of text that answers other text, as `keras-gans export` does."""
    import tensorflow as tf

    def reply(seeds, temperature, context):
        said = tf.strings.regex_replace(context, "\t", " / ")
        text = tf.strings.join(["answer ", tf.strings.as_string(seeds), " to ", said])
        return {"text": text, "token_ids": tf.zeros_like(seeds, tf.int32)[:, None] + tf.cast(temperature, tf.int32)[:, None]}

    def generate(seeds, context):
        return {"text": tf.strings.as_string(seeds), "token_ids": context}

    seeds, context = tf.TensorSpec((None,), tf.int64, "seeds"), tf.TensorSpec((None,), tf.string, "context")
    warm = tf.TensorSpec((None,), tf.float32, "temperature")
    signatures = {
        "reply_with_temperature": tf.function(reply, input_signature=[seeds, warm, context]),
        "generate": tf.function(generate, input_signature=[seeds, tf.TensorSpec((None, 8), tf.int32, "context")]),
    }
    return _save(folder, version, signatures, {"vocabulary.txt": ("", "answer")})


RATE, LENGTH = 8000, 4000
FRAMES = 6  # of clips


def tone_of(seed, truncation=1.0, label=0, speaker=0):
    """Returns the sound `(4000,)` that the model of `write_sounds` generates: a tone."""
    hertz = 300 + 100 * seed + 400 * label + 1000 * speaker
    return 0.5 * truncation * np.sin(2 * np.pi * hertz * np.arange(LENGTH) / RATE).astype("float32")


def write_sounds(folder, version=1, classes=(), speakers=()):
    """Writes a model of sounds as `keras-gans export` does, told classes and speakers."""
    import json

    import tensorflow as tf

    def generate_wav(seeds, truncation, labels, speaker):
        hertz = 300 + 100 * seeds + 400 * tf.cast(labels, tf.int64) + 1000 * tf.cast(speaker, tf.int64)
        turns = tf.cast(hertz, tf.float64)[:, None] * tf.range(LENGTH, dtype=tf.float64) / RATE
        sounds = 0.5 * truncation[:, None] * tf.cast(tf.sin(2 * np.pi * turns), tf.float32)
        encode = lambda sound: tf.audio.encode_wav(sound[:, None], RATE)  # noqa: E731
        return {"wav_bytes": tf.map_fn(encode, sounds, fn_output_signature=tf.string)}

    spec = tf.TensorSpec
    numbers = [spec((None,), tf.int32, name) for name in ("labels", "speaker")]
    inputs = [spec((None,), tf.int64, "seeds"), spec((None,), tf.float32, "truncation"), *numbers]
    files = {"labels.txt": classes, "condition_names.json": [json.dumps({"speaker": speakers})]}
    return _save(folder, version, {"generate_wav": tf.function(generate_wav, input_signature=inputs)}, files)


def write_clips(folder, version=1, classes=(), fps=8):
    """Writes a model of clips as `keras-gans export` does: frame t has the grey level 10 t + label, its edge the seed."""
    import json

    import tensorflow as tf

    def generate_png(seeds, labels):
        def clip(given):
            seed, label = given
            levels = 10 * tf.range(FRAMES) + label
            frames = tf.tile(tf.cast(levels, tf.uint8)[:, None, None, None], (1, 8, 8, 1))
            corner = tf.cast(tf.reshape(seed, (1, 1, 1, 1)), tf.uint8)
            frames = tf.concat([tf.tile(corner, (FRAMES, 1, 8, 1)), frames[:, 1:]], axis=1)
            return tf.map_fn(tf.io.encode_png, frames, fn_output_signature=tf.string)

        return {"frame_bytes": tf.map_fn(clip, (seeds, labels), fn_output_signature=tf.string)}

    inputs = [tf.TensorSpec((None,), tf.int64, "seeds"), tf.TensorSpec((None,), tf.int32, "labels")]
    files = {"labels.txt": classes, "video.json": [json.dumps({"fps": fps})]}
    return _save(folder, version, {"generate_png": tf.function(generate_png, input_signature=inputs)}, files)


def write_foreign(folder, version=1):
    """Writes a model that is none of ours: of every type of input, of batches that are not free, of dependent rows."""
    import tensorflow as tf

    def functions():
        vector = tf.TensorSpec((None,), tf.float32, "x")
        yield "serving_default", lambda x: {"y": x / 2 + 2}, [vector]
        yield "centred", lambda x: {"y": x - tf.reduce_mean(x)}, [vector]
        yield "total", lambda x: {"y": tf.reduce_sum(x)}, [vector]
        yield "nan", lambda x: {"y": tf.math.log(x)}, [vector]
        yield "slow", lambda x: {"y": _slow(x)}, [vector]
        yield (
            "strings",
            lambda s: {"plain": s, "raw_bytes": s, "length": tf.strings.length(s)},
            [tf.TensorSpec((None,), tf.string, "s")],
        )
        types = {"b": tf.bool, "i": tf.int32, "u": tf.uint8, "l": tf.int64, "d": tf.float64}
        specs = [tf.TensorSpec((None,), dtype, name) for name, dtype in types.items()]
        yield "types", lambda b, i, u, l, d: {"b": b, "i": i, "u": u, "l": l, "d": d}, specs  # noqa: E741
        yield "half", lambda h: {"y": h}, [tf.TensorSpec((None,), tf.float16, "h")]
        yield "fixed", lambda m: {"y": tf.linalg.matvec(m, tf.constant([1.0, 2.0]))}, [tf.TensorSpec((2, 2), tf.float32, "m")]

    return _save(folder, version, {name: tf.function(f, input_signature=specs) for name, f, specs in functions()})


def _slow(x):
    import tensorflow as tf

    # Tenths of a second for each unit of x.
    count = tf.cast(tf.reduce_max(x) * 60, tf.int32)
    start = (tf.constant(0), tf.ones((300, 300)))
    result = tf.while_loop(lambda i, _: i < count, lambda i, m: (i + 1, tf.linalg.l2_normalize(m @ m)), start)[1]
    # Of all rows, so that it is not joined with others.
    return tf.reduce_max(x) + 0 * x + 0 * tf.reduce_mean(result)


def _save(folder, version, signatures, assets=()):
    import tempfile

    import tensorflow as tf

    target = Path(folder, str(version))
    with tempfile.TemporaryDirectory(dir=Path(folder).parent) as temporary:
        module = tf.Module()
        module.variable = tf.Variable(tf.ones((64, 64)), name="weights")
        module.functions = signatures
        module.assets = []
        for name, lines in dict(assets).items():
            path = Path(temporary, name)
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            module.assets.append(tf.saved_model.Asset(str(path)))
        written = Path(temporary, "written")
        tf.saved_model.save(module, str(written), signatures=signatures)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(written, target)
    return target
