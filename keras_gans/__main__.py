"""`python -m keras_gans` runs the command `keras-gans`, found through its entry point."""

import importlib.metadata
import sys


def main() -> None:
    """Run the command."""
    points = list(importlib.metadata.entry_points(group="console_scripts", name="keras-gans"))
    if not points:
        sys.exit("keras-gans is not installed: pip install keras-gans.")
    points[0].load()()


if __name__ == "__main__":
    main()
