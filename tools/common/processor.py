"""What this machine's processor is called, and what it is made for."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

_INFORMATION = Path("/proc/cpuinfo")


def in_words() -> str:
    """Return the name of the processor and the number of cores available."""
    found = re.search(r"model name\s*: (.*)", _information())
    name = found[1] if found else platform.processor() or platform.machine()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} core{'s' if cores != 1 else ''} of {name}"


def multiplies_bfloat16() -> bool:
    """Whether the processor has units for products of bfloat16 matrices (Intel's AMX), as far as the system tells."""
    return re.search(r"\bamx_bf16\b", _information()) is not None


def _information() -> str:
    return _INFORMATION.read_text(encoding="utf-8") if _INFORMATION.is_file() else ""
