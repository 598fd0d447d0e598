"""How fast models learn: FID over time of training runs and of the plain PyTorch loop, on the same data and features."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans._typing import PathLike
from keras_gans.evaluation.progress import Progress
from keras_gans.evaluation.report.extra import import_extra
from keras_gans.files import read_object, replacing

from ..common import run_callbacks

if TYPE_CHECKING:
    from torch import nn

_BATCH_SIZE = 64
_LATENT_DIM = 100


def train_in_pytorch(dataset: str, width: int, minutes: float, seed: int, progress: Progress) -> dict[str, Any]:
    """Train the DCGAN of `torch_loop` and measure it after each epoch, as `keras-gans train` does by default.

    The clock stops while samples are generated and measured.

    Args:
        dataset: Name of a data set of 28x28 grey images.
        width: Number of channels beside the image, as in `dcgan`.
        minutes: Duration of training.
        seed: Seed of weights and noise.
        progress: Is called with a line of text after each epoch.

    Returns:
        `{"name": ..., "protocol": ..., "curve": [[seconds, FID], ...]}`.

    Raises:
        ImportError: If PyTorch is not installed.
    """
    import torch

    from keras_gans import load_data

    from . import torch_loop

    data = load_data(dataset)
    evaluator: Any = run_callbacks.make_evaluator(data)
    images = np.asarray(data.samples[np.arange(len(data))])
    torch.manual_seed(seed)
    generator, discriminator = torch_loop.dcgan(width)
    for network in (generator, discriminator):
        network.apply(torch_loop.initialise)
    loader = torch_loop.loader(images, _BATCH_SIZE)
    steps = torch_loop.steps(generator, discriminator, loader, _BATCH_SIZE)
    curve: list[list[float]] = []
    seconds = 0.0
    while seconds < 60 * minutes:
        begin = time.monotonic()
        for _ in itertools.islice(steps, len(loader)):
            pass
        seconds += time.monotonic() - begin
        curve.append([round(seconds, 1), evaluator.measure(_samples(generator, evaluator.num))["fid"]])
        progress(f"PyTorch: {seconds:.0f} of {60 * minutes:.0f} s, fid {curve[-1][1]:.3g}")
    return {"name": "PyTorch loop", "protocol": evaluator.protocol.as_dict(), "curve": curve}


def _samples(generator: nn.Module, num: int) -> np.ndarray:
    """Return `num` images, generated in evaluation mode."""
    import torch

    generator.eval()
    noise = torch.Generator().manual_seed(0)
    with torch.inference_mode():
        batches = [
            generator(torch.randn(min(500, num - start), _LATENT_DIM, generator=noise)).permute(0, 2, 3, 1).numpy()
            for start in range(0, num, 500)
        ]
    generator.train()
    return np.concatenate(batches)


def read_run(folder: PathLike) -> dict[str, Any]:
    """Return the same for a run folder, whose clock includes the measurements.

    Raises:
        ValueError: If the run has not measured FID.
    """
    folder = Path(folder)
    lines = [json.loads(line) for line in (folder / "logs" / "evaluation.jsonl").read_text(encoding="utf-8").splitlines()]
    epochs = [json.loads(line) for line in (folder / "logs" / "train.jsonl").read_text(encoding="utf-8").splitlines()]
    seconds = {line["epoch"]: line["seconds"] for line in epochs}
    curve = [[seconds[line["epoch"]], line["fid"]] for line in lines if "fid" in line and line["epoch"] in seconds]
    if not curve:
        raise ValueError(f"{folder} has not measured FID during training.")
    preset = read_object(folder / "best" / "preset.json")
    return {"name": folder.name, "protocol": preset["protocol"], "curve": curve}


def compare(curves: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the best FID of each curve and when it was reached, and how the curve compares with the first one.

    Args:
        curves: What `train_in_pytorch` and `read_run` return; at least one.

    Returns:
        A row for each: `{"name": ..., "best": FID, "seconds": its time, "in_time": best FID in the time of the shortest curve,
        None if it was not measured so early, "as_good_as_first": when it was first as good as the best of the first curve, None
        if never}`.

    Raises:
        ValueError: If the protocols differ.
    """
    first = curves[0]
    for other in curves[1:]:
        for key in ("dataset", "split", "real", "fake", "data_sha256", "extractor_sha256"):
            if other["protocol"][key] != first["protocol"][key]:
                raise ValueError(
                    f"{other['name']} was measured with {key} {other['protocol'][key]}, {first['name']} with "
                    f"{first['protocol'][key]}."
                )
    target = min(fid for _, fid in first["curve"])
    least = min(each["curve"][-1][0] for each in curves)
    rows = []
    for each in curves:
        when, best = min(each["curve"], key=lambda point: point[1])
        in_time = min((fid for seconds, fid in each["curve"] if seconds <= least), default=None)
        reached = next((seconds for seconds, fid in each["curve"] if fid <= target), None)
        rows.append({"name": each["name"], "best": best, "seconds": when, "in_time": in_time, "as_good_as_first": reached})
    return rows


def describe(row: Mapping[str, Any], first: str) -> str:
    """Return a row of the comparison in words.

    Args:
        row: One of `compare`.
        first: Name of the first curve.
    """
    reached = row["as_good_as_first"]
    reached = "never" if reached is None else f"after {reached:,.0f} s"
    in_time = "none" if row["in_time"] is None else f"{row['in_time']:.3g}"
    return (
        f"{row['name']}: best FID {row['best']:.3g} after {row['seconds']:,.0f} s, {in_time} in the time of the shortest; as "
        f"good as the best of {first} {reached}."
    )


def draw(curves: Sequence[Mapping[str, Any]], path: PathLike) -> None:
    """Draw all curves to an image file with logarithmic axes."""
    import_extra("matplotlib")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 4.5), layout="constrained", dpi=100)
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for number, each in enumerate(curves):
        seconds, fids = zip(*each["curve"], strict=True)
        axes.loglog(seconds, fids, "--" if number == 0 else "-", label=each["name"], linewidth=1.4, marker=".", markersize=4)
    axes.set(xlabel="seconds", ylabel="FID of 2,048 samples")
    axes.legend(fontsize=8, frameon=False)
    axes.grid(alpha=0.25, linewidth=0.6, which="both")
    with replacing(path) as temporary:
        figure.savefig(temporary)
