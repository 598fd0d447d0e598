"""The prose of the project: terms and turns of phrase that CONTRIBUTING.md rules out."""

import ast
import io
import re
import subprocess
import tokenize

import pytest

from tests.conftest import ROOT

# Turn of phrase -> what to write instead.
WORSE = {
    r"(?:^|[.:!?] |\"\"\")Of (?!course\b)": "start with the subject: 'Adam learning rate', not 'Of Adam'",
    r"\bmanieth\b": "every n-th",
    r"\b(?:a )?models? that writes?\b|\bwriting models?\b": "text model",
    r"\bsuch as (?:it|they|he|she)?\b ?(?:has|have|is|are|do|does) no": "that it does not have",
    r"\bwhat there is\b|\bthat there is\b|\ball there is\b": "what is available",
    r"\bwhoever\b|\bwhomever\b": "name the subject: users, a caller, the process",
    r"\bverdicts?\b": "score",
    r"\b(?:is|are|was|were) had\b|\bto be had\b": "comes from, is available",
    r"\bthe game\b|\bgame stands\b": "adversarial training",
    r"\bplayers?\b(?!')": "network, generator, discriminator",
    r"\bjudges?\b|\bjudged\b|\bjudging\b": "score, discriminator",
    r"\b(?:ha(?:s|ve)|do|does) (?:not|none) (?:a|an|any|the|of)\b": "does not have",
    r"(?<![Tt]here )\b(?:is|are) no (?!longer|more|less|fewer|need|such|worse|better|later|earlier|one\b)": "is not a",
    r"\bis drawn to\b|\bare drawn to\b": "is pulled towards",
    r"\bby and by\b|\bnow and then\b|\bas it were\b": "sometimes, gradually",
    r"\bfor want of\b|\bof its own accord\b": "drop it",
    r"\bbe it\b|\bsave for\b|\bwherefore\b|\bthereby\b|\bwherein\b|\bwhereof\b": "plain words",
}


_TRANSCRIPT = re.compile(r"^```text\n.*?^```$", re.MULTILINE | re.DOTALL)


def _prose(path):
    """The lines of a file that people read, numbered: comments and string literals of code, all of a page."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # What a text model wrote is indented in its card, or a block of text in a page, and its own.
        written = "    " if path.parent.parent.name == "presets" else "\n"
        blocks = [(text.count("\n", 0, block.start()), block[0].count("\n")) for block in _TRANSCRIPT.finditer(text)]
        theirs = {number for first, count in blocks for number in range(first + 1, first + count + 2)}
        lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if not line.startswith(written)]
        return [(number, line) for number, line in lines if number not in theirs]
    lines = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (
            tokenize.COMMENT,
            tokenize.STRING,
            tokenize.FSTRING_MIDDLE if hasattr(tokenize, "FSTRING_MIDDLE") else -1,
        ):
            lines += [(token.start[0] + number, line) for number, line in enumerate(token.string.splitlines())]
    return lines


def _pages():
    listed = subprocess.run(
        ["git", "ls-files", "*.py", "*.md", "*.toml", "*.jinja", "*.cfg"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    if not listed:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed if name != "tests/test_english.py" and not name.startswith(".")]


def test_prose_is_plain_english():
    worse = re.compile("|".join(f"(?:{pattern})" for pattern in WORSE))
    lines = [(path, number, line.strip()) for path in _pages() for number, line in _prose(path)]
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line}\n  write instead: {instead}"
        for path, number, line in lines
        if worse.search(line)
        for pattern, instead in WORSE.items()
        if re.search(pattern, line)
    ]
    assert not found, "\n".join(found)


def test_docstrings_of_functions_say_what_to_do_in_the_imperative():
    """Or are noun phrases: "Return the mean", not "Returns the mean"."""
    verbs = "Add|Appli|Build|Check|Compile|Compute|Copie|Count|Create|Draw|End|Give|Let|Load|Make|Map|Measure|Raise|Read"
    third = re.compile(f"(?:{verbs}|Remove|Return|Run|Save|Start|Stop|Take|Tell|Train|Wait|Warn|Write|Yield)e?s\\b")
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {summary}"
        for path in _pages()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in ("keras_gans", "tools", "zoo")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and third.match(summary := (ast.get_docstring(node) or "").partition("\n")[0])
    ]
    assert wrong == []
