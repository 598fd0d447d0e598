"""Samples from a folder of recordings."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np

from keras_gans.audio.files import Look, look
from keras_gans.audio.folders import SUFFIXES
from keras_gans.data.data import Data
from keras_gans.data.decoded import decode_if_small, decoding_threads
from keras_gans.data.file_names import Names, describe_others, find_files
from keras_gans.data.paths import check_folder
from keras_gans.data.recording_options import KnownOfRecordings, read_options
from keras_gans.data.recording_samples import Recordings
from keras_gans.data.registry import SOURCES, Loader, Request
from keras_gans.data.skipped import Skipped
from keras_gans.media.audio import Audio

_LONGEST = 2**16  # samples, where no length is asked for


@SOURCES.register("wav")
class RecordingFolder(Loader):
    """The recordings below a folder, as int16 sounds of one length: WAV, and with the extra `audio` FLAC, Ogg, MP3 and more.

    Several channels are mixed into one. Recordings that fit in memory are decoded once; unreadable ones are left out with a
    warning, or replaced by the next one if they are found during training.

    There is a label for each first-level sub-folder if all recordings are in one, or as the names of files tell.

    Options:
        sample_rate: Samples per second, to which other recordings are resampled. It is needed if they differ.
        length: Samples of a sound; the length of the longest recording, at most 65,536, if None.
        place, trim, loudness: See `keras_gans.data.placing.Placing`.
        name_pattern: What the names of files tell, without their suffix, such as `"{label}_{speaker}_{index}"`. The field
            `label` gives the labels. Each other field whose values are not all numbers is a condition of its name.
        test_part: What belongs to the split `"test"` and not to `"train"`, by a field of `name_pattern`: `"index:0-4"` or
            `"speaker:theo"`. By default a twentieth of the recordings, chosen by a hash of their names.

    Example:

        data = keras_gans.load_data(
            "wav:recordings", length=8192, place="centre", name_pattern="{label}_{speaker}_{index}", test_part="index:0-4"
        )
    """

    argument = "PATH"
    splits = ("train", "test", "all")
    held_out = "test"
    options = ("sample_rate", "length", "place", "trim", "loudness", "name_pattern", "test_part")
    without_image_size = "recordings"

    def check(self, request: Request) -> None:
        super().check(request)
        read_options(request)

    def check_path(self, path: Path) -> None:
        check_folder(path)

    def load(self, request: Request) -> Data:
        root, options, skipped = Path(request.rest).expanduser(), read_options(request), Skipped("recording")
        names = find_files(root, skipped, tuple(os.fsencode(suffix) for suffix in SUFFIXES))
        known = KnownOfRecordings(root, names, options)
        wanted = known.of_split(request.split)
        looks = _look_at([names[position] for position in wanted], skipped)
        wanted = wanted[[each is not None for each in looks]]
        found = [each for each in looks if each is not None]
        if not found:
            _refuse(root, request, names, skipped)
        rate = options.rate_of(root, found)
        lengths = np.array([-(-each.length * rate // each.sample_rate) for each in found])
        length = options.length or int(min(lengths.max(), _LONGEST))
        files = [names[position] for position in wanted]
        recordings = Recordings(files, length, rate, options.placing, lengths, skipped, request.strict)
        samples, kept = decode_if_small(recordings, 2 * max(float(lengths.mean()), length))
        rows = np.arange(len(wanted)) if kept is None else kept
        if len(rows) == 0:
            _refuse(root, request, names, skipped)
        skipped.warn(stacklevel=3)
        conditions, class_names, value_names = known.conditions(wanted[rows])
        notes = [
            *recordings.describe(rows, in_memory=kept is not None),
            *_describe_looks([found[row] for row in rows], rate),
            *known.notes,
            *(f"{name}: {', '.join(values)}" for name, values in value_names.items()),
            *describe_others(names),
        ]
        return Data(
            request.name,
            samples,
            class_names=class_names,
            skipped=skipped,
            notes=notes,
            medium=Audio((length, 1), rate),
            conditions=conditions,
            names=value_names,
        )


def _look_at(names: Sequence[str], skipped: Skipped) -> list[Look | None]:
    """Return what the headers of files say; None for those that cannot be read, which are added to `skipped`."""

    def try_one(name: str) -> Look | None:
        try:
            return look(name)
        except (ValueError, OSError) as error:
            skipped.add(name, str(error).removeprefix(f"{name} ").rstrip("."))
            return None

    return list(decoding_threads().map(try_one, names))


def _describe_looks(looks: Sequence[Look], rate: int) -> list[str]:
    notes = []
    for other, group in itertools.groupby(sorted(each.sample_rate for each in looks if each.sample_rate != rate)):
        notes.append(f"{len(list(group)):,} recordings were resampled from {other:,} to {rate:,} Hz")
    mixed = sum(each.channels > 1 for each in looks)
    return notes + ([f"{mixed:,} recordings of several channels were mixed into one"] if mixed else [])


def _refuse(root: Path, request: Request, names: Names, skipped: Skipped) -> NoReturn:
    if request.strict:
        skipped.refuse()
    skipped.warn(stacklevel=4)
    if len(names) and not skipped:
        raise ValueError(f"The split '{request.split}' of {root} is empty: use 'all', or another test_part.")
    why = f": none of {len(skipped):,} can be read ({skipped[0][0]}: {skipped[0][1]})" if skipped else ""
    raise ValueError(f"{root} contains no readable recording ({', '.join(SUFFIXES)}){why}.")
