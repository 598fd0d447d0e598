"""Measures a preset, a training run, or files of samples against real samples.

    keras-gans evaluate dcgan_digits --dataset=digits
    keras-gans evaluate runs/mnist/best --metrics=fid,kid,precision_recall --seeds=5 --report=report.html
    keras-gans evaluate pictures/ --dataset=folder:photographs --json > result.json
    keras-gans evaluate samples.npy --dataset=mnist --extractor=pixels

WHAT is a preset, a run folder, a folder of images or an .npy file (uint8, or floats in [-1, 1]). A model is measured over
several seeds. The last column holds the same metrics of held-out real samples: those of `--held_out`, else of the split "test"
if it exists, else half of the data. Results name their protocol, and `keras-gans compare` refuses to compare different ones.

Metrics: fid, kid, is, precision_recall, density_coverage, swd, ms_ssim, memorisation, authenticity, rarest_class;
class_accuracy and label_agreement for conditional models; or all. Extractors: digits28 (small grey images), color32 (small
colour images), imagenet (images of 48 pixels and more), inception_v3 (downloaded when first used), pixels, or the path of a
.keras model. A model is not measured by features that it was trained against, unless you ask for it; the result is then marked
as biased.

Text models, and files with one sentence per line (.txt), are measured against text:

    keras-gans evaluate runs/captions --dataset=text:train.txt --held_out=text:test.txt --temperature=1.0,0.8,0.6
    keras-gans evaluate samples.txt --dataset=text:train.txt --held_out=text:test.txt --metrics=bleu,self_bleu

Metrics of text: bleu, self_bleu, lm_score, reverse_lm_score, lm_frechet, distinct, repetition, duplicated, novelty, copied,
with classes class_agreement and, for models, nll. There is a column for each temperature. The last column is real text: what
a perfect generator would reach.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from absl import flags

from keras_gans import files

from .common import evaluation, program, text_evaluation

_JSON = flags.DEFINE_boolean("json", False, "Print JSON, which compare reads, instead of a table.")
_OUTPUT = flags.DEFINE_string("output", None, "Write the JSON to this file, too.")
_REPORT = flags.DEFINE_string("report", None, "Write a report, one HTML file with images and charts (needs the extra reports).")
_SAMPLES = flags.DEFINE_integer(
    "samples", 10, "Number of unedited sentences of a text model to print, at most 20.", lower_bound=0
)

SHARED_FLAGS = (evaluation, text_evaluation)


def main(arguments: list[str]) -> None:
    """Measure, print and write the report."""
    from keras_gans.evaluation.progress import ProgressLine
    from keras_gans.evaluation.report.extra import import_extra

    what = program.one_argument(arguments, "preset, run folder, folder of images, .npy file or .txt file")
    report = None if _REPORT.value is None else Path(_REPORT.value)
    if report is not None and report.suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"--report={report} must end in .html.")
    if report is not None:
        import_extra("matplotlib", "jinja2")
    evaluation.check_dataset()
    with ProgressLine() as progress:
        progress.at_terminal("loading Keras")
        program.import_keras()
        progress.at_terminal(f"loading {what}")
        subject = evaluation.find_subject(what)
        if report is not None:
            evaluation.check_report(subject)
        evaluator = evaluation.make_evaluator([subject], progress)
        results = evaluation.measure(evaluator, subject)
        if report is not None:
            progress("writing the report")
            _write_report(report, results[0], subject, evaluator)
    if _JSON.value:
        print(evaluation.as_json(_one_or_all(results)))
    else:
        print(evaluation.describe(results[0]["protocol"], subject.name))
        print(evaluation.table(results))
        if lines := evaluation.shown_samples(results, _SAMPLES.value):
            print("", *lines, sep="\n")
    if _OUTPUT.value:
        files.write_json(_OUTPUT.value, _one_or_all(results))
    if report is not None:
        print(f"Wrote {report}.", file=sys.stderr if _JSON.value else sys.stdout)


def _one_or_all(results: list[dict[str, Any]]) -> dict[str, Any] | list[dict[str, Any]]:
    """Return a single result itself, and several as a list."""
    return results[0] if len(results) == 1 else results


def _write_report(path: Path, result: dict[str, Any], subject: evaluation.Subject, evaluator: Any) -> None:
    from keras_gans.evaluation import known_metrics
    from keras_gans.evaluation.report import read_curves, write_report

    logs = _logs(subject)
    curves = None if logs is None else read_curves(logs)
    shown = evaluation.report_parts(evaluator, subject, result)
    write_report(path, result, metrics=known_metrics(), **shown, curves=curves, findings=_findings(logs))


def _logs(subject: evaluation.Subject) -> Path | None:
    """Return the folder with the logs of a run, for the run's best model too; None if there is none."""
    if subject.preset is None:
        return None
    folder = subject.preset.folder
    candidates = [folder / "logs", *([folder.parent / "logs"] if folder.name == "best" else [])]
    return next((logs for logs in candidates if (logs / "train.jsonl").is_file()), None)


def _findings(logs: Path | None) -> list[dict[str, Any]] | None:
    path = None if logs is None else logs / "doctor.jsonl"
    if path is None or not path.is_file():
        return None
    # A killed run may leave half a line.
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.endswith("}")]


if __name__ == "__main__":
    program.run(main)
