"""Finds what is installed: a model is added by adding its folder. Everything else about the package is in setup.cfg."""

import atexit
import itertools
import shutil
import tempfile

from setuptools import find_packages, setup

# Folder of the checkout -> the name under which it is installed.
FOLDERS = {"keras_gans": "keras_gans", "zoo": "keras_gans_zoo", "tools": "keras_gans_tools"}

packages = {
    folder: [installed, *(f"{installed}.{package}" for package in find_packages(folder))]
    for folder, installed in FOLDERS.items()
}
# `pip install .` builds in the checkout, where a second copy of every module would double each search.
build_folder = tempfile.mkdtemp()
atexit.register(shutil.rmtree, build_folder, ignore_errors=True)

setup(
    packages=[*itertools.chain(*packages.values())],
    package_dir={installed: folder for folder, installed in FOLDERS.items()},
    package_data={
        "keras_gans": ["py.typed"],
        "keras_gans_tools": ["py.typed"],
        "keras_gans.data": ["optical_digits/*"],
        "keras_gans.evaluation": ["weights/*"],
        "keras_gans.evaluation.report": ["*.jinja"],
        "keras_gans.export": ["serving/*", "web_page/*"],
        "keras_gans.imagenet": ["efficientnet_lite0/*"],
        "keras_gans.lab": ["page/*", "lessons/*"],
        "keras_gans.serving": ["gallery/*"],
        "keras_gans.study": ["page/*", "*.jinja"],
        **{package: ["py.typed", "README.md", "*.png", "presets/*/*", "recipes/*"] for package in packages["zoo"]},
    },
    options={"build": {"build_base": build_folder}},
)
