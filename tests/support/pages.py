"""The code blocks of pages, and the folder in which they run."""

import re
import shlex
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from keras_gans import video
from tests.support.captions import captions
from tests.support.sounds import write_digits


@dataclass(frozen=True)
class Block:
    """A code block: `"python"`, `"shell"` (one line of it), or the name of another language."""

    language: str
    code: str
    line: int


def blocks_of(page: Path) -> list[Block]:
    """Returns the code blocks of a Markdown page in order: fenced ones, and indented ones as lines of a shell."""
    found, fence, kept, began, above = [], None, [], 0, ""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("```"):
            if fence is None:
                fence, kept, began = line[3:].strip() or "text", [], number + 1
            else:
                found.append(Block(fence, "\n".join(kept) + "\n", began))
                fence = None
        elif fence is not None:
            kept.append(line)
        elif line.startswith("    ") and line.strip() and not above.lstrip().startswith(("*", "-", "1.", "2.", "3.")):
            if found and found[-1].code.endswith("\\"):
                found[-1] = Block("shell", f"{found[-1].code[:-1]} {line.strip()}", found[-1].line)
            else:
                found.append(Block("shell", line.strip(), number))
            continue
        if line.strip() and fence is None:
            above = line
    return found


def commands_of(line: str) -> list[list[str]]:
    """Returns the arguments of each command in a line of a shell, without comments, redirections and `[optional flags]`."""
    line = re.sub(r" \[--[^\]]*\]| > \S+|\s#.*", "", line)
    return [shlex.split(part) for part in line.split(" && ")]


def keras_gans_lines(text: str) -> list[str]:
    """Returns all commands of `keras-gans` in a page, those inside its sentences, too."""
    text = text.replace("\\\n", " ")
    inline = re.findall(r"`((?:KERAS_BACKEND=jax )?keras-gans [^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    lines = re.findall(r"^(?:    )?((?:KERAS_BACKEND=jax )?keras-gans \S.*)$", text, flags=re.MULTILINE)
    return [" ".join(line.partition("  #")[0].split()) for line in inline + lines]


def make_folder(folder: Path, runs: dict[str, Path]) -> None:
    """Writes what pages assume that a user has: images and clips in two classes, arrays, texts, recordings, a key, networks of
    Keras 2, and runs.

    Args:
        folder: An empty folder.
        runs: Presets by the names of the runs in `runs/` that they stand for.
    """
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (28, 28), "uint8")).save(folder / "digit.png")
    hole = np.zeros((64, 64), "uint8")
    hole[20:26, 10:50] = 255
    Image.fromarray(hole).save(folder / "mask.png")
    for kind, hue in (("roses", 0), ("tulips", 1)):
        for parent in ("pictures", "few", "photographs"):
            (folder / parent / kind).mkdir(parents=True)
            for number in range(40):
                pixels = rng.integers(0, 120, (64, 64, 3), "uint8")
                pixels[16:48, 16:48, hue] = 250
                Image.fromarray(pixels).save(folder / parent / kind / f"{number}.png")
    images = rng.integers(0, 256, (128, 28, 28, 1), "uint8")
    np.savez(folder / "arrays.npz", x=images, y=np.arange(128) % 4)
    np.save(folder / "samples.npy", images)
    for seed, name in enumerate(("captions", "others", "sentences", "train", "test", "samples")):
        (folder / f"{name}.txt").write_text("\n".join(captions(400, seed)) + "\n", encoding="utf-8")
    said = captions(400, 7)
    replies = "".join(f"{said[number]}\t{said[(number + 1) % 400]}\n" for number in range(400))
    (folder / "replies.tsv").write_text(replies, encoding="utf-8")
    (folder / "stories").mkdir()
    for number in range(20):
        (folder / "stories" / f"{number}.txt").write_text("\n".join(captions(60, number)), encoding="utf-8")
    (folder / "key.txt").write_text("0123456789abcdef0123456789abcdef\n")
    for kind in ("falling", "rising"):
        (folder / "clips" / kind).mkdir(parents=True)
        for number in range(20):
            frames = rng.integers(0, 256, (40, 36, 36, 3), "uint8")
            video.write(folder / "clips" / kind / f"{number}.webp", frames, 12)
    write_digits(folder / "recordings", per_speaker=7, speakers=("george", "jackson"), length=2048)
    with zipfile.ZipFile(Path(__file__).parents[1] / "keras_gans" / "keras2" / "saved.zip") as archive:
        for name, network in (("generator", "dcgan"), ("discriminator", "discriminator")):
            (folder / f"{name}.h5").write_bytes(archive.read(f"{network}.h5"))
    for name, preset in runs.items():
        shutil.copytree(preset, folder / "runs" / name)


def run_python(*codes: str) -> None:
    """Runs the Python blocks of a page one after the other, with what the earlier ones defined; each `fit` for an epoch."""
    from keras_gans.adversarial import AdversarialModel

    fit = AdversarialModel.fit

    def shorter(self, *arguments, epochs=1, **others):
        return fit(self, *arguments, epochs=min(epochs, 1 + others.get("initial_epoch", 0)), **others)

    AdversarialModel.fit = shorter
    names = {"__name__": "__main__"}
    for code in codes:
        exec(compile(code, "<page>", "exec"), names)
