"""Keeps flags of command lines in one piece: browsers would end a line after their hyphens."""

import re
from typing import Any

# Code without colours: that in sentences and tables, and blocks of command lines.
_CODE = re.compile(r"<code>([^<]*)</code>")
_FLAG = re.compile(r"(?<!\S)-\S{1,40}(?!\S)")


def on_page_content(html: str, **_: Any) -> str:
    """Returns a page with marks around flags. Longer ones are left: they would be wider than a phone."""
    return _CODE.sub(lambda code: f"<code>{_FLAG.sub(_marked, code[1])}</code>", html)


def _marked(flag: re.Match[str]) -> str:
    return f'<span class="flag">{flag[0]}</span>'
