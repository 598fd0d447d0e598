"""Errors that help."""

import difflib


def no_such(kind: str, given: str, accepted: list[str]) -> str:
    """Returns an error message for a name that does not exist, with the nearest one that does."""
    near = difflib.get_close_matches(given, accepted, n=1, cutoff=0.5)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    return f"There is no {kind} '{given}'.{hint} There are: {', '.join(accepted) or 'none'}."
