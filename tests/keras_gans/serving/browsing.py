"""Chromium, as tests use it: `browser` and `page` are fixtures of `conftest.py`."""

import shutil

import numpy as np
import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The pixels of a picture or canvas, as rows of bytes.
PIXELS = """
const source = arguments[0], canvas = document.createElement("canvas");
canvas.width = source.naturalWidth ?? source.width; canvas.height = source.naturalHeight ?? source.height;
const context = canvas.getContext("2d");
context.drawImage(source, 0, 0);
return [canvas.width, canvas.height, Array.from(context.getImageData(0, 0, canvas.width, canvas.height).data)];
"""


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    driver_path, chromium = shutil.which("chromedriver"), shutil.which("chromium")
    if driver_path is None or chromium is None:
        pytest.skip("chromium and chromedriver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}", "--window-size=1280,860"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver_path))
    try:
        yield driver
    finally:
        driver.quit()


class Page:
    """What tests do with the page.

    Args:
        browser: The browser.
        downloads: The folder that it saves files in.
    """

    def __init__(self, browser, downloads):
        self.browser, self.downloads = browser, downloads

    def open(self, url):
        self.browser.get("about:blank")
        self.browser.get(url)
        return self

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def click(self, selector):
        self.one(selector).click()

    def until(self, condition, seconds=30):
        # An element that was found may be gone when it is looked at.
        waiting = WebDriverWait(self.browser, seconds, 0.05, (StaleElementReferenceException,))
        return waiting.until(lambda _: condition())

    def choose(self, selector, text):
        Select(self.one(selector)).select_by_visible_text(text)

    def pixels(self, picture, channels=1):
        width, height, data = self.browser.execute_script(PIXELS, picture)
        return np.array(data, "uint8").reshape(height, width, 4)[..., :channels]

    def shown(self):
        return [self.pixels(each) for each in self.all(".grid img")]

    def press(self, key):
        self.one("body").send_keys(key)

    def copied(self, selector):
        """Returns what a button copies."""
        clipboard = "{writeText: async (text) => { window.copied = text; }}"
        self.browser.execute_script(
            f"Object.defineProperty(navigator, 'clipboard', {{configurable: true, value: {clipboard}}})"
        )
        self.click(selector)
        self.until(lambda: self.browser.execute_script("return window.copied"))
        return self.browser.execute_script("const text = window.copied; delete window.copied; return text")

    def downloaded(self, name):
        path = self.downloads / name
        self.until(path.is_file)
        return path


@pytest.fixture
def page(browser, tmp_path):
    # The page's own answer to any mistake in it.
    browser.get_log("browser")
    folder = tmp_path / "downloads"
    folder.mkdir()
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    yield Page(browser, folder)
    messages = [entry["message"] for entry in browser.get_log("browser")]
    # Of answers that tests ask for; whatever else a browser has to say is a mistake.
    expected = ("status of 404", "status of 400", "ERR_CONNECTION_REFUSED")
    assert [message for message in messages if not any(words in message for words in expected)] == []
