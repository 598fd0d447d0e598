"""Words that recordings are classes of."""

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def digit_of(name: str) -> int | None:
    """Return the digit that a class is called by, `"7"` or `"seven"`; None if it is called otherwise."""
    known = (*DIGITS, *map(str, range(10)))
    return known.index(name.lower()) % 10 if name.lower() in known else None
