"""Makes a page of each public module from its docstrings, and links the names in docs/api.md to them.

docs/api.md is the list of all public names, which tests/test_documentation.py compares with the modules.
"""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

_PLACE, _LIST = "docs/reference/", "docs/api.md"
_SECTION = re.compile(r"^## `keras_gans\.(\w+)`$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| `(\w+)` \| (.*) \|$", re.MULTILINE)
# How docs/api.md describes what is neither a class nor a function, and has no docstring of its own.
_VALUE = re.compile(r"`[^`]*`$|A mapping by name|A registry|Return a decorator that registers a class here and with Keras")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds a page for each module."""
    listed = _sections(config)
    for module, rows in listed.items():
        files.append(File.generated(config, f"{_PLACE}{module}.md", content=_page(module, rows)))
        files.get_file_from_path(f"{_PLACE}{module}.md").dest_uri = f"reference/{module}.html"
    for entries in (entries for section in config.nav for entries in section.values()):
        if isinstance(entries, list) and _PLACE in entries:
            at = entries.index(_PLACE)
            entries[at : at + 1] = [{module: f"{_PLACE}{module}.md"} for module in listed]
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Returns a page. In the list of public names, each name is a link."""
    if page.file.src_uri != _LIST:
        return markdown
    listed = _sections(config)
    home = {name: module for module, rows in reversed(listed.items()) for name in rows}
    lines, module = [], None
    for line in markdown.splitlines():
        if title := re.match(r"## `keras_gans(?:\.(\w+))?`$", line):
            module = title[1]
        if (row := _ROW.match(line)) and (place := module or home.get(row[1])):
            path = f"keras_gans.{place}.{row[1]}"
            target = f"(reference/{place}.md#{path})" if _VALUE.match(row[2]) else f"[{path}]"
            line = f"| [`{row[1]}`]{target} | {row[2]} |"
        lines.append(line)
    return "\n".join(lines)


def _sections(config: MkDocsConfig) -> dict[str, dict[str, str]]:
    """Returns the public names of each module, with what docs/api.md says of them."""
    text = (Path(config.config_file_path).parent / _LIST).read_text(encoding="utf-8")
    return {section[1]: dict(_ROW.findall(section[2])) for section in _SECTION.finditer(text)}


def _page(module: str, rows: dict[str, str]) -> str:
    parts = [f"# keras_gans.{module}", f"::: keras_gans.{module}\n    options: {{members: false, show_root_heading: false}}"]
    for name, summary in rows.items():
        path = f"keras_gans.{module}.{name}"
        parts.append(f"## `{name}` {{#{path}}}\n\n{summary}" if _VALUE.match(summary) else f"::: {path}")
    return "\n\n".join(parts) + "\n"
