"""Measures several models, sets of images or files of sentences under one protocol and shows them side by side.

    keras-gans compare runs/a/best runs/b/best --dataset=mnist --metrics=fid,precision_recall --chart=comparison.png
    keras-gans compare a.json b.json                          what keras-gans evaluate --json printed
    keras-gans compare runs/seqgan other.txt --dataset=text:train.txt --held_out=text:test.txt --temperature=1.0,0.8

Each argument is what `keras-gans evaluate` takes, or a file with its result. Results of different protocols are refused.
"""

from pathlib import Path

from absl import flags

from .common import evaluation, program, text_evaluation

_JSON = flags.DEFINE_boolean("json", False, "Print the results as JSON instead of a table.")
_CHART = flags.DEFINE_string("chart", None, "Draw them to this file, .png or .svg.")

SHARED_FLAGS = (evaluation, text_evaluation)


def main(arguments):
    """Measures what is not measured yet, prints the table and draws the chart."""
    evaluation.check_names(arguments)
    if _CHART.value and Path(_CHART.value).suffix.lower() not in (".png", ".svg"):
        raise ValueError(f"--chart={_CHART.value} must end in .png or .svg.")
    found = {name: evaluation.read_results(name) for name in arguments if name.endswith(".json")}
    names = [name for name in arguments if name not in found]
    if names:
        program.import_keras()
        subjects = [evaluation.find_subject(name) for name in names]
        evaluator = evaluation.make_evaluator(subjects)
        found |= {subject.name: evaluation.measure(evaluator, subject) for subject in subjects}
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
