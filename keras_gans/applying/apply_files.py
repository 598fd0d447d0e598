"""Picture files sent through a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_gans.applying.file_run import Applied, Progress, Run
from keras_gans.applying.jobs import plan
from keras_gans.applying.network import AppliedNetwork, Filter, as_network
from keras_gans.applying.options import Options
from keras_gans.applying.tiling import check_divisible

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel


def apply_files(
    model: AdversarialModel | str,
    sources: str | Path | Sequence[str | Path],
    output: str | Path,
    progress: Callable[[Progress], None] | None = None,
    **options: Any,
) -> Applied:
    """Send picture files through a model from images to images, and write the outputs.

    Outputs that exist are skipped, so that a call that was stopped can be repeated. A picture that cannot be read does not stop
    the others. Files are written under a temporary name and renamed.

    Args:
        model: An `AdversarialModel` that maps images to images; or `"lanczos"` or `"bicubic"`, filters to compare it with.
        sources: Files, folders, or patterns such as `photos/**/*.jpg`: one or several.
        output: A folder, below which the tree of a source folder is kept; or a file, for a single picture.
        progress: Is called with a `Progress` while pictures are computed.
        **options: See `Options`: `scale`, `width`, `mask`, `tile`, `format`, `overwrite` and others.

    Returns:
        What was written, skipped, and failed.

    Raises:
        ValueError: If an option is wrong or the model does not support it.
        OSError: If there are no pictures, or the output cannot be written at all, as on a full disk.

    Example:

        applied = keras_gans.applying.apply_files(model, "photos", "large", scale=2.5)
        applied.failed
    """
    checked = Options(**options)
    network = as_network(model, checked.strength, checked.conditions, checked.use_ema)
    _check(network, checked)
    several = [sources] if isinstance(sources, str | Path) else list(sources)
    jobs = plan(several, output, checked.format, checked.mask, checked.overwrite)
    applied = Applied(existing=jobs.existing, failed=list(jobs.failed))
    Run(network, checked, applied, progress).run(jobs.todo)
    return applied


def apply_file(model: AdversarialModel | str, source: str | Path, target: str | Path | None = None, **options: Any) -> Path:
    """Send a picture file through a model from images to images: super-resolution, translation, inpainting.

    Args:
        model: An `AdversarialModel` that maps images to images; or `"lanczos"` or `"bicubic"`, filters to compare it with.
        source: The picture: PNG, JPEG, WebP, TIFF, GIF or BMP.
        target: The output, PNG, JPEG, WebP or TIFF by its suffix. None for `NAME_out` beside the source.
        **options: See `keras_gans.applying.Options`: `scale`, `width`, `mask`, `tile`, `overwrite` and others.

    Returns:
        The path of the output. A picture with transparency is written as PNG instead of JPEG.

    Raises:
        ValueError: If the picture cannot be read, or an option is wrong.
        OSError: If the output exists or cannot be written.

    Example:

        keras_gans.apply_file(model, "photo.jpg", "large.png", scale=2.5)
    """
    source = Path(source).expanduser()
    if not source.is_file():
        raise FileNotFoundError(f"There is no file {source}.")
    if target is None:
        lossless = ".png" if options.get("mask") is not None else None
        suffix = options.get("format") or lossless or source.suffix
        suffix = suffix if suffix.startswith(".") else f".{suffix}"
        target = source.with_name(f"{source.stem}_out{suffix if suffix.lower() not in ('.gif', '.bmp') else '.png'}")
    applied = apply_files(model, source, target, **options)
    if applied.failed:
        raise ValueError(f"{source}: {applied.failed[0][1]}.")
    return applied.written[0]


def _check(network: AppliedNetwork | Filter, options: Options) -> None:
    """Raise ValueError for options that the network does not support, before any file is read."""
    if network.takes_masks != (options.mask is not None):
        raise ValueError(
            "This model fills in what a mask marks: give a mask (--mask=FILE), white where the picture is to be painted anew."
            if network.takes_masks
            else "This model takes no mask. Models for inpainting do, which have the condition 'masks'."
        )
    if isinstance(network, Filter):
        if options.strength < 1 or options.tta or options.edges:
            raise ValueError("strength, tta and edges are for models, not for filters.")
    else:
        check_divisible(network.field, options.tile, options.edges)
