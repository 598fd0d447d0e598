"""Measures several models, sets of images or files of sentences under one protocol and shows them side by side.

    keras-gans compare runs/a/best runs/b/best --dataset=mnist --metrics=fid,precision_recall --chart=comparison.png
    keras-gans compare runs/a/best presets/b --grids=grids.png     samples of each and real ones, side by side
    keras-gans compare a.json b.json                          what keras-gans evaluate --json printed
    keras-gans compare runs/seqgan other.txt --dataset=text:train.txt --held_out=text:test.txt --temperature=1.0,0.8

Each argument is a name as `keras-gans evaluate` takes it, or a file with its result. Different protocols are refused.
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from .common import evaluation, program, text_evaluation

_JSON = flags.DEFINE_boolean("json", False, "Print the results as JSON instead of a table.")
_CHART = flags.DEFINE_string("chart", None, "Draw the results to this file, .png or .svg (needs the extra reports).")
_GRIDS = flags.DEFINE_string(
    "grids",
    None,
    "Draw samples of each, not selected, and real ones to this file, .png (needs the extra reports).",
)

SHARED_FLAGS = (evaluation, text_evaluation)


def main(arguments: list[str]) -> None:
    """Measure subjects that have no result yet, print the table and draw the pictures asked for."""
    from keras_gans.evaluation.progress import ProgressLine
    from keras_gans.evaluation.report.extra import import_extra

    evaluation.check_names(arguments)
    if _CHART.value and Path(_CHART.value).suffix.lower() not in (".png", ".svg"):
        raise ValueError(f"--chart={_CHART.value} must end in .png or .svg.")
    if _GRIDS.value and Path(_GRIDS.value).suffix.lower() != ".png":
        raise ValueError(f"--grids={_GRIDS.value} must end in .png.")
    if _CHART.value or _GRIDS.value:
        import_extra("matplotlib")
    if _GRIDS.value and any(name.endswith(".json") for name in arguments):
        raise ValueError("--grids draws samples, and results hold none. Leave out the .json files.")
    found = {name: evaluation.read_results(name) for name in arguments if name.endswith(".json")}
    names = [name for name in arguments if name not in found]
    if names:
        evaluation.check_dataset()
        with ProgressLine() as progress:
            progress.at_terminal("loading Keras")
            program.import_keras()
            subjects = [evaluation.find_subject(name) for name in names]
            if _GRIDS.value:
                evaluation.check_grids(subjects)
            evaluator = evaluation.make_evaluator(subjects, progress)
            for number, subject in enumerate(subjects, start=1):
                evaluator.progress = lambda text, number=number: progress(f"{number} of {len(subjects)}, {text}")
                found[subject.name] = evaluation.measure(evaluator, subject)
            if _GRIDS.value:
                evaluation.draw_grids(_GRIDS.value, evaluator, subjects)
    results = [result for name in arguments for result in found[name]]
    table = evaluation.table(results)
    if _JSON.value:
        print(evaluation.as_json(results))
    else:
        print(evaluation.describe(results[0]["protocol"]))
        print(table)
    if _CHART.value:
        from keras_gans.evaluation import known_metrics
        from keras_gans.evaluation.report import write_comparison

        write_comparison(_CHART.value, results, metrics=known_metrics())


if __name__ == "__main__":
    program.run(main)
