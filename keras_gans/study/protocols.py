"""The protocols: what raters see, what they answer, and how many trials there are."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from keras_gans.errors import no_such

REAL = "real"  # the name of the real data among the contestants


@dataclasses.dataclass(frozen=True)
class Protocol:
    """A way to ask people about samples.

    Attributes:
        name: Its name in `study.json`.
        media: Names of the media whose samples it shows.
        question: What raters are asked.
        choices: The answers: value -> words. Values are what `answers.sqlite` stores.
        between: Whether a rater sees the samples of one model, not of all.
        trials: Default number of trials that count, for each rater.
        golds: Default number of trials with an obvious answer, for each rater.
        repeats: Default number of trials that are shown a second time to a rater.
        least_seconds: Raters whose median answer is faster are left out.
        source: Where it comes from.
    """

    name: str
    media: tuple[str, ...]
    question: str
    choices: Mapping[str, str]
    between: bool
    trials: int
    golds: int
    repeats: int
    least_seconds: float
    source: str

    @property
    def is_binary(self) -> bool:
        """Whether an answer is right or wrong: the sample is real or generated."""
        return set(self.choices) == {"real", "generated"}

    @property
    def is_pair(self) -> bool:
        """Whether a trial shows two samples, of which one is preferred."""
        return "left" in self.choices

    @property
    def is_rating(self) -> bool:
        """Whether an answer is a number from 1 to 5."""
        return set(self.choices) == {"1", "2", "3", "4", "5"}


_BINARY = {"real": "Real", "generated": "Generated"}
_HYPE = (
    "Zhou et al. 2019, HYPE: A Benchmark for Human eYe Perceptual Evaluation of Generative Models, arXiv 1904.01121, section 3"
)

PROTOCOLS: Mapping[str, Protocol] = {
    protocol.name: protocol
    for protocol in (
        Protocol(
            "real_or_generated",
            ("images",),
            "Is this image real or generated?",
            _BINARY,
            between=True,
            trials=100,
            golds=8,
            repeats=5,
            least_seconds=0.25,
            source=f"{_HYPE}: HYPE-infinity",
        ),
        Protocol(
            "timed",
            ("images",),
            "Was this image real or generated?",
            _BINARY,
            between=True,
            trials=450,
            golds=8,
            repeats=0,
            least_seconds=0.1,
            source=f"{_HYPE}: HYPE-time",
        ),
        Protocol(
            "a_or_b",
            ("images",),
            "Which image looks more real?",
            {"left": "Left", "right": "Right", "tie": "I cannot tell"},
            between=False,
            trials=100,
            golds=8,
            repeats=5,
            least_seconds=0.25,
            source="pairs and ties: Nichol et al. 2022, GLIDE, arXiv 2112.10741, appendix A; scores: Bradley and Terry 1952",
        ),
        Protocol(
            "opinion",
            ("audio",),
            "How natural does this recording sound?",
            {"1": "Bad", "2": "Poor", "3": "Fair", "4": "Good", "5": "Excellent"},
            between=False,
            trials=60,
            golds=8,
            repeats=4,
            least_seconds=0.1,
            source="absolute category rating: ITU-T P.800, and P.808 for listeners at home",
        ),
        Protocol(
            "likert",
            ("text",),
            "This sentence is fluent and makes sense.",
            {
                "1": "Strongly disagree",
                "2": "Disagree",
                "3": "Neither agree nor disagree",
                "4": "Agree",
                "5": "Strongly agree",
            },
            between=False,
            trials=60,
            golds=8,
            repeats=4,
            least_seconds=0.5,
            source="five steps from disagreement to agreement: Likert 1932, A Technique for the Measurement of Attitudes",
        ),
    )
}


def find_protocol(name: str) -> Protocol:
    """Return a protocol by name.

    Raises:
        ValueError: If there is no such protocol.
    """
    if name not in PROTOCOLS:
        raise ValueError(no_such("protocol", name, list(PROTOCOLS)))
    return PROTOCOLS[name]


@dataclasses.dataclass(frozen=True)
class Staircase:
    """How the exposure of the `timed` protocol follows the answers, in milliseconds.

    With steps of -10 ms after a right and +30 ms after a wrong answer, exposures settle where 75 % of the answers are right:
    0.75 * 10 = 0.25 * 30 (Kaernbach 1991, "Simple adaptive testing with the weighted up-down method"). HYPE aims at 75 %, too,
    but the steps that it prints (+10 ms, -30 ms) settle where 25 % are right: even raters who only guess end at the shortest
    exposure. `PUBLISHED` has them for comparison.

    Attributes:
        start: Exposure of the first image of a block.
        least: The shortest exposure.
        most: The longest exposure.
        right: Change after a right answer.
        wrong: Change after a wrong answer.
        block: Images in a block; each block begins at `start`.
    """

    start: int = 500
    least: int = 100
    most: int = 1000
    right: int = -10
    wrong: int = 30
    block: int = 150

    def exposures(self, correct: list[bool]) -> list[int]:
        """Return the exposure of each image, and of the next: one more than there are answers.

        Args:
            correct: Whether each answer so far was right, in the order of the answers.
        """
        found = [self.start]
        for number, right in enumerate(correct, start=1):
            found.append(self.after(number, found[-1], right))
        return found

    def after(self, number: int, exposure: int, correct: bool) -> int:
        """Return the exposure of the next image.

        Args:
            number: How many answers there are by now.
            exposure: The exposure of the last of them.
            correct: Whether it was right.
        """
        if number % self.block == 0:
            return self.start
        return min(self.most, max(self.least, exposure + (self.right if correct else self.wrong)))


BALANCED = Staircase()
PUBLISHED = Staircase(right=-30, wrong=10)
STAIRCASES = {"balanced": BALANCED, "published": PUBLISHED}
