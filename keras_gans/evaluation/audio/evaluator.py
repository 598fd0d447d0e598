"""The evaluator of sounds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar

from keras_gans.conditions import MELS
from keras_gans.evaluation.audio.measures import AUDIO_LACKING, AUDIO_LEFT_OUT, AUDIO_MEASURES, AUDIO_METRICS
from keras_gans.evaluation.base import EVALUATORS
from keras_gans.evaluation.evaluator import Evaluator
from keras_gans.evaluation.extractors import Extractor

if TYPE_CHECKING:
    from keras_gans.adversarial import AdversarialModel

_RUNS = 5  # of which the fastest counts


@EVALUATORS.register("audio")
class AudioEvaluator(Evaluator):
    """Measures sounds against a fixed set of real ones: see `Evaluator`.

    Features are those of `speech8k`. Where the data hold the condition `mels`, the spectrograms of the real sounds, what a
    vocoder makes of them is compared with these sounds.

    Example:

        recordings = {"name_pattern": "{label}_{speaker}_{index}", "test_part": "index:0-4", "length": 8192}
        train, test = (keras_gans.load_data("wav:fsdd", split=split, **recordings) for split in ("train", "test"))
        evaluator = AudioEvaluator(train, ["kid", "label_agreement", "silent"], num=300, held_out=test)
        evaluator.evaluate(model, seeds=range(3))
    """

    all_metrics = AUDIO_METRICS
    measures = AUDIO_MEASURES
    default_metrics: ClassVar[tuple[str, ...]] = ("fid", "kid", "silent", "clipped")
    left_out: ClassVar[tuple[str, ...]] = AUDIO_LEFT_OUT
    lacking = AUDIO_LACKING

    def default_extractor(self) -> str | Extractor:
        return "speech8k"

    def _available(self) -> dict[str, Any]:
        return {**super()._available(), "pairs": self._pairs is not None}

    @property
    def _pairs(self) -> str | None:
        return MELS if MELS in self.data.conditions else None

    def _measure_model_itself(self, model: AdversarialModel, **sampling: Any) -> dict[str, float | None]:
        if "rtf" not in self.metrics:
            return {}
        self._tell("rtf")
        return {"rtf": real_time_factor(model, **sampling)}


def real_time_factor(model: AdversarialModel, **sampling: Any) -> float:
    """Return how many seconds this machine computes for a second of sound, one sound at a time: the fastest of five runs.

    Args:
        model: A model of sounds.
        **sampling: Further arguments of `generate`.
    """
    conditions = model.example_conditions(1)
    model.generate(1, seed=0, conditions=conditions, **sampling)  # compiles
    seconds = []
    for _ in range(_RUNS):
        began = time.perf_counter()
        sound = model.generate(1, seed=0, conditions=conditions, **sampling)
        seconds.append(time.perf_counter() - began)
    return min(seconds) * model.medium.source_options()["sample_rate"] / sound.shape[1]
