"""Photographs as they come from cameras and the web: blurred, resized, noisy and compressed, twice.

A model that is to enlarge such photographs learns from images that have been through the same.

Reference: Wang et al. 2021, "Real-ESRGAN: Training Real-World Blind Super-Resolution with Pure Synthetic Data", section 3, and
the authors' code (ranges and probabilities).
"""

from __future__ import annotations

import dataclasses
import io
import tomllib
from typing import Any

import numpy as np
from PIL import Image

from keras_gans._typing import Array, PathLike
from keras_gans.errors import no_such
from keras_gans.media.pictures import as_pillow, to_uint8

# Kernels have odd sides from the first to the last.
_SIDES = np.arange(7, 22, 2)
# Below this side, a sinc filter passes no frequency under a third of the highest, else under a fifth.
_SMALL_SIDE = 13
_FILTERS = (Image.Resampling.BOX, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC)
_KINDS = ("gaussian", "generalised", "plateau")


@dataclasses.dataclass(frozen=True)
class Stage:
    """One of the two rounds of a degradation. Pairs are ranges of uniform numbers, from lowest to highest.

    Attributes:
        blur: Probability of a blur.
        sinc: Share of blurs that are sinc filters, which leave ringing.
        shapes: Shares of other blurs: Gaussian, generalised Gaussian and plateau-shaped.
        round: Share of those that are the same in all directions.
        sigma: Standard deviation of a blur, in pixels.
        generalised: Exponent of generalised Gaussians.
        plateau: Exponent of plateau-shaped kernels.
        resize: Probabilities that the image is enlarged, reduced, or kept.
        factors: Factor of the resizing, below and above 1.
        gaussian_noise: Probability that noise is Gaussian; Poisson noise otherwise.
        noise: Standard deviation of Gaussian noise, in levels of 255.
        poisson: Factor of Poisson noise.
        grey_noise: Probability that noise is the same in all colours.
        quality: Quality of JPEG compression.
    """

    blur: float = 1.0
    sinc: float = 0.1
    shapes: tuple[float, float, float] = (0.7, 0.15, 0.15)
    round: float = 0.64
    sigma: tuple[float, float] = (0.2, 3.0)
    generalised: tuple[float, float] = (0.5, 4.0)
    plateau: tuple[float, float] = (1.0, 2.0)
    resize: tuple[float, float, float] = (0.2, 0.7, 0.1)
    factors: tuple[float, float] = (0.15, 1.5)
    gaussian_noise: float = 0.5
    noise: tuple[float, float] = (1.0, 30.0)
    poisson: tuple[float, float] = (0.05, 3.0)
    grey_noise: float = 0.4
    quality: tuple[float, float] = (30.0, 95.0)


_SECOND = Stage(
    blur=0.8,
    sigma=(0.2, 1.5),
    resize=(0.3, 0.4, 0.3),
    factors=(0.3, 1.2),
    noise=(1.0, 25.0),
    poisson=(0.05, 2.5),
)


