"""How far something long is: told between its steps, and ended from there."""

from __future__ import annotations

from collections.abc import Callable

Tell = Callable[[int, int], object]  # (steps done, steps in all; 0 where nobody knows); what it raises ends the work


def quietly(done: int, in_all: int) -> None:
    """Tells nobody."""
