"""The synthetic oracle: text with a known distribution, on which quality and diversity can be measured exactly.

A fixed LSTM, the oracle, generates the training text. It scores the text of a model: `nll_oracle`, in nats per token, is low
for good text. `nll_test`, the model's negative log-likelihood of new oracle text, is low for diverse models. A sweep over
temperatures gives a curve. Every model begins with maximum likelihood, so each run has two curves: that of the generator after
maximum likelihood, and that of the same generator after adversarial training, which helped where its curve lies below: a lower
`nll_test` at the same `nll_oracle`.

Reference: Yu et al. 2017, "SeqGAN", section 4 (the oracle); Caccia et al. 2020, "Language GANs Falling Short", section 4 (the
curves).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans._typing import PathLike
from keras_gans.evaluation.progress import Progress
from keras_gans.evaluation.report.extra import import_extra
from keras_gans.files import replacing, write_json

if TYPE_CHECKING:
    from keras_gans.gans import SequenceGAN
    from keras_gans.sequences import LanguageModel

# For each model: the entry's name, the builder's arguments, and the number of adversarial steps. "mle" is maximum likelihood at
# its best: with dropout, and until held-out text does not become more probable.
SETTINGS: dict[str, tuple[str, dict[str, Any], int]] = {
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


def load_oracle(path: PathLike, length: int) -> LanguageModel:
    """Return the oracle, a `LanguageModel` whose sequences have no end token.

    Args:
        path: An .npz file of the weights: `embeddings` (v, n); for each gate i, f, og (output) and the candidate c `W_` and
            `U_` (n, n) and `b_` (n,); `W_o` (n, v) and `b_o` (v,).
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
    """The oracle with its training, held-out and test sequences, which are always the same.

    Args:
        path: As in `load_oracle`.
        length: Tokens of a sequence.
    """

    def __init__(self, path: PathLike, length: int = 20) -> None:
        self.network = load_oracle(path, length)
        self.shape = {"vocabulary_size": self.network.vocabulary_size, "length": length}
        self._scorer = _host(self.network)
        self.training, self.held_out, self.test = (
            self._scorer.generate(n, seed) for seed, n in ((1, TRAINING), (2, HELD_OUT), (3, TEST))
        )

    def score(self, tokens: np.ndarray) -> float:
        """Return the mean negative log-likelihood of sequences, in nats per token."""
        return self._scorer.mean_nll(tokens)


def _host(network: LanguageModel) -> SequenceGAN:
    """Return a model that samples from a language model and scores with it."""
    import keras

    from keras_gans import Pretraining, SeqGAN
    from keras_gans.sequences import TokenDiscriminator

    vectors = keras.Input((network.length, 1))
    scores = keras.Model(vectors, keras.layers.Dense(1)(keras.layers.Flatten()(vectors)))
    return SeqGAN(network, TokenDiscriminator(scores, network.vocabulary_size), pretraining=Pretraining(epochs=0))


