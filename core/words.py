"""How messages suggest the nearest name."""

import difflib


def did_you_mean(name, known):
    """"; did you mean 'ReLU'?" where a known name is near, "" where none is."""
    folded = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    return f"; did you mean {folded[near[0]]!r}?" if near else ""