@dataclasses.dataclass(frozen=True)
class Degradation:
    """Two rounds of blur, resizing, noise and compression, the second ending in a sinc filter and the final size.

    Attributes:
        first: The first round.
        second: The second round.
        final_sinc: Probability of the sinc filter at the end, which comes before or after the second compression.
    """

    first: Stage = Stage()
    second: Stage = _SECOND
    final_sinc: float = 0.8

    @classmethod
    def read(cls, path: PathLike) -> Degradation:
        """Read a TOML file with values other than the default ones: `final_sinc`, and tables `[first]` and `[second]`.

        Raises:
            ValueError: If a name is unknown, or a value has another form.
        """
        with open(path, "rb") as file:
            try:
                given = tomllib.load(file)
            except tomllib.TOMLDecodeError as error:
                raise ValueError(f"{path} is not a TOML file: {error}.") from error
        stages = {name: _changed(default, given.pop(name, {}), path) for name, default in _defaults().items()}
        final = given.pop("final_sinc", cls.final_sinc)
        if given:
            raise ValueError(f"{path}: {no_such('setting', min(given), ['final_sinc', *stages])}")
        return cls(**stages, final_sinc=float(final))

    def degrade(self, image: Array, scale: int, rng: np.random.Generator) -> Array:
        """Return what is left of an image, at a fraction of its size.

        Args:
            image: uint8 `(height, width, 1 or 3)`, sides multiples of `scale`.
            scale: How many times smaller the result is.
            rng: Source of all random numbers.

        Returns:
            uint8 `(height / scale, width / scale, channels)`.
        """
        height, width = (side // scale for side in image.shape[:2])
        x = image.astype("float32") / 255.0
        x = _compress(_disturb(_resize(_blur(x, self.first, rng), self.first, rng), self.first, rng), self.first, rng)
        x = _blur(x, self.second, rng)
        low, high = self.second.factors
        # Relative to the final size.
        x = _to_size(x, *_random_size((height, width), self.second.resize, (low, high), rng), rng)
        x = _disturb(x, self.second, rng)

        def finish(y: Array) -> Array:
            y = _to_size(y, height, width, rng)
            return _convolve(y, sinc_kernel(rng)) if rng.random() < self.final_sinc else y

        x = _compress(finish(x), self.second, rng) if rng.random() < 0.5 else finish(_compress(x, self.second, rng))
        return to_uint8(2.0 * x - 1.0)


def _defaults() -> dict[str, Stage]:
    return {"first": Stage(), "second": _SECOND}


def _changed(stage: Stage, given: dict[str, Any], path: PathLike) -> Stage:
    known = [field.name for field in dataclasses.fields(Stage)]
    changes: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"{path}: {no_such('setting of a round', name, known)}")
        default = getattr(stage, name)
        wanted = len(default) if isinstance(default, tuple) else 1
        values = value if isinstance(value, list) else [value]
        if len(values) != wanted or not all(isinstance(each, int | float) for each in values):
            raise ValueError(f"{path}: {name} takes {wanted} number{'s' * (wanted > 1)}; received {value!r}.")
        changes[name] = tuple(map(float, values)) if isinstance(default, tuple) else float(values[0])
    return dataclasses.replace(stage, **changes)


# Blur.


def _blur(x: Array, stage: Stage, rng: np.random.Generator) -> Array:
    if rng.random() >= stage.blur:
        return x
    if rng.random() < stage.sinc:
        return _convolve(x, sinc_kernel(rng))
    kind = _KINDS[rng.choice(len(_KINDS), p=_shares(stage.shapes))]
    sigmas = rng.uniform(*stage.sigma, 2)
    angle = rng.uniform(-np.pi, np.pi)
    if rng.random() < stage.round:
        sigmas[1] = sigmas[0]
    exponent = {"gaussian": 1.0, "generalised": rng.uniform(*stage.generalised), "plateau": rng.uniform(*stage.plateau)}[kind]
    return _convolve(x, blur_kernel(int(rng.choice(_SIDES)), tuple(sigmas), angle, exponent, kind == "plateau"))


def blur_kernel(side: int, sigmas: tuple[float, float], angle: float, exponent: float = 1.0, plateau: bool = False) -> Array:
    """Return a blur kernel `(side, side)` with a sum of 1.

    With `d` the squared distance from the centre, in standard deviations along two turned axes, it is `exp(-d^exponent / 2)`,
    or `1 / (1 + d^exponent)` for a plateau.
    """
    axis = np.arange(side) - (side - 1) / 2
    columns, rows = np.meshgrid(axis, axis)
    along = np.cos(angle) * columns + np.sin(angle) * rows
    across = -np.sin(angle) * columns + np.cos(angle) * rows
    distance = (along / sigmas[0]) ** 2 + (across / sigmas[1]) ** 2
    kernel = 1.0 / (1.0 + distance**exponent) if plateau else np.exp(-0.5 * distance**exponent)
    return kernel / kernel.sum()


