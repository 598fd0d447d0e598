"""The files of the page, and a recording with all of them in one file."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).with_name("page")
_GALLERY = _FOLDER.parents[1] / "serving" / "gallery"
# What the page shares with the gallery.
_SHARED = ("dom.js", "icon.svg", "style.css")
_KINDS = {".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".svg": "image/svg+xml"}
_NOTEBOOKS = "'self' http://localhost:* http://127.0.0.1:* vscode-webview:"
# The page loads nothing from elsewhere. Notebooks on the same machine may show it in a cell.
PAGE_HEADERS = {
    "Content-Security-Policy": f"default-src 'self'; img-src 'self' data: blob:; frame-ancestors {_NOTEBOOKS}",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w.]+)";\n', re.MULTILINE)


@functools.cache
def files() -> dict[str, Path]:
    """Return the files of the page by name."""
    own = {path.name: path for path in _FOLDER.iterdir() if path.suffix in _KINDS}
    return {**{name: _GALLERY / name for name in _SHARED}, **own}


def page_file(name: str) -> tuple[bytes, str] | None:
    """Return the content and the kind of a file of the page; None if there is no such file."""
    path = files().get(name)
    return None if path is None else (path.read_bytes(), _KINDS[path.suffix])


def standalone(messages: list[dict[str, Any]] | dict[str, list[dict[str, Any]]]) -> str:
    """Return a page that replays a recording, or lessons, from a single file, without a server.

    Args:
        messages: Those of a `Recording`; or those of lessons by name.
    """
    page = _text("index.html")
    style = _text("style.css") + _text("lab.css")
    page = re.sub(r'<link rel="icon"[^>]*>\n|<img src="icon.svg"[^>]*>\n', "", page)
    page = re.sub(r'( *<link rel="stylesheet"[^>]*>\n)+', lambda _: f"<style>\n{style}</style>\n", page, count=1)
    # A script ends at the first "</script" in it, whatever the text means.
    data = json.dumps(messages, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
    scripts = f'<script type="application/json" id="recording">{data}</script>\n'
    scripts += f'<script type="module">\n{_bundle("main.js")}</script>\n'
    return re.sub(r' *<script type="module"[^>]*></script>\n', "", page).replace("</body>", f"{scripts}</body>")


def _text(name: str) -> str:
    return files()[name].read_text(encoding="utf-8")


def _bundle(name: str, done: set[str] | None = None) -> str:
    """Return a module after all that it imports, as one module; names at the top level of the page's modules are unique."""
    done = set() if done is None else done
    if name in done:
        return ""
    done.add(name)
    text = _text(name)
    needed = "".join(_bundle(each, done) for each in _IMPORT.findall(text))
    return needed + re.sub(r"^export ", "", _IMPORT.sub("", text), flags=re.MULTILINE)
