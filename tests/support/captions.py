"""Sentences of a small grammar, of which there are as many as tests need, all from one distribution."""

import numpy as np

PARTS = (
    ["a", "the", "one", "some"],
    ["small", "red", "old", "man's", "well-lit", "wooden"],
    ["cat", "dog", "bus", "kite", "train", "horse", "bird"],
    ["sits", "stands", "waits", "sleeps", "turns"],
    ["on", "near", "behind", "under"],
    ["a", "the"],
    ["table", "road", "tree", "house", "river", "bench"],
)
ENDS = (".", " .", "", ", in the rain.", " and waits.")


def captions(count, seed):
    """Returns so many sentences; the first choices of each part are more frequent."""
    rng = np.random.default_rng(seed)
    lines = []
    for _ in range(count):
        words = [part[int(len(part) * rng.random() ** 1.5)] for part in PARTS]
        lines.append(" ".join(words) + ENDS[int(len(ENDS) * rng.random() ** 1.5)])
    return lines
