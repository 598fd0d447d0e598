import copy
import math
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from keras_gans.evaluation.report.charts import COLOURS, FAINT, INK, comparison_chart, curve_charts, write_comparison

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg):
    """All that is written in an SVG."""
    return ["".join(element.itertext()) for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def lines(svg, colour):
    """The lines that an SVG draws in a colour: for each, its corners (y upwards), and whether it is dashed."""
    found = []
    for path in ElementTree.fromstring(svg).iter(f"{SVG}path"):
        style = path.get("style") or ""
        if f"stroke: {colour}" in style and "fill: none" in style and path.get("clip-path"):
            corners = np.array([[float(number) for number in pair] for pair in re.findall(r"[ML] (\S+) (\S+)", path.get("d"))])
            found.append((corners * [1, -1], "stroke-dasharray" in style))
    return found


def marks(svg, colour):
    """Where an SVG draws markers of data in a colour: an array of positions (y upwards)."""
    groups = [group for group in ElementTree.fromstring(svg).iter(f"{SVG}g") if group.get("clip-path")]
    uses = [use for group in groups for use in group.iter(f"{SVG}use") if f"stroke: {colour}" in (use.get("style") or "")]
    return np.array([(float(use.get("x")), -float(use.get("y"))) for use in uses])


def is_affine(positions, values):
    """Whether positions are a linear function of values, up to the digits of a file."""
    slope, offset = np.polyfit(values, positions, 1)
    return np.allclose(slope * np.asarray(values) + offset, positions, atol=1e-3) and slope > 0


# Curves


def test_a_curve_is_drawn_where_its_values_are():
    epochs, values = list(range(1, 61)), list(np.random.default_rng(0).standard_normal(60))
    svg = curve_charts({"epoch": epochs, "critic_gap": values})["critic_gap"]
    ((corners, dashed),) = lines(svg, COLOURS[0])
    assert not dashed
    assert is_affine(corners[:, 0], epochs)
    assert is_affine(corners[:, 1], values)
    assert "epoch" in texts(svg)


def test_few_values_get_a_mark_each_and_gaps_are_bridged():
    values = [5.0, math.nan, 3.0, math.nan, 4.0]
    svg = curve_charts({"epoch": [1, 2, 3, 4, 5], "fid": values})["fid"]
    for positions in (lines(svg, COLOURS[0])[0][0], marks(svg, COLOURS[0])):
        assert len(positions) == 3
        assert is_affine(positions[:, 0], [1, 3, 5])
        assert is_affine(positions[:, 1], [5, 3, 4])


def test_a_single_epoch_is_a_mark():
    svg = curve_charts({"epoch": [1], "fid": [5.0]})["fid"]
    assert len(marks(svg, COLOURS[0])) == 1


@pytest.fixture
def curves():
    """What a run logs that is validated every other epoch."""
    epochs = 40
    rng = np.random.default_rng(0)
    names = ("d_loss", "g_loss", "d_real", "d_fake", "loss", "seconds")
    norms = ("d_grad", "g_grad")
    curves = {"epoch": list(range(1, epochs + 1))} | {name: list(rng.random(epochs) + 0.1) for name in names + norms}
    for name in names[:5]:
        curves[f"val_{name}"] = [value if epoch % 2 else math.nan for epoch, value in enumerate(curves[name])]
    return curves | {f"val_{name}": [math.nan] * epochs for name in norms}


def test_the_players_share_charts_and_validation_is_dashed(curves):
    charts = curve_charts(curves)
    assert list(charts) == ["Losses", "Discriminator's accuracy", "Gradient norms"]
    written = texts(charts["Losses"])
    assert {"discriminator", "discriminator, validation", "generator", "generator, validation"} <= set(written)
    for colour, name in zip(COLOURS, ("d_loss", "g_loss"), strict=False):
        (training, solid), (validation, dashed) = lines(charts["Losses"], colour)
        assert (solid, dashed) == (False, True)
        assert is_affine(training[:, 1], curves[name])
        assert is_affine(validation[:, 1], curves[name][1::2])
    # Gradient norms have no validation.
    assert "validation" not in " ".join(texts(charts["Gradient norms"]))


def test_gradient_norms_are_drawn_by_their_logarithm_unless_one_is_zero():
    norms = [10.0**-power for power in range(5)]
    for values, drawn in ((norms, np.log(norms)), ([*norms, 0.0], [*norms, 0.0])):
        svg = curve_charts({"epoch": list(range(len(values))), "g_grad": values})["Gradient norms"]
        (corners, _), *_ = lines(svg, COLOURS[1])
        assert is_affine(corners[:, 1], drawn)
        assert not [text for text in texts(svg) if "$" in text or "\\" in text]


@pytest.mark.parametrize(("name", "heading", "best"), [("fid", "FID (Fréchet distance) ↓", 2), ("precision", "Precision ↑", 7)])
def test_the_best_epoch_of_a_metric_is_marked(metrics, name, heading, best):
    values = [0.5, 0.25, 0.3, 0.3, math.nan, 0.6, 0.875, 0.7]
    svg = curve_charts({"epoch": list(range(1, 9)), name: values}, metrics)[heading]
    assert f"best: {values[best - 1]:g}, after epoch {best}" in texts(svg)
    mark = marks(svg, COLOURS[1])[0]
    position = [1, 2, 3, 4, 6, 7, 8].index(best)
    np.testing.assert_allclose(mark, lines(svg, COLOURS[0])[0][0][position], atol=1e-3)


def test_a_metric_that_has_no_better_direction_has_no_best_epoch(metrics):
    charts = curve_charts({"epoch": [1, 2], "authenticity": [0.4, 0.5]}, metrics)
    assert list(charts) == ["Authenticity"]
    assert "best" not in " ".join(texts(charts["Authenticity"]))


def test_nothing_logged_is_no_chart():
    assert curve_charts({}) == {}
    assert curve_charts({"epoch": [1, 2], "fid": [math.nan, math.inf], "loss": [1.0, 2.0], "seconds": [1.0, 2.0]}) == {}


# Results side by side


@pytest.fixture
def three(results):
    """Three results on one protocol; the second lacks a metric."""
    found = []
    for number, name in enumerate(("first", "a second, with $x^2$ & <b>", "third")):
        result = copy.deepcopy(results)
        result["name"] = name
        for measured in result["metrics"].values():
            measured["mean"] += 3 * number
            measured["values"] = [value + 3 * number for value in measured["values"]]
        found.append(result)
    del found[1]["metrics"]["precision"]
    return found


def test_names_that_are_no_text_are_drawn_all_the_same(results, metrics, tmp_path):
    results["name"] = b"run_\xff".decode("utf-8", "surrogateescape")  # what Python makes of such a folder's name
    assert r"run_\udcff" in texts(comparison_chart([results], metrics))
    write_comparison(tmp_path / "a.png", [results], metrics=metrics)


def only(results, name):
    return [{**result, "metrics": {name: result["metrics"][name]}} for result in results if name in result["metrics"]]


def test_a_comparison_says_what_is_compared(three, metrics):
    written = texts(comparison_chart(three, metrics))
    assert {"FID (Fréchet distance) ↓", "Precision ↑", "Authenticity", "each seed", "held-out real samples"} <= set(written)
    for result in three:
        assert result["name"] in written


def test_means_spreads_and_the_real_value_stand_on_one_scale(three, metrics):
    svg = comparison_chart(only(three, "fid"), metrics)
    seeds = marks(svg, FAINT)
    values = [value for result in three for value in result["metrics"]["fid"]["values"]]
    assert is_affine(seeds[:, 0], values)
    slope, offset = np.polyfit(values, seeds[:, 0], 1)
    rows = []
    for result, colour in zip(three, COLOURS, strict=False):
        mean, std = result["metrics"]["fid"]["mean"], result["metrics"]["fid"]["std"]
        ((bar, _),) = lines(svg, colour)
        np.testing.assert_allclose(bar[:, 0], slope * np.array([mean - std, mean + std]) + offset, atol=1e-3)
        middle = marks(svg, colour)
        assert np.isclose(middle[:, 0], slope * mean + offset, atol=1e-3).any()
        rows.append(bar[0, 1])
    assert (seeds[:, 1] < np.repeat(rows, 3)).all()  # just below
    assert rows == sorted(rows, reverse=True)  # the first result at the top
    ((real, dashed),) = [line for line in lines(svg, INK) if line[1]]
    assert dashed
    np.testing.assert_allclose(real[:, 0], slope * 1.25 + offset, atol=1e-3)


@pytest.mark.parametrize(("means", "logarithmic"), [((1.5, 24, 2), False), ((1.5, 400, 2), True), ((0, 400, 2), False)])
def test_one_bad_result_does_not_flatten_the_others(results, metrics, means, logarithmic):
    compared = []
    for mean in means:
        result = {**results, "name": f"mean {mean}", "metrics": {"fid": {"mean": mean, "std": None, "values": [mean]}}}
        compared.append(result)
    svg = comparison_chart(compared, metrics)
    places = [marks(svg, colour)[:, 0].min() for colour in COLOURS[:3]]
    shown = np.log(means) if logarithmic else np.array(means)
    assert is_affine(np.array(places), shown)


def test_results_without_spread_or_real_row_are_drawn_as_well(results, metrics):
    results["real"] = {}
    results["metrics"] = {
        "fid": {"mean": 3.0, "std": None, "values": [3.0]},
        "precision": {"mean": None, "std": None, "values": [None]},
        "authenticity": {"mean": math.nan, "std": math.nan, "values": [math.nan]},
    }
    written = texts(comparison_chart([results], metrics))
    assert "held-out real samples" not in written
    assert "each seed" not in written


def test_metrics_that_are_not_known_stand_by_their_names(results):
    assert "fid" in texts(comparison_chart([results], {}))


def test_results_of_different_protocols_are_refused(three, metrics, tmp_path):
    three[2]["protocol"]["extractor"] = "pixels"
    for compare in (comparison_chart, lambda results, metrics: write_comparison(tmp_path / "a.png", results, metrics=metrics)):
        with pytest.raises(ValueError, match="extractor is 'digits28' for the first and 'pixels' for the second"):
            compare(three, metrics)
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_compare_is_said(results):
    with pytest.raises(ValueError, match="no results to compare"):
        comparison_chart([], {})
    with pytest.raises(ValueError, match="no metrics to compare"):
        comparison_chart([{**results, "metrics": {}}], {})


# Files


def test_comparisons_are_written_as_png_and_as_svg(three, metrics, tmp_path):
    for name in ("a.png", "a.svg", "again.png"):
        write_comparison(tmp_path / name, three, metrics=metrics)
    with Image.open(tmp_path / "a.png") as opened:
        assert opened.format == "PNG"
        assert opened.width > 1200
        assert np.asarray(opened.convert("RGB"))[0, 0].tolist() == [255, 255, 255]
    assert (tmp_path / "a.svg").read_text(encoding="utf-8") == comparison_chart(three, metrics)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "again.png").read_bytes()


def test_other_formats_are_refused_before_anything_is_written(three, metrics, tmp_path):
    with pytest.raises(ValueError, match=r"a\.pdf: a comparison is written as \.png or \.svg"):
        write_comparison(tmp_path / "a.pdf", three, metrics=metrics)
    assert list(tmp_path.iterdir()) == []


def test_charts_are_the_same_whatever_style_the_user_has_chosen(curves, three, metrics):
    import matplotlib

    drawn = curve_charts(curves, metrics), comparison_chart(three, metrics)
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "black", "svg.fonttype": "path", "lines.linewidth": 9}):
        chosen = dict(matplotlib.rcParams)
        assert (curve_charts(curves, metrics), comparison_chart(three, metrics)) == drawn
        assert dict(matplotlib.rcParams) == chosen


def test_nothing_draws_before_it_is_asked_to():
    code = (
        "import sys\n"
        "from keras_gans.evaluation.report import charts, curves, figures, html\n"
        "print({'matplotlib', 'jinja2', 'keras', 'tensorflow'} & set(sys.modules))"
    )
    process = subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True, text=True)
    assert process.stdout.strip() == "set()"
