"""How well clips are predicted from the frames before: by models, by persistence, and along the optical flow."""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from keras_gans._typing import PathLike
from keras_gans.evaluation.progress import Progress
from keras_gans.evaluation.report.extra import import_extra
from keras_gans.files import replacing

# Predicts, from frames in levels `(given, height, width, channels)`, so many frames that follow them, all in float64.
Extrapolation = Callable[[np.ndarray, int], np.ndarray]

# Predicts, from the frames before several clips in levels, ensembles of what follows: `(clips, members, frames, ...)`.
Forecast = Callable[[np.ndarray], np.ndarray]

GIVEN, LEADS, MEMBERS = 4, (1, 4, 8), 8
TRUTH, PERSISTENCE, FLOW = "truth", "persistence", "optical flow"
# Pixels on either side over which the flow is taken to be the same.
_RADIUS = 15
_BATCH = 8  # clips predicted at a time
_SHOWN = 2  # members of an ensemble in the chart


def persistence(frames: np.ndarray, count: int) -> np.ndarray:
    """Repeat the last frame."""
    return np.repeat(frames[-1:], count, axis=0).astype("float64")


def optical_flow(frames: np.ndarray, count: int) -> np.ndarray:
    """Move the last frame on along the mean flow of the frames: each pixel shows what the flow brings there.

    The flow stays as it is, and so do values that it carries (Lagrangian persistence). What comes from outside shows the edge.

    Reference: Germann and Zawadzki 2002, "Scale-Dependence of the Predictability of Precipitation from Continental Radar
    Images" (extrapolation against the flow, step by step); Le Besnerais and Champagnat 2005 (the flow, by
    scikit-image's `optical_flow_ilk`).
    """
    from scipy.ndimage import map_coordinates
    from skimage.registration import optical_flow_ilk

    grey = frames.mean(axis=-1) / 255.0
    # Where the values of a frame are in the one before, in rows and columns.
    back = np.mean([optical_flow_ilk(b, a, radius=_RADIUS) for a, b in itertools.pairwise(grey)], axis=0)
    places = np.indices(grey.shape[1:]).astype("float64")
    made = []
    for _ in range(count):
        step = np.stack([map_coordinates(each, places, order=1, mode="nearest") for each in back])
        places = places + step
        moved = [map_coordinates(channel, places, order=1, mode="nearest") for channel in np.moveaxis(frames[-1] * 1.0, -1, 0)]
        made.append(np.stack(moved, axis=-1))
    return np.stack(made)


def extrapolations(given: int) -> dict[str, Extrapolation]:
    """Return the predictions without a network, by name: those that so many frames and the installed libraries allow."""
    found: dict[str, Extrapolation] = {PERSISTENCE: persistence}
    if given > 1 and importlib.util.find_spec("skimage") and importlib.util.find_spec("scipy"):
        found[FLOW] = optical_flow
    return found


