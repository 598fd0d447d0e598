"""What runs without the extra `reports`: everything but reports and charts."""

import json

import numpy as np
import pytest

from tests.support import pages
from tests.support.forked import Forked

# Imports of these libraries fail as if they were not installed.
WITHOUT = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("matplotlib", "jinja2"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name.split(".")[0])
for name in [name for name in sys.modules if name.split(".")[0] in ("matplotlib", "jinja2")]:
    del sys.modules[name]
sys.meta_path.insert(0, Blocker())
from keras_gans_tools import cli
cli.main()
"""


@pytest.fixture
def run(tmp_path, user_environment):
    np.save(tmp_path / "samples.npy", np.random.default_rng(0).integers(0, 256, (40, 28, 28, 1), dtype="uint8"))

    def run(*arguments):
        codes = [f"import sys; sys.argv = ['keras-gans', *{arguments!r}]", WITHOUT]
        return Forked(pages.run_python, codes, tmp_path, user_environment).finish(300)

    return run


def test_results_need_no_extra(run):
    process = run("evaluate", "samples.npy", "--dataset=digits", "--extractor=pixels", "--json")
    assert process.returncode == 0, process.stderr
    assert set(json.loads(process.stdout)["metrics"]) == {"fid", "kid", "precision", "recall"}


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        (("evaluate", "samples.npy", "--dataset=digits", "--report=report.html"), "matplotlib"),
        (("compare", "samples.npy", "--dataset=digits", "--chart=chart.png"), "matplotlib"),
        (("benchmark", "sanity", "--chart=sanity.png"), "matplotlib"),
    ],
)
def test_reports_and_charts_say_what_to_install(run, tmp_path, arguments, missing):
    process = run(*arguments)
    assert process.returncode == 2
    assert f'Reports and charts need {missing}, which is not installed: pip install "keras-gans[reports]".' in process.stderr
    assert len(process.stderr.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["samples.npy"]
