"""Gives the pages of the site the addresses that their files have in the repository.

Links between pages, models, cards and sources therefore lead to the same files on the site as on GitHub, and are not rewritten.
The pages of `docs/` lie at the top of the site. Files of code to which pages link become pages that show them.
"""

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

# What the site has of the repository, besides docs/. Text models have no pictures: their samples are in their cards.
_PATTERNS = (
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "zoo/*/README.md",
    "zoo/*/*.png",
    "zoo/*/presets/*/*.md",
    "zoo/*/presets/*/*.png",
)
_ICON = "keras_gans/serving/gallery/icon.svg"
_WIDE = ("docs/index.md", "docs/gallery.md")
_LINK = re.compile(r"\]\(([^)#\s:]+)(?:#[^)]*)?\)")
_LANGUAGES = {".cfg": "ini", ".py": "python", ".toml": "toml", ".yml": "yaml"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Returns the files of the site, under their addresses in the repository."""
    root = Path(config.config_file_path).parent
    kept = Files([])
    for file in files:
        if file.inclusion.is_included():
            kept.append(_moved(file, config) if file.src_dir == config.docs_dir else file)
    for path in sorted({path for pattern in (*_PATTERNS, _ICON) for path in root.glob(pattern)}):
        kept.append(_file(path, root, config))
    for file in [file for file in kept if file.is_documentation_page()]:
        folder = posixpath.dirname(file.src_uri)
        for link in _LINK.findall(file.content_string):
            address = posixpath.normpath(posixpath.join(folder, link))
            path = root / address
            if path.is_file() and root in path.resolve().parents and kept.get_file_from_path(address) is None:
                kept.append(_source(path, address, config) if path.suffix in _LANGUAGES else _file(path, root, config))
    config.nav = _with_models(config.nav, kept)
    return kept


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Returns a page as it is. Wide pages of pictures show no lists of pages beside them."""
    if page.file.src_uri in _WIDE:
        page.meta["hide"] = ["navigation", "toc"]
    return markdown


def _moved(file: File, config: MkDocsConfig) -> File:
    """Returns a file of docs/ with its address in the repository, still at the top of the site."""
    moved = File.generated(config, f"docs/{file.src_uri}", abs_src_path=file.abs_src_path)
    moved.dest_uri = file.dest_uri
    return moved


def _file(path: Path, root: Path, config: MkDocsConfig) -> File:
    file = File.generated(config, path.relative_to(root).as_posix(), abs_src_path=str(path))
    if path.match("presets/*/README.md"):
        # A README.md is the first page of its folder, and a section has only one.
        file.name = path.parent.name
        file.dest_uri = f"{path.parent.relative_to(root).as_posix()}.html"
    return file


def _source(path: Path, address: str, config: MkDocsConfig) -> File:
    """Returns a page that shows a file of code. It keeps the file's address, which links name."""
    content = f"# {path.name}\n\n`{address}`\n\n````{_LANGUAGES[path.suffix]}\n{path.read_text(encoding='utf-8')}\n````\n"
    page = _Shown(address, None, config.site_dir, config.use_directory_urls, inclusion=InclusionLevel.NOT_IN_NAV)
    page.content_string = "---\nsearch: {exclude: true}\n---\n\n" + content
    page.dest_uri = f"{address}.html"
    return page


class _Shown(File):
    """A page whose source is not called `.md`."""

    def is_documentation_page(self) -> bool:
        return True


def _with_models(nav: list[Any], files: Files) -> list[Any]:
    """Returns the navigation in which `zoo/` is replaced by the models, each with the cards of its presets."""
    listed = []
    for page in sorted(files.documentation_pages(), key=lambda file: file.src_uri):
        if page.src_uri.startswith("zoo/") and page.name == "index":
            folder = posixpath.dirname(page.src_uri)
            cards = [file for file in files.documentation_pages() if file.src_uri.startswith(f"{folder}/presets/")]
            pages = [page.src_uri, *({card.name: card.src_uri} for card in sorted(cards, key=lambda file: file.name))]
            listed.append({posixpath.basename(folder): pages if cards else page.src_uri})
    return _replace(nav, "zoo/", listed)


def _replace(nav: list[Any], place: str, entries: list[Any]) -> list[Any]:
    replaced: list[Any] = []
    for entry in nav:
        if isinstance(entry, dict):
            ((title, to),) = entry.items()
            replaced.append({title: _replace(to, place, entries) if isinstance(to, list) else to})
        else:
            replaced += entries if entry == place else [entry]
    return replaced
