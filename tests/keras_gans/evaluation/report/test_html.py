import base64
import io
import math
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_gans.evaluation.report.figures import Row
from keras_gans.evaluation.report.html import SECTIONS, TEXT_SECTIONS, write_report
from keras_gans.evaluation.report.rows import Sentence
from keras_gans.evaluation.wording import with_spread

DASH = "\N{EN DASH}"
VOID = {"meta", "img", "br", "link", "input", "hr", "base", "source", "embed", "area", "col", "wbr", "track"}


class Page(HTMLParser):
    """A parsed page, which fails where a tag is not closed in turn."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.ids, self.open = [], "", [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append((tag, attributes))
        self.ids += [attributes["id"]] if "id" in attributes else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data

    def all(self, wanted):
        return [attributes for tag, attributes in self.tags if tag == wanted]

    @property
    def words(self):
        return " ".join(self.text.split())


def uint8_images(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype="uint8")


@pytest.fixture
def write(tmp_path, results, metrics):
    """Writes a report of what it is given and returns the parsed page."""

    def write(**given):
        path = tmp_path / "report.html"
        write_report(path, given.pop("results", results), **{"metrics": metrics, **given})
        return Page(path.read_text(encoding="utf-8"))

    return write


@pytest.fixture
def everything():
    """Content for every section."""
    return {
        "figures": {
            name: [Row(uint8_images(5, 8, 8, 1 + 2 * (index % 2)), f"row of {name}", list("abcde"))]
            for index, name in enumerate(SECTIONS)
        },
        "texts": {name: [Sentence("before ", name, " after", "label:"), Sentence("a line")] for name in TEXT_SECTIONS},
        "curves": {"epoch": [1, 2, 3], "g_loss": [1.0, 2.0, 3.0], "fid": [9.0, 8.0, math.nan]},
        "findings": ["The loss is NaN.", {"failure": "Mode collapse", "epoch": 4, "message": "All alike.", "advice": "Rest."}],
    }


# The page


def test_a_section_is_there_where_its_content_is(write, everything):
    page = write(**everything)
    assert [name for name in page.ids if not name.startswith("chart")] == [
        "protocol",
        "metrics",
        *TEXT_SECTIONS,
        *SECTIONS,
        "curves",
        "findings",
    ]
    assert [link["href"] for link in page.all("a")] == [f"#{name}" for name in page.ids if not name.startswith("chart")]
    bare = write()
    assert bare.ids == ["protocol", "metrics"]
    for name in SECTIONS:
        assert write(figures={name: everything["figures"][name]}).ids == ["protocol", "metrics", name]
        assert write(figures={name: []}).ids == ["protocol", "metrics"]
    for name in TEXT_SECTIONS:
        assert write(texts={name: everything["texts"][name]}).ids == ["protocol", "metrics", name]
    for name in ("curves", "findings"):
        ids = write(**{name: everything[name]}).ids
        assert [found for found in ids if not found.startswith("chart")] == ["protocol", "metrics", name]
    assert write(curves={}).ids == ["protocol", "metrics"]


def test_the_page_needs_nothing_from_elsewhere(write, everything, tmp_path):
    page = write(**everything)
    assert {"script", "link", "iframe", "object", "embed", "base", "form"} & {tag for tag, _ in page.tags} == set()
    (policy,) = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert all(image["src"].startswith("data:image/") for image in page.all("img"))
    for _, attributes in page.tags:
        for name, value in attributes.items():
            if name in ("href", "xlink:href"):
                assert value.startswith("#")
                assert value[1:] in page.ids
            assert not name.startswith("on")
            for target in re.findall(r"url\((.*?)\)", value or ""):
                assert target.startswith("#")
                assert target[1:] in page.ids
    text = re.sub(r"data:image/\w+;base64,[^\"]+", "", (tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "://" not in text
    assert "@import" not in text


def test_ids_are_unique_though_charts_are_alike(write, everything):
    losses = [1.0, 2.0, 3.0]
    page = write(curves={"epoch": [1, 2, 3], "a": losses, "b": losses, "c": losses})
    assert len(page.all("svg")) == 3
    assert len(page.ids) == len(set(page.ids)) > 20


def test_the_same_content_gives_the_same_bytes(write, everything, tmp_path):
    path = tmp_path / "report.html"
    written = []
    for _ in range(2):
        write(**everything)
        written.append(path.read_bytes())
    assert written[0] == written[1]


def test_what_users_name_is_text_and_nothing_else(write, results, metrics, everything):
    evil = "</title></style><script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;<b>"
    results["name"] = evil
    results["protocol"] |= {"dataset": evil, "split": evil, "extractor": evil, "resize": evil, "settings": {evil: evil}}
    results["metrics"][evil] = results["metrics"]["fid"]
    page = write(
        results=results,
        figures={"classes": [Row(uint8_images(2, 8, 8, 1), evil, [evil, "b"])]},
        texts={"passages": [Sentence(evil, evil, evil, evil)]},
        curves={"epoch": [1, 2], evil: [1.0, 2.0]},
        findings=[evil, {"failure": evil, "epoch": evil, "message": evil, "advice": evil}],
    )
    assert {"script", "b"} & {tag for tag, _ in page.tags} == set()
    assert [image["src"][:10] for image in page.all("img")] == ["data:image"] * 2
    assert page.all("img")[0]["alt"] == f"{evil}: picture 1 of 2, {evil}"
    # The title, the heading, four fields of the protocol twice, a setting's name and value, ...
    assert page.text.count(evil) >= 22


def test_names_that_are_no_text_are_written_all_the_same(write, results):
    results["name"] = b"run_\xff".decode("utf-8", "surrogateescape")  # what Python makes of such a folder's name
    assert r"run_\udcff" in write(results=results).words


def test_a_failure_leaves_the_old_report(write, tmp_path, everything, monkeypatch):
    write(**everything)
    before = (tmp_path / "report.html").read_bytes()
    with pytest.raises(ValueError, match="no section 'grids'; its figures are: samples, real_samples"):
        write(figures={"grids": []})
    with pytest.raises(ValueError, match="no section 'samples'; its texts are: sentences, real_sentences, passages"):
        write(texts={"samples": []})

    def fill_the_disk(path, text, **options):
        path.write_bytes(text[:100].encode())
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "write_text", fill_the_disk)
    with pytest.raises(OSError, match="No space left"):
        write()
    assert (tmp_path / "report.html").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


# Words and numbers


def test_the_protocol_is_said_in_words(write, results):
    words = write().words
    for said in (
        "5,000 generated samples were compared with 10,000 real ones of mnist, split train",
        "of shape 28 \N{MULTIPLICATION SIGN} 28",
        "by the features of digits28, without resizing.",
        "anew for each of the seeds 7, 8 and 9",
        "2,345 held-out real samples",
    ):
        assert said in words
    results["protocol"] |= {"resize": "PIL bicubic, antialiased", "held_out": 0}
    results |= {"seeds": [5], "real": {}}
    words = write().words
    for said in ("for which they were resized (PIL bicubic, antialiased)", "drawn with the seed 5", "whose spread is unknown"):
        assert said in words
    assert "held-out" not in words


def test_hashes_are_short_with_the_whole_one_at_hand(write, results):
    page = write()
    for name, short in (("data_sha256", "0123456789ab…"), ("extractor_sha256", "fedcba987654…")):
        whole = results["protocol"][name]
        assert {"title": whole} in page.all("abbr")
        assert short in page.text
        assert whole in page.text
    assert "precision k" in page.text


def table(page):
    """The cells of the first table."""
    rows = re.findall(r"<tr>(.*?)</tr>", page, flags=re.DOTALL)
    return [[Page(cell).words for cell in re.findall(r"<t[hd].*?</t[hd]>", row, flags=re.DOTALL)] for row in rows]


def test_the_table_has_means_spreads_directions_and_the_real_row(write, tmp_path):
    write()
    cells = table((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert cells[:4] == [
        ["Metric", "Generated", "Real"],
        ["FID (Fréchet distance) ↓Heusel et al. 2017", "12.0 ± 1.0", "1.250"],
        ["Precision ↑Kynkäänniemi et al. 2019", "0.750 ± 0.020", "0.9840"],
        ["AuthenticityAlaa et al. 2022", "0.50 ± 0.10", DASH],
    ]
    assert cells[4:6] == [["Metric", "seed 7", "seed 8", "seed 9"], ["fid", "11.00", "12.00", "13.00"]]


def test_metrics_that_are_missing_or_not_known(write, tmp_path, results):
    results |= {
        "real": None,
        "seeds": [],
        "metrics": {"novel": {"mean": 3.0, "std": None, "values": [3.0]}, "lost": {"mean": None}},
    }
    write(metrics={})
    cells = table((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert cells == [["Metric", "Generated"], ["novel", "3.000"], ["lost", DASH]]


@pytest.mark.parametrize(
    ("mean", "spread", "expected"),
    [
        (12.3456, 0.2345, ("12.35", "0.23")),
        (12.3456, 0.0, ("12.35", "0")),
        (12.3456, None, ("12.35", "")),
        (0.98765, 0.00123, ("0.9877", "0.0012")),
        (0.00012345, 0.0000234, ("0.000123", "0.000023")),
        (1e-9, 2e-12, ("1e-09", "2e-12")),
        (12345.678, 12.3, ("12,346", "12")),
        (12345.678, 345.6, ("1.235e+04", "3.5e+02")),
        (12345.678, None, ("12,346", "")),
        (-0.00123, 0.00456, ("-0.0012", "0.0046")),
        (0.0, None, ("0", "")),
        (1.23456e-7, None, ("0.000", "")),
        (-2.874e-5, None, ("0.000", "")),
        (20.41, 0.08729, ("20.410", "0.087")),
        (9.876e8, None, ("9.876e+08", "")),
        (None, None, (DASH, "")),
        (math.nan, 1.0, (DASH, "")),
        (math.inf, math.nan, (DASH, "")),
    ],
)
def test_numbers_have_the_digits_that_their_spread_lets_stand(mean, spread, expected):
    assert with_spread(mean, spread) == expected


def test_findings_are_told_in_full(write):
    found = {
        "state": "found",
        "epoch": 4,
        "step": 1200,
        "failure": "mode_collapse",
        "message": "All are alike.",
        "advice": ["Rest.", "Try again."],
        "measured": {"spread": "nan"},
    }
    gone = {"state": "gone", "epoch": 5, "step": 1300, "failure": "mode_collapse"}
    words = write(findings=["The loss is NaN.", found, gone]).words
    assert "The loss is NaN. Mode collapse epoch 4, step 1,200 All are alike. What to try: Rest. Try again." in words
    assert "Mode collapse epoch 5, step 1,300 It has gone away again." in words
    assert "Nothing: neither" in write(findings=[]).words


def test_what_is_better_is_said_as_far_as_it_is_known(write, results):
    words = write().words
    assert "lower is better" in words
    assert "higher is better" in words
    assert "Without an arrow" not in words  # the one that has none has no real value to be near to
    results["real"]["authenticity"] = 0.5
    assert "Without an arrow: the nearer to the real value, the better." in write().words
    assert "better" not in write(metrics={}).words


# Pictures and charts


@pytest.mark.parametrize("shape", [(8, 8, 1), (28, 28, 1), (32, 24, 3), (64, 64, 3), (256, 256, 1)])
def test_pictures_on_the_page_are_those_given(write, shape):
    smooth = uint8_images(3, *shape) // 16
    page = write(figures={"samples": [Row(smooth[:2], "r")], "interpolations": [Row(smooth[[2]]), Row(smooth[[0]])]})
    for image, expected in zip(page.all("img"), smooth[[0, 1, 2, 0]], strict=True):
        kind, data = re.fullmatch("data:image/(png|webp);base64,(.*)", image["src"]).groups()
        with Image.open(io.BytesIO(base64.b64decode(data))) as opened:
            assert opened.format.lower() == kind
            pixels = np.asarray(opened).reshape(shape if kind == "png" else (*shape[:2], 3))
        if kind == "png":
            np.testing.assert_array_equal(pixels, expected)
        assert image["alt"]


def test_large_pictures_are_stored_small(write, tmp_path):
    page = write(figures={"samples": [Row(uint8_images(4, 512, 1024, 3))]})
    assert (tmp_path / "report.html").stat().st_size < 500_000
    for image in page.all("img"):
        with Image.open(io.BytesIO(base64.b64decode(image["src"].partition(",")[2]))) as opened:
            assert (opened.format, opened.size) == ("WEBP", (256, 128))


@pytest.mark.parametrize(
    ("shape", "count", "shown", "pixelated"),
    [
        ((8, 8, 1), 9, 56, True),
        ((28, 28, 1), 9, 56, True),
        ((32, 32, 3), 9, 64, True),
        ((64, 64, 3), 9, 64, False),
        ((100, 50, 3), 9, 50, False),
        ((256, 256, 3), 9, 112, False),
        ((256, 256, 1), 1, 256, False),
    ],
)
def test_pictures_are_shown_at_a_size_to_look_at(write, shape, count, shown, pixelated):
    page = write(figures={"samples": [Row(np.zeros((count, *shape), "uint8"))]})
    (style,) = [division["style"] for division in page.all("div") if division.get("class") == "rows"]
    assert f"--tile: {shown}px;" in style
    # Small ones by whole pixels.
    assert shown % shape[1] == 0 or not pixelated
    assert all((image.get("class") == "pixelated") is pixelated for image in page.all("img"))


def test_every_chart_has_a_heading_and_the_colours_of_the_page(write, everything, tmp_path):
    page = write(curves=everything["curves"])
    assert [figure["aria-label"] for figure in page.all("figure")] == [
        "Losses over the epochs",
        "FID (Fréchet distance) ↓ over the epochs",
    ]
    assert "best: 8, after epoch 2" in page.words
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    used = set(re.findall(r"var\(--(chart\d)", text))
    assert {"chart0", "chart1", "chart2", "chart3"} <= used
    # In light, in dark and in print.
    assert all(text.count(f"--{name}: #") == 3 for name in used)
    drawn = text[text.index("<svg") : text.rindex("</svg>")]
    assert re.findall(r"(?:fill|stroke): (#\w+)", drawn) == []


def test_the_page_begins_with_a_summary_in_words(write, results):
    results["metrics"]["precision"]["mean"] = 0.05
    assert "Far from real samples: precision 0.05 (real: 0.984)" in write().words.split("What was measured")[0]
    results["real"] = {}
    assert "real samples:" not in write().words.split("What was measured")[0]
