"""Which modes of the grid of 25 Gaussians a model covers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans._typing import PathLike
from keras_gans.evaluation.report.extra import import_extra
from keras_gans.files import replacing

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel

# For every model of points: the builder's arguments, and epochs of 128 steps of 128 points. They were tuned by hand for each
# model, to cover as much as it can in two minutes on one core.
_SHARED: dict[str, Any] = {"image_shape": (2,), "latent_dim": 4, "ema": 0.995}
SETTINGS: dict[str, tuple[dict[str, Any], int]] = {
    "gan": ({"width": 64, "learning_rate": 3e-4}, 150),
    "cgan": ({"width": 64, "learning_rate": 1e-3, "num_classes": 25}, 50),
    "wgan": ({"width": 64, "learning_rate": 1e-3, "critic_steps": 2, "thorough": 5, "clip": 0.1}, 200),
    "wgan_gp": ({"width": 32, "learning_rate": 2e-3, "critic_steps": 2, "penalty_weight": 0.1, "decay_steps": 10_240}, 160),
    "r3gan": ({"width": 16, "learning_rate": 3e-3, "gamma": 0.05, "decay_steps": 12_800}, 100),
}
BATCH_SIZE = 128
SAMPLES = 2_500


def train(name: str, seed: int = 0) -> tuple[AdversarialModel, float]:
    """Train a model on the grid, and return it with the CPU seconds of training."""
    import keras

    from keras_gans import create_model, load_data

    arguments, epochs = SETTINGS[name]
    keras.utils.set_random_seed(seed)
    model = create_model(name, seed=seed, **_SHARED, **arguments)
    start = time.process_time()
    model.fit(load_data("grid").batches(BATCH_SIZE, seed, labels=model.conditional), epochs=epochs, verbose=0)
    return model, time.process_time() - start


def measure(name: str, seed: int = 0) -> tuple[dict[str, Any], np.ndarray]:
    """Train a model on the grid and count the modes that it covers.

    Returns:
        `{"model", "seed", "modes", "of", "high_quality", "cpu_seconds"}` and the 2,500 measured samples: `modes` have at least
        a tenth of their fair share of samples within three standard deviations, and `high_quality` is the share of samples
        that are this close to any mode.
    """
    from keras_gans.data import mixtures
    from keras_gans.metrics import high_quality_fraction, modes_covered

    model, seconds = train(name, seed)
    points, grid = model.generate(SAMPLES, seed=0, labels=model.class_labels(SAMPLES)), mixtures.grid()
    row = {
        "model": name,
        "seed": seed,
        "modes": modes_covered(points, grid),
        "of": len(grid.centres),
        "high_quality": high_quality_fraction(points, grid),
        "cpu_seconds": seconds,
    }
    return row, points


def describe(row: dict[str, Any]) -> str:
    """Return a line of text."""
    return (
        f"{row['model']} (seed {row['seed']}): {row['modes']} of {row['of']} modes, {row['high_quality']:.0%} of samples near "
        f"one, {row['cpu_seconds']:.0f} CPU seconds"
    )


def draw(measured: list[tuple[dict[str, Any], np.ndarray]], path: PathLike) -> None:
    """Draw the samples of each model, beside real ones, to an image file."""
    import_extra("matplotlib")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from keras_gans.data import mixtures

    figure = Figure(figsize=(2.4 * (len(measured) + 1), 2.7), layout="constrained", dpi=80)
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(measured) + 1)
    clouds = {"real": mixtures.grid().sample(SAMPLES)[0]}
    clouds |= {f"{row['model']}: {row['modes']} of {row['of']}": points for row, points in measured}
    for panel, (title, points) in zip(panels, clouds.items(), strict=True):
        panel.scatter(*points.T, s=2, alpha=0.3, linewidths=0)
        panel.set(title=title, xlim=(-1, 1), ylim=(-1, 1), xticks=(), yticks=(), aspect="equal")
    with replacing(path) as temporary:
        figure.savefig(temporary)
