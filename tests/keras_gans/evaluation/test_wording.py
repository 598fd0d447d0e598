import pytest

from keras_gans.evaluation.wording import summary


def result(**metrics):
    return {
        "metrics": {name: {"mean": mean} for name, (mean, _) in metrics.items()},
        "real": {n: r for n, (_, r) in metrics.items()},
    }


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        ({"precision": (0.4, 0.8), "recall": (0.0, 0.827)}, "Far from real samples: recall 0 (real: 0.827)"),
        ({"precision": (0.79, 0.8), "coverage": (0.48, 0.96)}, "Not yet like real samples: coverage 0.48 (real: 0.96)"),
        ({"precision": (0.79, 0.8), "recall": (0.81, 0.8)}, "Near real samples: precision 0.79 (real: 0.8)"),
        ({"recall": (None, 0.8)}, ""),
        ({"recall": (0.5, None)}, ""),
        ({"fid": (12.0, 1.0)}, ""),
    ],
)
def test_a_result_in_one_line(metrics, expected):
    assert summary(result(**metrics)) == expected


def test_a_result_without_a_real_row_has_no_summary():
    assert summary({"metrics": {"recall": {"mean": 0.1}}, "real": {}}) == ""
