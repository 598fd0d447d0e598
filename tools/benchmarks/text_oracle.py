"""The synthetic oracle: text whose true distribution is known, so that quality and diversity are measured, and not judged.

A fixed LSTM writes the training text. What a model writes is scored by it: `nll_oracle`, nats a token, low for good text; and
the model's own likelihood of the oracle's fresh text is `nll_test`, low for a model that leaves nothing out. A sweep over
temperatures makes a curve of each model. Every model begins with maximum likelihood, so each run gives two curves: that of the
generator as maximum likelihood left it, and that of the same generator after the game. The game is won where its curve lies
below: the same `nll_oracle` at a lower `nll_test`.

Reference: Yu et al. 2017, "SeqGAN", section 4 (the oracle); Caccia et al. 2020, "Language GANs Falling Short", section 4 (the
curves).
"""

import json
import time
from pathlib import Path

import numpy as np

from keras_gans.files import replacing, write_json

# Every model that is measured: the entry's name, the builder's arguments, and steps after maximum likelihood. "mle" is maximum
# likelihood with what helps it most: dropout, and as long as held-out text becomes more probable.
SETTINGS = {
    "mle": ("seqgan", {"dropout": 0.3, "rollouts": 1}, 0),
    "seqgan": ("seqgan", {"discriminator": "lstm"}, 1_200),
    "relgan": ("relgan", {}, 300),
    "transformer_gan": ("transformer_gan", {}, 600),
    "next_token_gan": ("next_token_gan", {}, 2_400),
}
TEMPERATURES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
TRAINING, HELD_OUT, TEST = 9_984, 1_000, 2_000
BATCH_SIZE = 64
_GATES = ("i", "f", "c", "og")  # in Keras' order: input, forget, candidate, output


def load_oracle(path, length):
    """Returns the oracle, a `LanguageModel` whose sequences have no end.

    Args:
        path: An .npz file of the weights: `embeddings` (v, n); of each gate i, f, og (the output's) and the candidate c
            `W_` and `U_` (n, n) and `b_` (n,); `W_o` (n, v) and `b_o` (v,).
        length: Tokens of a sequence.

    Raises:
        ValueError: If the file holds something else.
    """
    import keras

    from keras_gans.sequences import RecurrentLanguageModel

    try:
        with np.load(path, allow_pickle=False) as stored:
            kernel, recurrent, bias = (
                np.concatenate([stored[f"{kind}_{gate}"] for gate in _GATES], axis=-1) for kind in ("W", "U", "b")
            )
            weights = [stored["embeddings"], kernel, recurrent, bias, stored["W_o"], stored["b_o"]]
        vocabulary_size, units = weights[0].shape
        oracle = RecurrentLanguageModel(keras.layers.LSTMCell(units), vocabulary_size, length, units, ends=False)
        oracle.set_weights(weights)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{path} does not hold the oracle's weights: {error}") from error
    return oracle


class Oracle:
    """The oracle with what it wrote: training, held-out and test sequences, the same at each call.

    Args:
        path: As in `load_oracle`.
        length: Tokens of a sequence.
    """

    def __init__(self, path, length=20):
        self.network = load_oracle(path, length)
        self.shape = {"vocabulary_size": self.network.vocabulary_size, "length": length}
        self._scorer = _host(self.network)
        self.training, self.held_out, self.test = (
            self._scorer.generate(n, seed) for seed, n in ((1, TRAINING), (2, HELD_OUT), (3, TEST))
        )

    def score(self, tokens) -> float:
        """Returns the mean negative log-likelihood of sequences, nats a token."""
        return self._scorer.mean_nll(tokens)


def _host(network):
    """Returns a model that draws from a language model and scores with it."""
    import keras

    from keras_gans import Pretraining, SeqGAN
    from keras_gans.sequences import TokenDiscriminator

    vectors = keras.Input((network.length, 1))
    judge = keras.Model(vectors, keras.layers.Dense(1)(keras.layers.Flatten()(vectors)))
    return SeqGAN(network, TokenDiscriminator(judge, network.vocabulary_size), pretraining=Pretraining(epochs=0))


def curve(oracle, model, network=None, seed=0):
    """Returns a row for each temperature: `{"temperature", "nll_oracle", "nll_test"}`, of as many samples as training text.

    Args:
        oracle: An `Oracle`.
        model: A `SequenceGAN`.
        network: The generator that is measured; the one that the model generates with if None.
        seed: Of the samples.
    """
    rows = []
    for temperature in TEMPERATURES:
        samples = np.concatenate(
            list(model.generate_batches(TRAINING, seed, None, 512, temperature=temperature, network=network))
        )
        rows.append(
            {
                "temperature": temperature,
                "nll_oracle": oracle.score(samples),
                "nll_test": model.mean_nll(oracle.test, temperature=temperature, network=network),
            }
        )
    return rows


def measure(name, oracle, seed=0, steps=None):
    """Trains a model on the oracle's text and measures its curve.

    Args:
        name: Of `SETTINGS`.
        oracle: An `Oracle`.
        seed: Of the weights and of all noise.
        steps: After maximum likelihood; those of `SETTINGS` if None.

    Returns:
        Two results, or one if there is no game: `{"model", "stage", "seed", "cpu_seconds", "curve"}`, where `stage` is
        "maximum likelihood" or "adversarial", and the seconds are of the processor, from the start of training.
    """
    import keras

    from keras_gans import create_model

    entry, arguments, usual = SETTINGS[name]
    steps = usual if steps is None else steps
    keras.utils.set_random_seed(seed)
    model = create_model(entry, ends=False, seed=seed, **{**oracle.shape, **arguments})
    clock = _clock(steps)
    text = {"x": oracle.training, "validation_data": (oracle.held_out,)}
    model.fit(**text, batch_size=BATCH_SIZE, epochs=1_000, callbacks=[clock], verbose=0)
    # The weights that maximum likelihood ended with are kept as the reference.
    stages = {"maximum likelihood": (model.reference, clock.pretraining), "adversarial": (None, clock.both)}
    if not steps:
        del stages["adversarial"]
    return [
        {"model": name, "stage": stage, "seed": seed, "cpu_seconds": seconds, "curve": curve(oracle, model, network, seed)}
        for stage, (network, seconds) in stages.items()
    ]