def sinc_kernel(rng: np.random.Generator) -> Array:
    """Return an ideal low-pass filter, cut off at a random frequency and at a random side; its sum is 1."""
    side = int(rng.choice(_SIDES))
    cutoff = rng.uniform(np.pi / 3 if side < _SMALL_SIDE else np.pi / 5, np.pi)
    axis = np.arange(side) - (side - 1) / 2
    distance = np.hypot(*np.meshgrid(axis, axis))
    with np.errstate(invalid="ignore", divide="ignore"):
        kernel = cutoff * _bessel_1(cutoff * distance) / (2 * np.pi * distance)
    kernel[side // 2, side // 2] = cutoff**2 / (4 * np.pi)
    return kernel / kernel.sum()


def _bessel_1(x: Array) -> Array:
    """Return the Bessel function of the first kind and order 1: its integral, by the trapezoidal rule, which is exact here."""
    angles = (np.arange(128) + 0.5) * np.pi / 128
    return np.cos(angles - x[..., None] * np.sin(angles)).mean(axis=-1)


def _convolve(x: Array, kernel: Array) -> Array:
    """Convolve each channel with a kernel, beyond edges with the mirrored image."""
    reach = len(kernel) // 2
    padded = np.pad(x, ((reach, reach), (reach, reach), (0, 0)), mode="symmetric")
    shape = tuple(side + len(kernel) - 1 for side in padded.shape[:2])
    spectra = np.fft.rfft2(padded, shape, axes=(0, 1)) * np.fft.rfft2(kernel, shape)[..., None]
    made = np.fft.irfft2(spectra, shape, axes=(0, 1))
    first = 2 * reach
    return made[first : first + x.shape[0], first : first + x.shape[1]].astype("float32")


# Size.


def _resize(x: Array, stage: Stage, rng: np.random.Generator) -> Array:
    return _to_size(x, *_random_size(x.shape[:2], stage.resize, stage.factors, rng), rng)


def _random_size(
    size: tuple[int, ...], kinds: tuple[float, float, float], factors: tuple[float, float], rng: np.random.Generator
) -> tuple[int, int]:
    low, high = factors
    kind = rng.choice(3, p=_shares(kinds))
    factor = (rng.uniform(1.0, high), rng.uniform(low, 1.0), 1.0)[kind]
    height, width = (max(1, int(side * factor)) for side in size)
    return height, width


def _to_size(x: Array, height: int, width: int, rng: np.random.Generator) -> Array:
    """Resize by one of three filters, all of which are antialiased."""
    by = _FILTERS[rng.integers(len(_FILTERS))]
    if x.shape[:2] == (height, width):
        return x
    channels = [Image.fromarray(np.ascontiguousarray(x[..., n])).resize((width, height), by) for n in range(x.shape[-1])]
    return np.stack([np.asarray(channel) for channel in channels], axis=-1)


# Noise and compression.


def _disturb(x: Array, stage: Stage, rng: np.random.Generator) -> Array:
    gaussian, grey = rng.random() < stage.gaussian_noise, rng.random() < stage.grey_noise
    shown = x.mean(axis=-1, keepdims=True) if grey else x
    if gaussian:
        noise = rng.normal(0.0, rng.uniform(*stage.noise) / 255.0, shown.shape)
    else:
        levels = np.clip(np.rint(shown * 255.0), 0, 255) / 255.0
        # As many photons as the image has levels, rounded up to a power of 2, make the brightest pixel.
        photons = 2 ** np.ceil(np.log2(max(2, len(np.unique(levels)))))
        noise = rng.uniform(*stage.poisson) * (rng.poisson(levels * photons) / photons - levels)
    return np.clip(x + noise, 0.0, 1.0).astype("float32")


def _compress(x: Array, stage: Stage, rng: np.random.Generator) -> Array:
    file = io.BytesIO()
    as_pillow(to_uint8(2.0 * np.clip(x, 0.0, 1.0) - 1.0)).save(file, "JPEG", quality=round(rng.uniform(*stage.quality)))
    with Image.open(file) as picture:
        return np.asarray(picture, "float32").reshape(*x.shape) / 255.0


def _shares(weights: tuple[float, ...]) -> Array:
    return np.asarray(weights) / sum(weights)
