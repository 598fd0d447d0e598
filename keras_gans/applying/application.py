"""One picture sent through a network."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_gans._typing import Array
from keras_gans.applying.holes import is_deeper
from keras_gans.applying.network import AppliedNetwork, Filter
from keras_gans.applying.options import Options
from keras_gans.applying.picture_files import Picture
from keras_gans.applying.sizes import passes, resize, target_size
from keras_gans.applying.tiling import apply_in_tiles, takes_parts, tile_size
from keras_gans.applying.transparency import bleed

# Weights of red, green and blue in grey (ITU-R BT.601).
_LUMA = np.array([0.299, 0.587, 0.114], "float32")

Report = Callable[[float], None]


def apply_picture(
    network: AppliedNetwork | Filter,
    picture: Picture,
    options: Options,
    mask: Array | None = None,
    report: Report | None = None,
) -> Picture:
    """Return the output of a network for a picture.

    The network is applied as often as comes nearest to the wanted size, at least once, and Lanczos' filter does the rest.
    Between two passes, 16 bits are kept. Colours are continued under transparent pixels, and opacity is enlarged by the filter.

    Args:
        network: What to apply.
        picture: The picture.
        options: Sizes, tiles, edges.
        mask: For inpainting: bool `(height, width)`, True where the picture is painted anew. Other pixels are returned as they
            are.
        report: Is called with the share of the work that is done, 0 to 1.

    Raises:
        ValueError: If the picture does not suit the network or the options; the message says why.
    """
    target = target_size(picture.size, network.scale, options)
    colours = picture.colours if picture.alpha is None else bleed(picture.colours, picture.alpha)
    alpha, notes = picture.alpha, list(picture.notes)
    if isinstance(network, Filter):
        colours = resize(colours, target, network.resampling)
    else:
        times = passes(network.scale, picture.size, target)
        for done in range(times):
            part = _Pass(network, options, picture.colours.dtype if done == times - 1 else np.dtype("uint16"))
            part.report = _share(report, done, times)
            colours, alpha = part.run(colours, alpha, mask)
            notes += part.notes
    # A model may round sides up.
    if colours.shape[:2] != target and mask is None:
        colours = resize(colours, target)
    if mask is not None:
        colours = np.where(mask[..., None], colours, picture.colours)
        learned = network.learned_depth if isinstance(network, AppliedNetwork) else None
        if learned is not None and is_deeper(mask, learned):
            notes.append(
                f"has wide holes: the model learned to fill those whose middle is up to {learned} pixels from their edge, and "
                "blurs others; a smaller picture may look better"
            )
    if alpha is not None:
        alpha = resize(alpha[..., None], colours.shape[:2])[..., 0]
    profile = picture.icc_profile
    if profile is not None and colours.shape[-1] != picture.colours.shape[-1]:
        profile = None
        notes.append("without its colour profile, which is for another number of channels")
    return dataclasses.replace(picture, colours=colours, alpha=alpha, icc_profile=profile, notes=tuple(notes))


def _share(report: Report | None, done: int, times: int) -> Report:
    """Return a report of one of several passes, of which each takes as long as the last one in proportion to its pixels."""
    return lambda share: report((done + share) / times) if report is not None else None


class _Pass:
    """One application of a network to a picture.

    Args:
        network: The network.
        options: Tiles and edges.
        dtype: dtype of the result.
    """

    report: Report

    def __init__(self, network: AppliedNetwork, options: Options, dtype: Any):
        self.network, self.options, self.dtype = network, options, np.dtype(dtype)
        self.notes: list[str] = []
        taken, made = network.channels
        if taken not in (1, 3, 4) or made not in (1, 3, 4):
            raise ValueError(f"the model maps {taken} channels to {made}: pictures have 1, 3 or 4")

    def run(self, colours: Array, alpha: Array | None, mask: Array | None) -> tuple[Array, Array | None]:
        """Return the result for unsigned integers `(height, width, 1 or 3)`, and its opacity."""
        field, size = self.network.field, (colours.shape[0], colours.shape[1])
        white = np.iinfo(colours.dtype).max
        image = self._arranged(colours, alpha, white)
        if mask is not None:
            image = np.concatenate([image, np.where(mask, white, 0).astype(image.dtype)[..., None]], axis=-1)
        fixed = field.size[0] or size[0], field.size[1] or size[1]
        resized = fixed != size and not takes_parts(field)
        if resized:
            image = resize(image, fixed)
            self.notes.append(f"resized to {fixed[1]}x{fixed[0]} for the model, which takes no other size, and back")
        made = self._tiled(image, white, with_mask=mask is not None, grey=self._keeps_grey(colours, mask))
        if resized:
            made = resize(made, (round(size[0] * self.network.scale), round(size[1] * self.network.scale)))
        if made.shape[-1] == 4:
            return made[..., :3], made[..., 3]
        return made, alpha

    def _arranged(self, colours: Array, alpha: Array | None, white: int) -> Array:
        """Return colours with the channels that the network takes, or in planes that it takes one by one."""
        taken = self.network.channels[0]
        if taken == 1 and colours.shape[-1] == 3 and not self._by_planes(colours):
            return np.rint(colours @ _LUMA)[..., None].astype(colours.dtype)
        if taken == 4:
            opaque = np.full(colours.shape[:2], white, colours.dtype) if alpha is None else alpha.astype(colours.dtype)
            return np.concatenate([np.broadcast_to(colours, (*colours.shape[:2], 3)), opaque[..., None]], axis=-1)
        return colours

    def _by_planes(self, colours: Array) -> bool:
        """Whether red, green and blue are enlarged one by one, by a network of grey images."""
        return colours.shape[-1] == 3 and self.network.channels == (1, 1) and self.network.scale > 1

    def _keeps_grey(self, colours: Array, mask: Array | None) -> bool:
        """Whether a grey picture leaves as grey; a model whose output has the same size may be there to colour it."""
        return colours.shape[-1] == 1 and self.network.channels[1] == 3 and (self.network.scale > 1 or mask is not None)

    def _tiled(self, image: Array, white: int, with_mask: bool, grey: bool) -> Array:
        field, options = self.network.field, self.options
        planes = self._by_planes(image)

        def run(tile: Array) -> Array:
            masks = None
            if with_mask:
                masks, tile = np.where(tile[..., -1:] > white // 2, 255, 0).astype("uint8"), tile[..., :-1]
            images = tile.astype("float32") * np.float32(2 / white) - 1
            if planes:
                made = self._turned(np.moveaxis(images[0], -1, 0)[..., None], None)
                return self._rounded(np.moveaxis(made[..., 0], 0, -1)[None])
            if self.network.channels[0] == 3 and images.shape[-1] == 1:
                images = images.repeat(3, axis=-1)
            made = self._turned(images, masks)
            return self._rounded(made @ _LUMA[:, None] if grey else made)

        sides = tile_size(field, image.shape[0], image.shape[1], options.tile, options.memory, options.edges)
        whole: Any = None
        height = -(-image.shape[0] * field.scale.numerator // field.scale.denominator)
        for start, band in apply_in_tiles(run, image, field, sides, options.edges):
            if whole is None:
                whole = np.empty((height, *band.shape[1:]), band.dtype)
            whole[start : start + len(band)] = band
            self.report((start + len(band)) / height)
        return whole

    def _turned(self, images: Array, masks: Array | None) -> Array:
        """Return the network's output, averaged over turned and flipped images if that is wanted."""
        if not self.options.tta:
            return self.network(images, masks)
        total: Any = 0.0
        for turns in range(4):
            for flip in (False, True):
                made = self.network(_turn(images, turns, flip), None if masks is None else _turn(masks, turns, flip))
                made = made[:, :, ::-1] if flip else made
                total = total + np.rot90(made, -turns, (1, 2))
        return total / 8

    def _rounded(self, values: Array) -> Array:
        """Return floats in [-1, 1] as unsigned integers, rounded once.

        Raises:
            ValueError: If some are not finite.
        """
        if not np.isfinite(values).all():
            raise ValueError("the model's output contains NaN or infinity")
        white = np.iinfo(self.dtype).max
        values = (values + 1) * np.float32(white / 2)
        np.rint(values, out=values)
        return np.clip(values, 0, white, out=values).astype(self.dtype)


def _turn(images: Array, turns: int, flip: bool) -> Array:
    turned = np.rot90(images, turns, (1, 2))
    return np.ascontiguousarray(turned[:, :, ::-1] if flip else turned)