def measure_all(names, seeds, oracle, path=None):
    """Measures models, each with several seeds.

    Args:
        names: Of `SETTINGS`.
        seeds: Integers.
        oracle: An `Oracle`.
        path: A JSON file of the results, which are added to it one after another; those it holds are not measured again.

    Returns:
        The results of `measure`, all.
    """
    path = None if path is None else Path(path)
    known = json.loads(path.read_text(encoding="utf-8")) if path is not None and path.is_file() else []
    results = []
    for name in names:
        for seed in seeds:
            found = [result for result in known if (result["model"], result["seed"]) == (name, seed)]
            if not found:
                found = measure(name, oracle, seed)
                known += found
                if path is not None:
                    write_json(path, known)
            results += found
    return results


def _clock(steps):
    """Returns a callback that takes the time of both stages, and ends the second after some steps (the first of which none)."""
    import keras

    class Clock(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.done = 0

        def on_train_begin(self, logs=None):
            self._start = time.process_time()

        def on_train_batch_begin(self, batch, logs=None):
            if not self.done:
                self.pretraining = time.process_time() - self._start

        def on_train_batch_end(self, batch, logs=None):
            if self.model.step_stage:
                self.done += 1
                self.both = time.process_time() - self._start
                self.model.stop_training = self.done >= steps

    return Clock()


def summarise(results):
    """Returns the mean over seeds: `{(model, stage): rows}`, a row of `curve` for each temperature."""
    groups = {}
    for result in results:
        groups.setdefault((result["model"], result["stage"]), []).append(result["curve"])
    return {
        key: [{name: float(np.mean([row[name] for row in rows])) for name in rows[0]} for rows in zip(*curves, strict=True)]
        for key, curves in groups.items()
    }


def gains(results):
    """Returns by how much each game's curve lies below the best one of maximum likelihood.

    Returns:
        `{model: [(nll_oracle, gain), ...]}`: for each temperature, how many nats lower the game's `nll_test` is than the lowest
        that any generator of `results` reached by maximum likelihood at the same `nll_oracle`, by interpolation between
        temperatures; None where that is beyond the curves' ends.
    """
    means = summarise(results)
    rivals = [rows for (_, stage), rows in means.items() if stage == "maximum likelihood"]
    found = {}
    for (model, stage), rows in means.items():
        if stage == "adversarial":
            found[model] = [(row["nll_oracle"], _gain(row, rivals)) for row in rows]
    return found


def _gain(row, rivals):
    reached = []
    for rival in rivals:
        quality, diversity = np.array(sorted((point["nll_oracle"], point["nll_test"]) for point in rival)).T
        reached.append(np.interp(row["nll_oracle"], quality, diversity, left=np.inf, right=np.inf))
    return float(min(reached) - row["nll_test"]) if min(reached) < np.inf else None


def describe(oracle, results) -> str:
    """Returns the curves, and who won, as text."""
    lines = [f"The oracle's own text: {oracle.score(oracle.test):.3f} nats a token (length {oracle.network.length})."]
    lines.append("At each temperature: nll_oracle, nll_test; means over the seeds.")
    lines.append(f"{'':38}" + "".join(f"{temperature:>14}" for temperature in TEMPERATURES))
    for (model, stage), rows in summarise(results).items():
        seconds = np.mean([r["cpu_seconds"] for r in results if (r["model"], r["stage"]) == (model, stage)])
        points = "".join(f"{row['nll_oracle']:>8.2f} {row['nll_test']:.2f}" + " " for row in rows)
        lines.append(f"{model + ', ' + stage:<38}{points} {seconds:.0f} CPU s")
    for model, points in gains(results).items():
        below = [gain for _, gain in points if gain is not None]
        lines.append(
            f"{model}: below every curve of maximum likelihood at {sum(gain > 0 for gain in below)} of {len(below)} "
            f"temperatures, by " + ", ".join("-" if gain is None else f"{gain:+.3f}" for _, gain in points)
        )
    return "\n".join(lines)


def draw(results, path):
    """Draws the curves to a picture file: maximum likelihood dashed, games solid, seeds as dots."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 5), layout="constrained", dpi=100)
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    means = summarise(results)
    colours = {model: f"C{number}" for number, model in enumerate(dict.fromkeys(model for model, _ in means))}
    for (model, stage), rows in means.items():
        x, y = ([row[name] for row in rows] for name in ("nll_oracle", "nll_test"))
        style = "--" if stage == "maximum likelihood" else "-"
        axes.plot(x, y, style, color=colours[model], linewidth=1.4, label=f"{model}, {stage}")
    for result in results:
        x, y = ([row[name] for row in result["curve"]] for name in ("nll_oracle", "nll_test"))
        axes.plot(x, y, ".", color=colours[result["model"]], markersize=3, alpha=0.6)
    axes.set(
        xlabel="what is written, by the oracle (nats a token; low: good)",
        ylabel="the oracle's text, by the model (low: diverse)",
    )
    axes.legend(fontsize=8, frameon=False)
    axes.grid(alpha=0.25, linewidth=0.6)
    with replacing(path) as temporary:
        figure.savefig(temporary)
