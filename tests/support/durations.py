"""The table of durations in CONTRIBUTING.md, from the report of a run of all tests.

pytest --junitxml=report.xml; python -m tests.support.durations report.xml
"""

import collections
import sys
from xml.etree import ElementTree


def table(report):
    """Returns Markdown: for each folder of tests, the number of tests that ran, and their seconds with their fixtures."""
    counts, seconds = collections.Counter(), collections.Counter()
    for case in ElementTree.parse(report).iter("testcase"):
        parts = case.get("classname").split(".")
        folder = "/".join(parts[1 : 3 if parts[1] == "keras_gans" else 2] if len(parts) > 2 else ["*"])
        if parts[-1] == folder.rpartition("/")[2]:
            folder = folder.rpartition("/")[0] + "/*"
        counts[folder] += case.find("skipped") is None
        seconds[folder] += float(case.get("time"))
    rows = [f"| `tests/{folder}` | {counts[folder]} | {total:.0f} |" for folder, total in seconds.most_common()]
    return "\n".join(["| folder | tests | seconds |", "|---|--:|--:|", *rows])


if __name__ == "__main__":
    print(table(sys.argv[1]))
