"""Steps a second, side by side."""

import json
import statistics

from .turns import Contestant

# Large enough that the rate no longer grows, small enough to stay in a cache.
MATRIX_SIDE = 2048
_WAYS = ("ours", "ours_bfloat16", "keras_io", "torch")
# Ways that are there for these models only. Their operations are counted, too.
_PLAIN = ("gan", "dcgan")
_IN_TORCH = (*_PLAIN, "wgan_gp")


def measure(model, batch_size, rounds, seconds, settings):
    """Lets all contestants train a model in turn.

    Args:
        model: Its name.
        batch_size: Samples a step.
        rounds: How often each contestant has its turn.
        seconds: About how long a turn takes.
        settings: Arguments of the model's builder. With some, nothing is compared with.

    Returns:
        A dictionary: `steps_per_second` and `ratio` (ours over theirs) by contestant, and for each dtype how the rate of
        operations compares with that of a product of large matrices, where operations are counted.
    """
    contestants = {}
    try:
        for way in _ways(model, settings):
            try:
                contestants[way] = Contestant(way, model, batch_size, json.dumps(settings))
            except (ImportError, RuntimeError) as error:
                if way != "torch":
                    raise
                print(f"Without PyTorch: {error}", flush=True)
        speeds = _race(contestants, rounds, seconds)
    finally:
        for contestant in contestants.values():
            contestant.close()
    return _summary(model, batch_size, rounds, settings, speeds)


def _ways(model, settings):
    plain = model in _PLAIN and not settings
    theirs = (*(["keras_io"] if plain else []), *(["torch"] if model in _IN_TORCH and not settings else []))
    return ("ours", "ours_bfloat16", *theirs, *(("float32", "bfloat16") if plain else ()))


def _race(contestants, rounds, seconds):
    """Returns, for each contestant, how much it did a second in each round."""
    amounts = {way: max(1, round(10 * seconds / contestant.work(10))) for way, contestant in contestants.items()}
    speeds = {way: [] for way in contestants}
    for _ in range(rounds):
        for way, contestant in contestants.items():
            speeds[way].append(amounts[way] / contestant.work(amounts[way]))
    return speeds


def _summary(model, batch_size, rounds, settings, speeds):
    product = 2 * MATRIX_SIDE**3

    def ratio(above, below, scale=1.0):
        return round(statistics.median(a * scale / b for a, b in zip(speeds[above], speeds[below], strict=True)), 3)

    row = {
        "model": model,
        "settings": settings,
        "batch_size": batch_size,
        "rounds": rounds,
        "steps_per_second": {way: round(statistics.median(speeds[way]), 2) for way in _WAYS if way in speeds},
        "ratio": {way: ratio("ours", way) for way in ("keras_io", "torch") if way in speeds},
        "bfloat16_over_float32": ratio("ours_bfloat16", "ours"),
    }
    if "float32" not in speeds:
        return row
    operations = count_operations(model, batch_size)
    return row | {
        "gigaflop_a_step": round(operations / 1e9, 3),
        "matrix_gigaflops": {
            dtype: round(statistics.median(speeds[dtype]) * product / 1e9, 1) for dtype in ("float32", "bfloat16")
        },
        "share_of_matrix_rate": {
            "float32": ratio("ours", "float32", operations / product),
            "bfloat16": ratio("ours_bfloat16", "bfloat16", operations / product),
        },
    }


def count_operations(name, batch_size):
    """Returns the multiplications and additions of one step's products and convolutions.

    A layer costs as much forwards as each of its two gradients, that of its weights and that of its input. The generator runs
    once, and its first layer's input needs no gradient. The discriminator runs on real samples and on generated ones, its
    first layer's input needing no gradient, and once more on generated samples without the gradient of its weights.
    """
    import keras_gans

    model = keras_gans.create_model(name)
    generator, discriminator = (_products(network) for network in (model.generator, model.discriminator))
    of_generator = 3 * sum(generator) - generator[0]
    of_discriminator = 2 * (3 * sum(discriminator) - discriminator[0]) + 2 * sum(discriminator)
    return 2 * batch_size * (of_generator + of_discriminator)


def _products(network):
    """Returns the multiplications of each dense and convolutional layer for one sample, in order."""
    import math

    from keras import layers

    counts = []
    for layer in network.layers:
        if isinstance(layer, layers.Conv2DTranspose):
            counts.append(math.prod(layer.input.shape[1:3]) * math.prod(layer.kernel.shape))
        elif isinstance(layer, layers.Conv2D):
            counts.append(math.prod(layer.output.shape[1:3]) * math.prod(layer.kernel.shape))
        elif isinstance(layer, layers.Dense):
            counts.append(math.prod(layer.kernel.shape))
    return counts


def describe(row):
    """Returns a few lines of text."""
    steps = row["steps_per_second"]
    settings = "".join(f", {name}={value}" for name, value in row["settings"].items())
    lines = [f"{row['model']}{settings}, batch {row['batch_size']}, medians of {row['rounds']} rounds"]
    lines.append(f"  keras_gans            {steps['ours']:8.2f} steps/s")
    for way, label in (("keras_io", "keras.io's train_step"), ("torch", "a loop in PyTorch")):
        if way in steps:
            lines.append(f"  {label:21s} {steps[way]:8.2f} steps/s; keras_gans is {row['ratio'][way]:.2f} times as fast")
    lines.append(
        f"  keras_gans, bfloat16  {steps['ours_bfloat16']:8.2f} steps/s, {row['bfloat16_over_float32']:.2f} times float32"
    )
    if "gigaflop_a_step" not in row:
        return "\n".join(lines)
    share, rate = row["share_of_matrix_rate"], row["matrix_gigaflops"]
    lines.append(
        f"  {row['gigaflop_a_step']:.2f} GFLOP a step; matrix products run at {rate['float32']:.0f} GFLOP/s in float32 and "
        f"{rate['bfloat16']:.0f} in bfloat16, of which training reaches {share['float32']:.0%} and {share['bfloat16']:.0%}"
    )
    return "\n".join(lines)