def measure(
    dataset: str,
    runs: Sequence[str] = (),
    leads: Sequence[int] | None = None,
    members: int = MEMBERS,
    num: int = 10_000,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Measure predictions of clips that no run has been trained on.

    The score is the fair CRPS of an ensemble (see `keras_gans.metrics.crps`), the mean over the pixels of a frame, in levels
    from 0 to 255. That of a single prediction is its mean absolute error.

    Args:
        dataset: Clips, as `load_data` takes them, all of which are measured; only the test split of a source without a split
            "all".
        runs: Presets or run folders of models that predict clips, from as many frames of one size.
        leads: Which of the predicted frames are measured, counted from 1. None for 1, 4 and 8, as far as they are predicted.
        members: Predictions of a model for each clip.
        num: Maximum number of clips.
        progress: Is told what is being measured.

    Returns:
        `rows`, one for each way to predict: `name`, `crps` by lead, and `below`, by the name of a way without a network. That
        has by lead the `share` of the clips whose score is below the other's, and the `interval` of that share (95 %, None for
        fewer than two blocks). `leads`, `clips`, `blocks` and `members`. And `shown`, the frames of one clip by name, in
        levels, with those that were given as `given`: the clip with the median score of persistence at the last lead.

        Intervals come from a bootstrap that draws whole blocks: the classes of the data, which are their first-level folders,
        or the files that windows were cut from.

    Raises:
        ValueError: If a run does not predict clips, or the runs or the leads do not go together.
    """
    from keras_gans.evaluation.samples import choose

    models = _load_models(runs)
    first: Any = next(iter(models.values()), None)
    given = GIVEN if first is None else first.given
    frames = max(leads or LEADS) if first is None else first.medium.frames
    chosen = _check_leads(leads, frames)
    data = _load(dataset, given, frames, runs, first)
    positions = choose(data, num)
    blocks = _blocks(data)[positions]
    ways = {name: _without_network(each, frames) for name, each in extrapolations(given).items()}
    ways |= {run: _forecast(model, members) for run, model in models.items()}
    scores = _score(data, positions, ways, chosen, progress)
    rows = [
        {
            "name": name,
            "crps": dict(zip(chosen, found.mean(axis=0).tolist(), strict=True)),
            "below": {
                other: _compare(found, scores[other], blocks, chosen) for other in extrapolations(given) if _differ(name, other)
            },
        }
        for name, found in scores.items()
    ]
    last = scores[PERSISTENCE][:, -1]
    median = np.argsort(last, kind="stable")[(len(last) - 1) // 2]
    return {
        "rows": rows,
        "leads": chosen,
        "clips": len(positions),
        "blocks": len(np.unique(blocks)),
        "members": members,
        "shown": _predict_one(data, positions[median], ways),
    }


def _differ(name: str, other: str) -> bool:
    """Whether to compare one way to predict with another: persistence is what all others are compared with."""
    return name not in (other, PERSISTENCE)


def _load_models(runs: Sequence[str]) -> dict[str, Any]:
    from keras_gans import VideoPrediction, presets

    models = {run: presets.find_preset(run).load() for run in runs}
    for run, model in models.items():
        if not isinstance(model, VideoPrediction):
            raise ValueError(f"{run} is a {type(model).__name__}, which does not predict clips from the frames before.")
    shapes = {run: (model.given, *model.sample_shape) for run, model in models.items()}
    if len(set(shapes.values())) > 1:
        listed = ", ".join(f"{run} {shape[0]} -> {'x'.join(map(str, shape[1:]))}" for run, shape in shapes.items())
        raise ValueError(f"The runs must predict clips of one shape from as many frames; they are {listed}.")
    return models


def _check_leads(leads: Sequence[int] | None, frames: int) -> list[int]:
    if leads is None:
        return [lead for lead in LEADS if lead <= frames]
    if not leads or min(leads) < 1 or max(leads) > frames:
        raise ValueError(f"Leads are numbers of predicted frames, from 1 to {frames}; received {', '.join(map(str, leads))}.")
    return sorted(set(leads))


def _load(dataset: str, given: int, frames: int, runs: Sequence[str], model: Any) -> Any:
    """Return the clips to measure, at the size and the rate of those that the first run has been trained on."""
    from keras_gans import load_data, presets
    from keras_gans.data.registry import Loader, find_loader

    loader: Any = find_loader(dataset) or Loader
    options: dict[str, Any] = {"given": given, "frames": frames}
    if model is not None:
        training = presets.find_preset(runs[0]).metadata.training
        options |= {"stride": training.stride, "fps": training.fps, "crop": training.crop, "background": training.background}
    own = (*loader.options, "crop", "background")
    options = {name: value for name, value in options.items() if name in own and value is not None}
    split = "all" if "all" in (loader.splits or ()) else loader.held_out or "train"
    data = load_data(dataset, None if model is None else model.sample_shape[1:], split, **options)
    if "frames" not in data.conditions:
        raise ValueError(f"{dataset} holds {data.medium.name}: this benchmark is for clips.")
    if data.shape[0] != frames:
        raise ValueError(f"{dataset} holds {data.shape[0]} frames after the {given} that are given; {frames} are predicted.")
    return data


def _blocks(data: Any) -> np.ndarray:
    """Return the number of each clip's block: clips of one block depend on each other."""
    if data.labels is not None:
        return np.asarray(data.labels[np.arange(len(data))])
    return getattr(data.samples.clips, "owners", np.arange(len(data)))


def _without_network(extrapolate: Extrapolation, frames: int) -> Forecast:
    return lambda before: np.stack([extrapolate(clip, frames) for clip in before])[:, None]


def _forecast(model: Any, members: int) -> Forecast:
    """Return a function that predicts ensembles in levels, each batch with latents of its own."""
    drawn = np.random.default_rng(0)

    def forecast(before: np.ndarray) -> np.ndarray:
        clips = model.forecast(before, members, seed=int(drawn.integers(2**31)), batch_size=_BATCH * members)
        return (np.clip(clips.astype("float64"), -1.0, 1.0) + 1.0) * 127.5

    return forecast


def _score(
    data: Any,
    positions: np.ndarray,
    ways: Mapping[str, Forecast],
    leads: Sequence[int],
    progress: Progress | None,
) -> dict[str, np.ndarray]:
    """Return the scores of each way to predict: `(clips, leads)`."""
    from keras_gans.metrics import crps

    at = np.array(leads) - 1
    found: dict[str, list[np.ndarray]] = {name: [] for name in ways}
    for start in range(0, len(positions), _BATCH):
        if progress is not None:
            progress(f"prediction: {start:,} of {len(positions):,} clips")
        part = positions[start : start + _BATCH]
        truth, before = _in_levels(data.source.read(part)[0]), _in_levels(data.conditions["frames"].read(part)[0])
        for name, predict in ways.items():
            ensemble = predict(before)[:, :, at]
            scores = crps(np.moveaxis(ensemble, 1, 0), truth[:, at])
            found[name].append(scores.mean(axis=(2, 3, 4)))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _in_levels(clips: np.ndarray) -> np.ndarray:
    return clips if clips.dtype == np.uint8 else np.rint((clips + 1.0) * 127.5).astype("uint8")


