"""Training that is killed again and again, and what it ends with. Prints the figure when run.

python -m tests.support.killing 30           thirty kills over all runs
python -m tests.support.killing 10 text      ten over those whose names hold the word
"""

import contextlib
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from keras_gans.presets import CONFIG, Preset
from keras_gans.resume.checkpoints import CheckpointFolder, read_checkpoint

# `keras-gans` whose checkpoints may take half of the time, so that killed processes get on ...
_OFTEN = """
from keras_gans.callbacks import RunFolder
from keras_gans_tools.cli import main
RunFolder.__init__.__kwdefaults__["time_share"] = 1.0
"""
# ... and with data that are not held in memory, however few they are: they are decoded while they are used.
_STREAMING = "import keras_gans.data.memory_limit; keras_gans.data.memory_limit.LIMIT = 0"

GAN = ("gan", "--batch_size=32", "--set=width=32")
DCGAN = ("dcgan", "--batch_size=64", "--set=width=8", "--ema=0.9")
# Few steps of maximum likelihood, so that processes are killed during adversarial training, too.
TEXT = ("--dataset=text:text.txt", "--batch_size=64", "--set=pretraining_epochs=2", "--ema=0.9")
RUNS = {
    "gan on an array": (*GAN, "--dataset=ring", "--ema=0.9", "--epochs=12"),
    "dcgan on an array": (*DCGAN, "--dataset=digits", "--epochs=40"),
    "gan on a streamed folder": (*GAN, "--dataset=folder:pictures", "--epochs=60"),
    "dcgan on a streamed folder": (*DCGAN, "--dataset=folder:pictures", "--epochs=60"),
    "seqgan on text": ("seqgan", *TEXT, "--set=rollouts=1", "--set=filters=0.05", "--epochs=60"),
    "next_token_gan on text": ("next_token_gan", *TEXT, "--set=head_start=20", "--epochs=120"),
}


def make_pictures(folder, n=640, size=16):
    """Writes random PNG pictures."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(n):
        Image.fromarray(rng.integers(0, 256, (size, size), "uint8")).save(folder / f"{i:04d}.png")


def make_text(path, n=640):
    """Writes sentences of numbers that count on."""
    rng = np.random.default_rng(0)
    lines = (" ".join(str(first + step) for step in range(count)) for first, count in rng.integers(2, 9, (n, 2)))
    path.write_text("".join(f"{line}\n" for line in lines))


def start(arguments, run, cwd, streamed=False, verb="train"):
    """Starts `keras-gans train --resume`, or another verb that trains, in a process of its own."""
    program = "\n".join([_OFTEN, *([_STREAMING] if streamed else []), "main()"])
    command = [sys.executable, "-c", program, verb, *arguments, "--checkpoint_seconds=0.1", "--resume", f"--run_dir={run}"]
    return subprocess.Popen(
        [str(part) for part in command], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def train_to_the_end(arguments, run, cwd, streamed=False, verb="train"):
    """Trains without being killed."""
    process = start(arguments, run, cwd, streamed, verb)
    output = process.communicate(timeout=600)[0]
    assert process.returncode == 0, output


def train_with_kills(arguments, run, cwd, kills, rng, streamed=False, longest=2.0, verb="train"):
    """Starts training until it ends, killing it at random moments.

    Args:
        arguments: Arguments of the program.
        run: The run's folder.
        cwd: Where the programs run.
        kills: How many times to kill at most.
        rng: A `random.Random`.
        streamed: Whether data are not held in memory.
        longest: Seconds of training before a kill, at most.
        verb: A verb of `keras-gans`.

    Returns:
        Where each killed process left its newest checkpoint, as (epochs, steps), or None where there was none.
    """
    positions = []
    while len(positions) < kills:
        process = start(arguments, run, cwd, streamed, verb)
        began, moment = time.time(), rng.random()
        if moment < 0.2:  # while it starts
            time.sleep(rng.uniform(0, 6))
        else:
            # From when `fit` begins, or from when steps were taken and a checkpoint was made.
            sign = "lock" if moment < 0.4 else "*.npz"
            while process.poll() is None and not _is_there(run / "checkpoints", sign, began):
                time.sleep(0.01)
            time.sleep(rng.uniform(0, longest))
        if process.poll() is not None:
            output = process.communicate()[0]
            assert process.returncode == 0, output
            return positions
        process.kill()
        process.communicate()
        positions.append(check_folder(run))
    train_to_the_end(arguments, run, cwd, streamed, verb)
    return positions


def _is_there(folder, pattern, moment):
    """Whether a file that matches was written after a moment; that of the first step's beginning does not count."""
    for path in folder.glob(pattern):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime >= moment and path.name != "epoch_0000_step_000000.npz":
                return True
    return False


def check_folder(run):
    """Checks that a killed process left no file that is not whole; returns the position of the newest checkpoint or None."""
    paths = CheckpointFolder(run / "checkpoints").paths()
    for path in paths:
        read_checkpoint(path)  # raises for one that is damaged
    if (run / CONFIG).is_file() and (run / "model.weights.h5").is_file():
        Preset("run", run).matching_config()  # checks the weights' SHA-256
    for path in run.rglob("*.png"):
        if not any(part.startswith(".") for part in path.parts):
            with Image.open(path) as picture:
                picture.load()
    if not paths:
        return None
    facts = read_checkpoint(paths[0])[0]
    return facts["epoch"], facts["step"]


def assert_same_result(run, other):
    """Checks that two runs ended with the same variables, to the bit, and logged the same numbers for the same epochs."""
    found, expected = (read_checkpoint(CheckpointFolder(folder / "checkpoints").paths()[0]) for folder in (run, other))
    assert (found[0]["epoch"], found[0]["step"]) == (expected[0]["epoch"], expected[0]["step"])
    assert found[0]["variables"] == expected[0]["variables"]
    for group in ("model", "optimizer"):
        for (path, _, _), one, two in zip(found[0]["variables"][group], found[1][group], expected[1][group], strict=True):
            assert one.tobytes() == two.tobytes(), path
    assert read_logs(run) == read_logs(other)
    assert not [path.name for path in run.rglob(".*")], "a killed process's temporary files are left"


def read_logs(run):
    """Returns the rows of both logs, without seconds."""
    lines = [json.loads(line) for line in (run / "logs" / "train.jsonl").read_text().splitlines()]
    with open(run / "logs" / "train.csv", newline="") as f:
        rows = list(csv.DictReader(f))
    return [{name: value for name, value in line.items() if name != "seconds"} for line in lines], rows


def main(kills, word=""):
    """Kills runs in turn until there were so many kills, each followed until its end: those of RUNS whose names hold a word."""
    rng = random.Random(0)
    done, ended = 0, 0
    runs = {name: arguments for name, arguments in RUNS.items() if word in name}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        make_pictures(folder / "pictures")
        make_text(folder / "text.txt")
        for name, arguments in runs.items():
            train_to_the_end(arguments, folder / f"{name} whole", folder, "streamed" in name)
        while done < kills:
            for name, arguments in runs.items():
                if done < kills:
                    run = folder / f"{name} {ended}"
                    wanted = min(kills - done, -(-kills // len(runs)))
                    positions = train_with_kills(arguments, run, folder, wanted, rng, "streamed" in name)
                    assert_same_result(run, folder / f"{name} whole")
                    done, ended = done + len(positions), ended + 1
                    print(f"{name}: killed {len(positions)} times, at {positions}; ended with equal weights", flush=True)
    print(f"{done} kills, {ended} runs: each ended with the weights of the run that was never killed; no file was damaged.")


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main(int(sys.argv[1]), *sys.argv[2:])
