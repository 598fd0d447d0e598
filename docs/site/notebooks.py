"""Shows notebooks with their outputs: a page of docs/notebooks/ is that of the `.ipynb` file beside it, and links to it."""

import html
import json
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

_FOLDER = "docs/notebooks/"
# From one notebook to another: on the site, both are pages.
_OTHER = re.compile(r"(?<=\]\()(\w+)\.ipynb(?=\))")


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Returns a page as it is, or what its notebook holds."""
    if not page.file.src_uri.startswith(_FOLDER):
        return markdown
    path = Path(config.config_file_path).parent / page.file.src_uri
    first, *cells = json.loads(path.with_suffix(".ipynb").read_text(encoding="utf-8"))["cells"]
    title, _, text = "".join(first["source"]).partition("\n")
    link = f"[Open it in Jupyter, Colab or Kaggle: {path.stem}.ipynb]({path.stem}.ipynb)"
    return "\n\n".join([title, link, text, *map(_cell, cells)]) + "\n"


def _cell(cell: dict) -> str:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        return _OTHER.sub(r"\1.md", source)
    return "\n\n".join([f"```python\n{source}\n```", *map(_output, cell["outputs"])])


def _output(output: dict) -> str:
    if output["output_type"] == "stream":
        return _text("".join(output["text"]))
    ((form, content),) = output["data"].items()
    content = "".join(content)
    if form.startswith("image/"):
        shown = f'<img alt="What the cell above has drawn" src="data:{form};base64,{content}">'
    elif form == "text/html":
        shown = content
    else:
        return _text(content)
    return f'<div class="output">{shown}</div>'


def _text(text: str) -> str:
    return f'<pre class="output">{html.escape(text.rstrip())}</pre>'
