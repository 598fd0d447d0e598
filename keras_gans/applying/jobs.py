"""Which files are read and written: a file, the pictures of a folder, or those of a pattern."""

from __future__ import annotations

import dataclasses
import glob
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from keras_gans.applying.written_files import SUFFIXES, output_suffix
from keras_gans.data.file_names import find_pictures
from keras_gans.data.skipped import Skipped

_LOSSY = (".jpg", ".jpeg", ".webp")


@dataclasses.dataclass(frozen=True)
class Job:
    """A picture to read and where its output goes.

    Attributes:
        source: The picture.
        target: The output.
        mask: The mask, or None.
    """

    source: Path
    target: Path
    mask: Path | None = None


@dataclasses.dataclass(frozen=True)
class Jobs:
    """All jobs of a call.

    Attributes:
        todo: The jobs.
        existing: Number of outputs that exist already.
        failed: Sources without a mask, and folders that cannot be read, with the reason.
    """

    todo: list[Job]
    existing: int
    failed: list[tuple[str, str]]


def plan(
    sources: Sequence[str | Path],
    output: str | Path,
    format_name: str | None = None,
    mask: str | Path | None = None,
    overwrite: bool = False,
) -> Jobs:
    """Return what is to be done.

    The tree of a folder is kept below the output. Outputs that exist are skipped unless `overwrite`, so that a run that was
    stopped continues.

    Args:
        sources: Files, folders and patterns such as `photos/**/*.jpg`.
        output: A folder; or a file, if the only source is one.
        format_name: See `Options.format`.
        mask: A file, or a folder that holds a mask of the same relative name for each picture.
        overwrite: Whether existing outputs are replaced.

    Raises:
        FileNotFoundError: If a source or the mask does not exist, or a source holds no pictures.
        FileExistsError: If the output is a file that exists.
        OSError: If it cannot be written.
        ValueError: If there are no sources, outputs would replace sources, or the output is of no known format.
    """
    if not sources:
        raise ValueError("No pictures were given.")
    if mask is not None and not Path(mask).exists():
        raise FileNotFoundError(f"There is no mask {mask}.")
    output = Path(output)
    skipped = Skipped()
    if len(sources) == 1 and Path(sources[0]).is_file() and output.suffix and not output.is_dir():
        source = Path(sources[0])
        target = output.with_suffix(output_suffix(format_name or output.suffix, source))
        _refuse_source(source, target)
        if target.exists() and not overwrite:
            raise FileExistsError(f"{target} exists already: give another path, or --overwrite (overwrite=True) to replace it.")
        _check_writable(target, target.parent)
        return Jobs([Job(source, target, _mask_of(mask, Path(source.name)))], 0, [])
    found = _sources(sources, output, skipped)
    if output.suffix.lower() in (*SUFFIXES.values(), ".jpeg", ".tif") and not output.is_dir():
        raise ValueError(f"{output} is a file, but several pictures need a folder: --output=FOLDER.")
    if output.exists() and not output.is_dir():
        raise FileExistsError(f"{output} is a file, not a folder.")
    todo, existing, failed = [], 0, []
    taken: dict[Path, Path] = {}
    named = {output / name for _, name in found}
    for source, name in found:
        suffix = output_suffix(format_name, source)
        if mask is not None and format_name is None and suffix.lower() in _LOSSY:
            suffix = ".png"  # pixels outside the mask are kept as they are
        target = output / name.with_suffix(suffix)
        if target in taken or (target in named and suffix != name.suffix):  # a.gif beside a.png
            target = target.with_name(f"{name.stem}_{name.suffix.removeprefix('.')}{suffix}")
        if target in taken:
            raise ValueError(f"{source} and {taken[target]} would both be written to {target}: choose fewer inputs.")
        taken[target] = source
        _refuse_source(source, target)
        if _exists(target) and not overwrite:
            existing += 1
            continue
        own_mask = _mask_of(mask, name)
        if mask is not None and own_mask is None:
            failed.append((str(source), f"there is no mask {Path(mask) / name.with_suffix('.png')}"))
            continue
        todo.append(Job(source, target, own_mask))
    if todo:
        _check_writable(output, output)
    return Jobs(todo, existing, [*skipped, *failed])


def _check_writable(output: Path, folder: Path) -> None:
    """Raise OSError if no file can be made in a folder, or, if that does not exist, in the nearest one above it that does."""
    folder = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OSError(f"{output} cannot be written: {error.strerror or error}.") from error


def _refuse_source(source: Path, target: Path) -> None:
    if target.exists() and target.samefile(source):
        raise ValueError(f"{target} is also the input, which is never replaced: choose another output.")


def _exists(target: Path) -> bool:
    """Whether an output exists, perhaps as PNG because it has transparency."""
    return target.exists() or (target.suffix in (".jpg", ".jpeg") and target.with_suffix(".png").exists())


def _sources(given: Iterable[str | Path], output: Path, skipped: Skipped) -> list[tuple[Path, Path]]:
    """Return the pictures of all sources, and for each the path that is kept below the output."""
    found: list[tuple[Path, Path]] = []
    for source in given:
        path = Path(source).expanduser()
        if path.is_dir():
            names = find_pictures(path, skipped)
            own = [(Path(names[index]), Path(names[index]).relative_to(path)) for index in range(len(names))]
            if path.resolve() != output.resolve():
                own = [each for each in own if output.resolve() not in each[0].resolve().parents]
            if not own:
                raise FileNotFoundError(f"There are no pictures in {source}.")
        elif path.exists():
            own = [(path, Path(path.name))]
        else:
            own = _matches(str(path))
            if not own:
                raise FileNotFoundError(f"There is no file, folder or pattern that matches {source}.")
        found += own
    return found


def _matches(pattern: str) -> list[tuple[Path, Path]]:
    """Return the files that match a pattern, and their paths below its part without wildcards."""
    if not glob.has_magic(pattern):
        return []
    parts = Path(pattern).parts
    fixed = next(number for number, part in enumerate(parts) if glob.has_magic(part))
    base = Path(*parts[:fixed])
    matches = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207  as shells match: not in hidden folders
    return [(Path(name), Path(name).relative_to(base)) for name in matches if Path(name).is_file()]


def _mask_of(mask: str | Path | None, name: Path) -> Path | None:
    """Return the mask of a picture: the one for all, or that of the same name, with any suffix."""
    if mask is None or not Path(mask).is_dir():
        return None if mask is None else Path(mask)
    same = Path(mask) / name
    for suffix in (name.suffix, ".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"):
        if same.with_suffix(suffix).is_file():
            return same.with_suffix(suffix)
    return None
