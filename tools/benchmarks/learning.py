"""How fast models learn: FID against time of training runs and of the plain PyTorch loop, on the same data and features."""

import itertools
import json
import time
from pathlib import Path

import numpy as np

from keras_gans.files import read_object, replacing

from ..common import run_callbacks

_BATCH_SIZE = 64
_LATENT_DIM = 100


def train_in_pytorch(dataset, width, minutes, seed=0):
    """Trains the DCGAN of `torch_loop` and measures it after each epoch, as `keras-gans train` measures by default.

    The clock stands while samples are made and measured.

    Args:
        dataset: A data set's name, of 28x28 grey images.
        width: Channels beside the image, as of `dcgan`.
        minutes: How long it trains.
        seed: Of weights and noise.

    Returns:
        `{"name": ..., "protocol": ..., "curve": [[seconds, FID], ...]}`.

    Raises:
        ImportError: If there is no PyTorch.
    """
    import torch

    from keras_gans import load_data

    from . import torch_loop

    data = load_data(dataset)
    evaluator = run_callbacks.make_evaluator(data)
    images = np.asarray(data.samples[np.arange(len(data))])
    torch.manual_seed(seed)
    generator, discriminator = torch_loop.dcgan(width)
    for network in (generator, discriminator):
        network.apply(torch_loop.initialise)
    loader = torch_loop.loader(images, _BATCH_SIZE)
    steps = torch_loop.steps(generator, discriminator, loader, _BATCH_SIZE)
    curve, seconds = [], 0.0
    while seconds < 60 * minutes:
        begin = time.monotonic()
        for _ in itertools.islice(steps, len(loader)):
            pass
        seconds += time.monotonic() - begin
        curve.append([round(seconds, 1), evaluator.measure(_samples(generator, evaluator.num))["fid"]])
    return {"name": "PyTorch loop", "protocol": evaluator.protocol.as_dict(), "curve": curve}


def _samples(generator, num):
    """Returns `num` images as training would have them measured: with the averages of normalisation, not a batch's."""
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


def read_run(folder):
    """Returns the same of a training run's folder; its clock runs on while it measures.

    Raises:
        ValueError: If the run did not measure FID.
    """
    folder = Path(folder)
    lines = [json.loads(line) for line in (folder / "logs" / "evaluation.jsonl").read_text(encoding="utf-8").splitlines()]
    epochs = [json.loads(line) for line in (folder / "logs" / "train.jsonl").read_text(encoding="utf-8").splitlines()]
    seconds = {line["epoch"]: line["seconds"] for line in epochs}
    curve = [[seconds[line["epoch"]], line["fid"]] for line in lines if "fid" in line and line["epoch"] in seconds]
    if not curve:
        raise ValueError(f"{folder} has measured no FID while training.")
    preset = read_object(folder / "best" / "preset.json")
    return {"name": folder.name, "protocol": preset["protocol"], "curve": curve}


def compare(loop, runs):
    """Returns for each curve its best FID, when it had it, and when it first was as good as the loop ever was.

    Raises:
        ValueError: If they were not measured under one protocol.
    """
    for run in runs:
        for key in ("dataset", "split", "real", "fake", "data_sha256", "extractor_sha256"):
            if run["protocol"][key] != loop["protocol"][key]:
                raise ValueError(
                    f"{run['name']} was measured with {key} {run['protocol'][key]}, the loop with {loop['protocol'][key]}."
                )
    target = min(fid for _, fid in loop["curve"])
    rows = []
    for each in (loop, *runs):
        when, best = min(each["curve"], key=lambda point: point[1])
        reached = next((seconds for seconds, fid in each["curve"] if fid <= target), None)
        rows.append({"name": each["name"], "best": best, "seconds": when, "as_good_as_the_loop": reached})
    return rows


def describe(row):
    """Returns a row of the comparison in words."""
    reached = row["as_good_as_the_loop"]
    reached = "never" if reached is None else f"after {reached:,.0f} s"
    return f"{row['name']}: best FID {row['best']:.3g} after {row['seconds']:,.0f} s; as good as the loop's best {reached}."


def draw(curves, path):
    """Draws all curves to a picture file, both axes logarithmic."""
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
