"""The evaluator of clips."""

from __future__ import annotations

from typing import Any, ClassVar

from keras_gans.evaluation.base import EVALUATORS
from keras_gans.evaluation.evaluator import Evaluator
from keras_gans.evaluation.extractors import Extractor
from keras_gans.evaluation.video.clips32 import NAME
from keras_gans.evaluation.video.measures import (
    VIDEO_LACKING,
    VIDEO_LEFT_OUT,
    VIDEO_MEASURES,
    VIDEO_METRICS,
    MeasuredClips,
)


@EVALUATORS.register("video")
class VideoEvaluator(Evaluator):
    """Measures clips against a fixed set of real ones: see `Evaluator`.

    Features are those of `clips32`, apart for content and for motion: a distance of both together hardly shows whether clips
    move as they should. It is not the FVD of papers, whose features are those of another network.

    Reference: Ge et al. 2024, "On the Content Bias in Fréchet Video Distance" (why content and motion are apart); Luo et al.
    2024, "Beyond FVD" (why the kernel distance comes first: it needs fewer clips).

    Example:

        train, test = (keras_gans.load_data("moving_digits", split=split) for split in ("train", "test"))
        evaluator = VideoEvaluator(train, ["kvd_motion", "kept", "jitter"], num=2000, held_out=test)
        evaluator.evaluate(model, seeds=range(3))
    """

    all_metrics = VIDEO_METRICS
    measures = VIDEO_MEASURES
    default_metrics: ClassVar[tuple[str, ...]] = ("kvd_content", "kvd_motion", "jitter", "frozen", "flicker")
    left_out: ClassVar[tuple[str, ...]] = VIDEO_LEFT_OUT
    lacking = VIDEO_LACKING

    def default_extractor(self) -> str | Extractor:
        return NAME

    def _measured(self, *arguments: Any) -> MeasuredClips:
        return MeasuredClips(self, *arguments)

    def _available(self) -> dict[str, Any]:
        return {**super()._available(), "parts": hasattr(self.extractor, "content")}