def curve(oracle: Oracle, model: SequenceGAN, network: LanguageModel | None = None, seed: int = 0) -> list[dict[str, float]]:
    """Return a row for each temperature: `{"temperature", "nll_oracle", "nll_test"}`, from as many samples as training text.

    Args:
        oracle: An `Oracle`.
        model: A `SequenceGAN`.
        network: The generator to measure; that with which the model generates if None.
        seed: Seed of the samples.
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


def measure(name: str, oracle: Oracle, seed: int = 0, steps: int | None = None) -> list[dict[str, Any]]:
    """Train a model on the oracle's text and measure its curve.

    Args:
        name: A name in `SETTINGS`.
        oracle: An `Oracle`.
        seed: Seed of the weights and all noise.
        steps: Number of adversarial steps; that of `SETTINGS` if None.

    Returns:
        Two results, or one without adversarial training: `{"model", "stage", "seed", "cpu_seconds", "curve"}`, where `stage`
        is "maximum likelihood" or "adversarial", and CPU seconds count from the start of training.
    """
    import keras

    from keras_gans import create_model

    entry, arguments, usual = SETTINGS[name]
    steps = usual if steps is None else steps
    keras.utils.set_random_seed(seed)
    model = create_model(entry, ends=False, seed=seed, **{**oracle.shape, **arguments})
    clock = _clock(steps)
    held_out = (oracle.held_out,)
    model.fit(oracle.training, validation_data=held_out, batch_size=BATCH_SIZE, epochs=1_000, callbacks=[clock], verbose=0)
    # The reference keeps the weights at the end of maximum likelihood.
    stages = {"maximum likelihood": (model.reference, clock.pretraining), "adversarial": (None, clock.both)}
    if not steps:
        del stages["adversarial"]
    return [
        {"model": name, "stage": stage, "seed": seed, "cpu_seconds": seconds, "curve": curve(oracle, model, network, seed)}
        for stage, (network, seconds) in stages.items()
    ]


def measure_all(
    names: Sequence[str],
    seeds: Iterable[int],
    oracle: Oracle,
    path: PathLike | None = None,
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """Measure models, each with several seeds.

    Args:
        names: Names in `SETTINGS`.
        seeds: Integers.
        oracle: An `Oracle`.
        path: A JSON file to which each result is added. Results that it holds already are not measured again.
        progress: Is called with a line of text before each model and seed.

    Returns:
        All results of `measure`.
    """
    kept = None if path is None else Path(path)
    known = json.loads(kept.read_text(encoding="utf-8")) if kept is not None and kept.is_file() else []
    results: list[dict[str, Any]] = []
    for name in names:
        for seed in seeds:
            found = [result for result in known if (result["model"], result["seed"]) == (name, seed)]
            if not found:
                if progress is not None:
                    progress(f"{name}: seed {seed}")
                found = measure(name, oracle, seed)
                known += found
                if kept is not None:
                    write_json(kept, known)
            results += found
    return results


def _clock(steps: int) -> Any:
    """Return a callback that measures the CPU time of both stages, and ends adversarial training after some steps."""
    import keras

    class Clock(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self.done = 0

        def on_train_begin(self, logs: Any = None) -> None:
            self._start = time.process_time()

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            if not self.done:
                self.pretraining = time.process_time() - self._start

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if self.model.step_stage:
                self.done += 1
                self.both = time.process_time() - self._start
                self.model.stop_training = self.done >= steps

    return Clock()


def summarise(results: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], list[dict[str, float]]]:
    """Return the means over seeds: `{(model, stage): rows}`, with a row of `curve` for each temperature."""
    groups: dict[tuple[str, str], list[Any]] = {}
    for result in results:
        groups.setdefault((result["model"], result["stage"]), []).append(result["curve"])
    return {
        key: [{name: float(np.mean([row[name] for row in rows])) for name in rows[0]} for rows in zip(*curves, strict=True)]
        for key, curves in groups.items()
    }


def gains(results: Iterable[Mapping[str, Any]]) -> dict[str, list[tuple[float, float | None]]]:
    """Return how far each adversarial curve lies below the best one of maximum likelihood.

    Returns:
        `{model: [(nll_oracle, gain), ...]}`: for each temperature, the lowest `nll_test` of maximum likelihood at the same
        `nll_oracle`, interpolated between temperatures, minus that of adversarial training, in nats; None beyond the ends of
        the curves.
    """
    means = summarise(results)
    rivals = [rows for (_, stage), rows in means.items() if stage == "maximum likelihood"]
    found = {}
    for (model, stage), rows in means.items():
        if stage == "adversarial":
            found[model] = [(row["nll_oracle"], _gain(row, rivals)) for row in rows]
    return found


def _gain(row: Mapping[str, float], rivals: Iterable[Sequence[Mapping[str, float]]]) -> float | None:
    reached = []
    for rival in rivals:
        quality, diversity = np.array(sorted((point["nll_oracle"], point["nll_test"]) for point in rival)).T
        reached.append(np.interp(row["nll_oracle"], quality, diversity, left=np.inf, right=np.inf))
    return float(min(reached) - row["nll_test"]) if min(reached) < np.inf else None


def describe(oracle: Oracle, results: Sequence[Mapping[str, Any]]) -> str:
    """Return the curves and the gains as text."""
    lines = [f"The oracle's own text: {oracle.score(oracle.test):.3f} nats per token (length {oracle.network.length})."]
    lines.append("At each temperature: nll_oracle, nll_test; means over the seeds.")
    lines.append(f"{'':38}" + "".join(f"{temperature:>14}" for temperature in TEMPERATURES))
    for (model, stage), rows in summarise(results).items():
        seconds = np.mean([r["cpu_seconds"] for r in results if (r["model"], r["stage"]) == (model, stage)])
        points = "".join(f"{row['nll_oracle']:>8.2f} {row['nll_test']:.2f}" + " " for row in rows)
        lines.append(f"{model + ', ' + stage:<38}{points} {seconds:.0f} CPU s")
    for model, gained in gains(results).items():
        below = [gain for _, gain in gained if gain is not None]
        lines.append(
            f"{model}: below every curve of maximum likelihood at {sum(gain > 0 for gain in below)} of {len(below)} "
            f"temperatures, by " + ", ".join("-" if gain is None else f"{gain:+.3f}" for _, gain in gained)
        )
    return "\n".join(lines)


def draw(results: Sequence[Mapping[str, Any]], path: PathLike) -> None:
    """Draw the curves to an image file: maximum likelihood dashed, adversarial training solid, seeds as dots."""
    import_extra("matplotlib")
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
        xlabel="generated text under the oracle (nats per token; low: good)",
        ylabel="oracle text under the model (low: diverse)",
    )
    axes.legend(fontsize=8, frameon=False)
    axes.grid(alpha=0.25, linewidth=0.6)
    with replacing(path) as temporary:
        figure.savefig(temporary)
