"""Verifies what files declare of their origin: their samples are generated again and compared.

    keras-gans verify samples/000003.png
    keras-gans verify samples/*.png sound.wav --model=runs/mine

Pictures and sounds that this library writes declare that a model made them, which one, and from which seed (docs/origin.md). A
file without a declaration need not be real.

Exit status: 0 if all files are identical to what their models make, 3 if some were encoded again, 1 if some were altered, 2 if
some could not be compared or read.
"""

from __future__ import annotations

from absl import flags

from .common import program

_MODEL = flags.DEFINE_string(
    "model", None, "Preset or run folder that made the files (default: the bundled preset whose weights they declare)."
)


def main(arguments: list[str]) -> int:
    """Verify the files and print a line for each."""
    if not arguments:
        raise ValueError("one or more files are needed; none was given.")
    program.import_keras()
    from keras_gans.verification import ALTERED, IDENTICAL, REENCODED, verify

    # From the best to the worst.
    statuses = {IDENTICAL: 0, REENCODED: 3, ALTERED: 1}
    found = []
    for path in arguments:
        try:
            result = verify(path, _MODEL.value)
        except (OSError, ValueError) as error:
            if len(arguments) == 1:
                raise
            print(f"{path}: {str(error).removeprefix(f'{path}: ')}")
            found.append(2)
            continue
        print(f"{path}: {result.words}.")
        found.append(statuses.get(result.status, 2))
    return max(found, key=(0, 3, 1, 2).index)


if __name__ == "__main__":
    program.run(main)