def _compare(found: np.ndarray, others: np.ndarray, blocks: np.ndarray, leads: Sequence[int]) -> dict[str, Any]:
    """Return the share of clips whose score is below another, and its interval, by lead."""
    from keras_gans.study.intervals import cluster_interval

    below = (found < others).astype("float64")
    _, numbers = np.unique(blocks, return_inverse=True)
    counts = np.bincount(numbers).astype("float64")
    wins = np.stack([np.bincount(numbers, column) for column in below.T], axis=1)
    intervals = cluster_interval(lambda weights: (weights @ wins) / (weights @ counts)[:, None], len(counts))
    return {
        "share": dict(zip(leads, below.mean(axis=0).tolist(), strict=True)),
        "interval": dict.fromkeys(leads) if intervals is None else dict(zip(leads, intervals, strict=True)),
    }


def _predict_one(data: Any, position: int, ways: Mapping[str, Forecast]) -> dict[str, np.ndarray]:
    """Return the frames of a clip, as they are and as predicted, by what they are."""
    part = np.array([position])
    before = _in_levels(data.conditions["frames"].read(part)[0])
    found = {"given": before[0], TRUTH: _in_levels(data.source.read(part)[0])[0]}
    for name, predict in ways.items():
        ensemble = predict(before)[0][:_SHOWN]
        names = [name] if len(ensemble) == 1 else [f"{name}, {number}" for number in range(1, len(ensemble) + 1)]
        found |= {each: np.rint(clip).astype("uint8") for each, clip in zip(names, ensemble, strict=True)}
    return found


def describe(found: Mapping[str, Any]) -> str:
    """Return results as a table in Markdown."""
    leads, rows = found["leads"], found["rows"]
    references = list(dict.fromkeys(other for row in rows for other in row["below"]))
    header = [f"CRPS, frame {lead}" for lead in leads]
    header += [f"below {other}, frame {lead}" for other in references for lead in leads]
    lines = ["| prediction | " + " | ".join(header) + " |", "|---" + "|--:" * len(header) + "|"]
    for row in rows:
        cells = [f"{row['crps'][lead]:.2f}" for lead in leads]
        cells += [_in_words(row["below"].get(other), lead) for other in references for lead in leads]
        lines.append(f"| {row['name']} | " + " | ".join(cells) + " |")
    of = f"{found['clips']:,} clips in {found['blocks']:,} blocks; fair CRPS in levels of 255"
    lines += ["", f"{of}, of {found['members']} members for models; 95 % intervals over blocks."]
    return "\n".join(lines)


def _in_words(below: Mapping[str, Any] | None, lead: int) -> str:
    if below is None:
        return ""
    share, interval = f"{below['share'][lead]:.1%}", below["interval"][lead]
    return share if interval is None else f"{share} ({interval[0]:.0%} to {interval[1]:.0%})"


def draw(found: Mapping[str, Any], path: PathLike) -> None:
    """Draw the clip in `shown` at the leads to an image file: a row for each way to predict, below the truth.

    Grey clips are drawn from black to white, which is the brightest pixel of the real frames.
    """
    import_extra("matplotlib")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shown, leads = dict(found["shown"]), found["leads"]
    given = shown.pop("given")
    columns, brightest = len(leads) + 1, max(int(given.max()), int(shown[TRUTH].max()), 1)
    figure = Figure(figsize=(1.6 * columns + 1.4, 1.7 * len(shown)), layout="constrained", dpi=80)
    FigureCanvasAgg(figure)
    panels = figure.subplots(len(shown), columns, squeeze=False)
    for row, (name, clip) in zip(panels, shown.items(), strict=True):
        pictures = [given[-1], *(clip[lead - 1] for lead in leads)]
        for axes, picture in zip(row, pictures, strict=True):
            axes.set(xticks=(), yticks=())
            axes.imshow(picture[..., 0] if picture.shape[-1] == 1 else picture, cmap="gray", vmin=0, vmax=brightest)
        row[0].set_ylabel(name, rotation=0, ha="right", va="center")
    for axes, title in zip(panels[0], ["last given", *(f"frame {lead}" for lead in leads)], strict=True):
        axes.set_title(title, fontsize="medium")
    with replacing(path) as temporary:
        figure.savefig(temporary)
