"""Makes the gallery of presets from their cards: a picture or a few lines of text, what it shows, and the measured figures."""

import html
import re
from pathlib import Path
from typing import Any

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

_PAGE = "docs/gallery.md"
_HEAD = re.compile(r"\A---\n(.*?)^---\n", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r"^# (\S+)\n\n(.*?) Model: `(\w+)`", re.MULTILINE)
# In the words of the cards' front matter. A card with another task is listed under the last title.
_KINDS = {
    "unconditional-image-generation": "Images",
    "image-to-image": "Pictures in, pictures out",
    "text-generation": "Text",
    "": "More",
}
_INTRODUCTION = """# Gallery of presets

Random samples, not selected, of every model that is installed with keras_gans. A name leads to the preset's card: what it is
for, its limits, data and licences, the command that made it, and all measurements.

```python
import keras_gans

model = keras_gans.load_pretrained("dcgan_mnist")  # or another name of this page
```
"""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the gallery."""
    cards = sorted(Path(config.config_file_path).parent.glob("zoo/*/presets/*/README.md"), key=lambda card: card.parent.name)
    shown: dict[str, list[str]] = {title: [] for title in _KINDS.values()}
    for card in cards:
        text = card.read_text(encoding="utf-8")
        about = yaml.safe_load(_HEAD.search(text)[1])
        shown[_KINDS.get(about.get("pipeline_tag", ""), "More")].append(_card(card, text, about))
    parts = [_INTRODUCTION]
    for title, entries in shown.items():
        if entries:
            parts.append(f'## {title}\n\n<div class="presets" markdown>\n\n' + "\n".join(entries) + "\n</div>\n")
    page = File.generated(config, _PAGE, content="\n".join(parts))
    page.dest_uri = "gallery.html"
    files.append(page)
    return files


def _card(path: Path, text: str, about: dict[str, Any]) -> str:
    name, description, model = _TITLE.search(text).groups()
    folder = "/".join(("..", *path.parent.parts[-4:]))
    figures = [f"{metric['name']} {metric['value']:.3g}" for metric in about["model-index"][0]["results"][0]["metrics"][:2]]
    lines = [
        '<div class="preset" markdown>\n',
        f"[![Samples of {name}]({folder}/samples.png){{ loading=lazy }}]({folder}/README.md)\n"
        if (path.parent / "samples.png").is_file()
        else _excerpt(path.parent / "samples.txt"),
        f"[**{name}**]({folder}/README.md)\n",
        f"{description}\n",
        f"Model [`{model}`](../zoo/{model}/README.md), {about['license']}. {', '.join(figures)}.",
        "{ .figures }\n",
        "</div>\n",
    ]
    return "\n".join(lines)


def _excerpt(samples: Path, lines: int = 14) -> str:
    """Returns the first samples of a text model, without their labels' numbers."""
    first = samples.read_text(encoding="utf-8").splitlines()[:lines]
    return '<pre class="samples">' + "\n".join(html.escape(line.rpartition("\t")[2]) for line in first) + "</pre>\n"
