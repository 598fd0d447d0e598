"""The documentation site: built as CI builds it, and looked at in a browser."""

import functools
import html
import importlib.util
import re
import subprocess
import sys
import types
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest

import keras_gans
from tests.conftest import ROOT

if importlib.util.find_spec("selenium"):
    from tests.keras_gans.serving.browsing import browser, page  # noqa: F401

pytest.importorskip("mkdocs", reason="the extra docs is not installed")
pytest.importorskip("mkdocstrings", reason="the extra docs is not installed")


class Parsed(HTMLParser):
    """What a page names: its anchors, the pages to which it links, and the files that a browser loads with it."""

    def __init__(self, path):
        super().__init__()
        self.anchors, self.links, self.loaded = set(), [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.anchors |= {attributes[name] for name in ("id", "name") if attributes.get(name)}
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        elif tag in ("script", "img", "source", "iframe") and "src" in attributes:
            self.loaded.append(attributes["src"])
        elif tag == "link" and attributes.get("rel") != "canonical":
            self.loaded.append(attributes["href"])


@functools.cache
def read(path):
    return Parsed(path)


def target(path, link):
    return (path.parent / unquote(urlsplit(link).path)).resolve() if urlsplit(link).path else path


# Twenty seconds of processor time for all: mkdocs reads and renders every docstring.
# Last run: 0.1.0, 2026-11-30.
@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    process = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return folder


def test_every_page_is_in_the_navigation():
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = set(re.findall(r"^ +- .*?(\S+\.md)$", text, re.MULTILINE))
    pages = {page.relative_to(ROOT).as_posix() for page in (ROOT / "docs").rglob("*.md")} - {"docs/README.md"}
    assert listed - {"CHANGELOG.md", "CONTRIBUTING.md", "docs/gallery.md"} == pages


@pytest.mark.slow
def test_every_public_name_has_its_place(site):
    modules = {name: getattr(keras_gans, name) for name in keras_gans.__all__}
    missing = []
    for module, value in modules.items():
        names = [name for name in getattr(value, "__all__", ()) if not isinstance(getattr(value, name), types.ModuleType)]
        anchors = read(site / f"reference/{module}.html").anchors if names else ()
        missing += [f"{module}.{name}" for name in names if f"keras_gans.{module}.{name}" not in anchors]
    assert missing == []
    listed = (site / "api.html").read_text(encoding="utf-8")
    assert [name for name in keras_gans.__all__ if not re.search(rf"\b{name}\b", listed)] == []


@pytest.mark.slow
def test_a_model_has_its_methods_with_their_arguments(site):
    path = site / "reference/adversarial.html"
    for method in ("compile", "fit", "generate", "export", "from_preset"):
        assert f"keras_gans.adversarial.AdversarialModel.{method}" in read(path).anchors
    blocks = re.findall(r"<code>(.*?)</code>", path.read_text(encoding="utf-8"), re.DOTALL)
    shown = [html.unescape(re.sub(r"<[^>]*>", "", block)) for block in blocks]
    assert any('model.compile(loss="hinge", ema=0.999)' in block for block in shown)


@pytest.mark.slow
def test_the_gallery_shows_every_preset(site):
    gallery = read(site / "gallery.html")
    cards = {f"zoo/{path.parents[2].name}/presets/{path.parent.name}.html" for path in ROOT.glob("zoo/*/presets/*/README.md")}
    assert len(cards) >= 26
    assert cards <= set(gallery.links)
    pictures = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("zoo/*/presets/*/samples.png")}
    assert pictures <= set(gallery.loaded)


@pytest.mark.slow
def test_every_link_leads_to_a_page_or_a_heading(site):
    broken = []
    for path in site.rglob("*.html"):
        for link in read(path).links:
            if urlsplit(link).scheme in ("http", "https") or path.name == "404.html":
                continue
            found, anchor = target(path, link), unquote(urlsplit(link).fragment)
            if not found.is_file() or (anchor and found.suffix == ".html" and anchor not in read(found).anchors):
                broken.append(f"{path.relative_to(site)}: {link}")
    assert broken == []


@pytest.mark.slow
def test_nothing_is_loaded_from_elsewhere(site):
    missing = [
        f"{path.relative_to(site)}: {link}"
        for path in site.rglob("*.html")
        for link in read(path).loaded
        if not link.startswith("data:") and path.name != "404.html" and not target(path, link).is_file()
    ]
    assert missing == []
    styles = [path.read_text(encoding="utf-8") for path in site.rglob("*.css")]
    assert not [style for style in styles if re.search(r"url\([\"']?(https?:)?//|@import", style)]


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("selenium") is None, reason="selenium is not installed")
def test_a_search_finds_a_page_without_a_server(site, page):
    page.open((site / "zoo/dcgan/index.html").as_uri())
    page.click("input.md-search__input")
    page.one("input.md-search__input").send_keys("freeze_discriminator")
    page.until(lambda: page.all(".md-search-result__item a"))
    assert any("training.html" in link.get_attribute("href") for link in page.all(".md-search-result__item a"))


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("selenium") is None, reason="selenium is not installed")
@pytest.mark.parametrize("path", ["index.html", "training.html", "gallery.html", "api.html", "reference/losses.html"])
def test_pages_are_as_wide_as_a_phone(site, page, path):
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        page.open((site / path).as_uri())
        assert page.browser.execute_script("return document.documentElement.scrollWidth") == 390
    finally:
        page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
