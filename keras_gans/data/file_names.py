"""Compact storage of the names of very many files."""

import array
import bisect
import collections
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from keras_gans.data.skipped import Skipped

SUFFIXES = (b".png", b".jpg", b".jpeg", b".gif", b".webp", b".bmp", b".tif", b".tiff")

_NAMED_SUFFIXES = 5  # of ignored files, in a note
_SEPARATOR = os.fsencode(os.sep)


class Names:
    """File names in the order in which they were added: the bytes of each, and an 8-byte offset."""

    def __init__(self) -> None:
        self._folders: list[bytes] = []  # of the files below a folder, the first is number `_starts[folder]`
        self._starts = array.array("q")
        self._text = bytearray()
        self._ends = array.array("q")
        self.others: collections.Counter[str] = collections.Counter()  # other files that were met, by suffix

    def add(self, folder: bytes, names: list[bytes]) -> None:
        """Add the files of one folder."""
        self._folders.append(folder)
        self._starts.append(len(self))
        for name in names:
            self._text += name
            self._ends.append(len(self._text))

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, position: int) -> str:
        """Return the path of a file."""
        folder = self._folders[bisect.bisect_right(self._starts, position) - 1]
        begin = self._ends[position - 1] if position else 0
        return os.fsdecode(folder + _SEPARATOR + self._text[begin : self._ends[position]])

    def folders(self) -> Iterator[tuple[str, int]]:
        """Yield each folder and the number of files added for it."""
        for index, folder in enumerate(self._folders):
            end = self._starts[index + 1] if index + 1 < len(self._starts) else len(self)
            yield os.fsdecode(folder), end - self._starts[index]

    @property
    def nbytes(self) -> int:
        """Bytes of memory held, without those of the folders' names."""
        return len(self._text) + 8 * (len(self._ends) + len(self._starts))


def find_pictures(root: Path, skipped: Skipped) -> Names:
    """Return the image files below a folder: see `find_files`."""
    return find_files(root, skipped, SUFFIXES)


def find_files(root: Path, skipped: Skipped, suffixes: tuple[bytes, ...]) -> Names:
    """Return the files below a folder with some suffixes, in an order that does not depend on the file system.

    Hidden files and folders are ignored. Links are followed; a folder with several links counts once, under its own name if
    that is below `root`. Broken links and folders without read permission are added to `skipped`.
    """
    names, folders = Names(), [os.fsencode(root)]
    linked: list[bytes] = []
    seen: set[tuple[int, int]] = set()
    while folders or linked:
        folder = folders.pop() if folders else linked.pop(0)
        try:
            status = Path(os.fsdecode(folder)).stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            files, own, links = _list(folder, skipped, names.others, suffixes)
        except OSError as error:
            skipped.add(os.fsdecode(folder), error.strerror or type(error).__name__)
            continue
        if files:
            names.add(folder, files)
        folders += sorted(own, reverse=True)
        linked += sorted(links)
    return names


def classes_by_folder(root: Path, names: Names) -> tuple[np.ndarray | None, list[str] | None]:
    """Return a label for each file and the class names; None and None if a file is in no first-level sub-folder of `root`."""
    firsts = [(Path(folder).relative_to(root).parts[:1], count) for folder, count in names.folders()]
    if not all(first for first, _ in firsts):
        return None, None
    class_names = sorted({first[0] for first, _ in firsts})
    number = {name: index for index, name in enumerate(class_names)}
    labels = [number[first[0]] for first, _ in firsts]
    return np.repeat(np.array(labels, "int32"), [count for _, count in firsts]), class_names


def describe_others(names: Names) -> list[str]:
    """Return a note of the files that were ignored, if there are any."""
    if not names.others:
        return []
    kinds = [f"{count:,} {suffix}" for suffix, count in names.others.most_common(_NAMED_SUFFIXES)]
    more = ", ..." if len(names.others) > _NAMED_SUFFIXES else ""
    count = names.others.total()
    return [f"{count:,} other {'file was' if count == 1 else 'files were'} ignored: {', '.join(kinds)}{more}"]


def _list(
    folder: bytes, skipped: Skipped, others: collections.Counter[str], suffixes: tuple[bytes, ...]
) -> tuple[list[bytes], list[bytes], list[bytes]]:
    """Return the names of the wanted files in a folder, sorted, and the paths of its own and of its linked folders."""
    files: list[bytes] = []
    own: list[bytes] = []
    links: list[bytes] = []
    lost: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(b"."):
                continue
            try:
                is_folder, is_file = entry.is_dir(), entry.is_file()
            except OSError:  # links that lead to themselves
                is_folder = is_file = False
            if is_folder:
                (links if entry.is_symlink() else own).append(entry.path)
            elif entry.name.lower().endswith(suffixes):
                # Pipes and devices are ignored: reading them might never end.
                if is_file:
                    files.append(entry.name)
                elif entry.is_symlink():
                    lost.append(os.fsdecode(entry.path))
            elif is_file:
                others[Path(os.fsdecode(entry.name)).suffix.lower() or "without a suffix"] += 1
    for path in sorted(lost):
        skipped.add(path, "a broken link")
    return sorted(files), own, links
